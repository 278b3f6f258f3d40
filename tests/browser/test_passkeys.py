"""Passkeys, with the browser's own authenticator: adding one, signing in with it, proving again who it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from tests.browser.conftest import Visit
from tests.browser.served import Served
from tests.console.visitors import PASSWORD, somebody

PASSKEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named(console: Served) -> Served:
    """The console by its name: passkeys belong to a name, never to a number."""
    return replace(console, url=console.url.replace("127.0.0.1", "localhost"))


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Give a browser an authenticator like that of a laptop."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEY})
    return session, made["authenticatorId"]


def signed_in(page: Page, user: User) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def add_passkey(page: Page, name: str) -> None:
    """Who it is is proved first, then the browser makes a key."""
    page.goto("/account/2fa/webauthn/add/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prove once more who you are.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page).to_have_url(re.compile("/account/2fa/recovery-codes/"))


def signed_out(page: Page) -> None:
    page.locator("details.who > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_passkey_is_added_and_signs_in_alone(named: Served, visit: Visit) -> None:
    user = somebody(Role.DPO)
    page = visit(named)
    session, authenticator = with_authenticator(page)
    signed_in(page, user)
    add_passkey(page, "Laptop")
    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.WEBAUTHN)
    held = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    [credential] = held["credentials"]
    assert credential["rpId"] == "localhost"
    assert "privateKey" not in str(kept.data)

    signed_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{named.url}/")
    expect(page.locator("details.who")).to_contain_text("Ada")


def test_a_passkey_that_was_removed_signs_nobody_in(named: Served, visit: Visit) -> None:
    user = somebody(Role.DPO)
    page = visit(named)
    with_authenticator(page)
    signed_in(page, user)
    add_passkey(page, "Laptop")
    assert Authenticator.objects.filter(user=user).exists()
    signed_out(page)
    Authenticator.objects.filter(user=user).delete()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
