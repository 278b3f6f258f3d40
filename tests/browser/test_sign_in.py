"""Signing in, looking around and leaving, in the browser."""

from __future__ import annotations

from playwright.sync_api import expect

from fadeout.accounts.permissions import Role
from tests.browser.conftest import Visit
from tests.browser.served import Served
from tests.console.visitors import PASSWORD, somebody


def test_somebody_signs_in_and_out(console: Served, visit: Visit) -> None:
    user = somebody(Role.OPERATOR)
    page = visit(console)
    page.goto("/permissions/")
    expect(page).to_have_url(f"{console.url}/account/login/?next=/permissions/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{console.url}/permissions/")
    page.get_by_text("Ada").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
