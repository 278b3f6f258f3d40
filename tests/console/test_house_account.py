"""Signing in with the house's own account: a real console before a real OpenID Connect provider."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from fadeout.accounts import operations
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from tests import support
from tests.console.served import free_port, served
from tests.console.visitors import somebody
from tests.worker.workers import told

REFUSED = "Nobody was added here with that account."
USERS = (
    {"sub": "ada-1", "email": "ADA@example.org", "email_verified": True},
    {"sub": "stranger-2", "email": "stranger@example.org", "email_verified": True},
    {"sub": "unverified-3", "email": "bo@example.org", "email_verified": False},
    {"sub": "silent-4", "email": "bo@example.org"},
)


@contextmanager
def provider(port: int) -> Iterator[str]:
    """The house's identity provider, which knows these users."""
    claims = [part for user in USERS for part in ("--user-claims", json.dumps(user))]
    address = f"http://localhost:{port}"
    process = subprocess.Popen(
        [
            sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--host", "localhost",
            "--port", str(port), "--require-registration", "true", *claims,
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        give_up = time.monotonic() + 60
        while not _answers(f"{address}/.well-known/openid-configuration"):
            assert process.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


class House:
    """A console with its provider, and the two who were added."""

    ada: User
    bo: User

    def __init__(self, address: str, log: Path) -> None:
        self.address = address
        self.log = log

    def asked(self) -> tuple[requests.Session, requests.Response]:
        """A browser that was sent to the provider, and what that one asks."""
        browser = requests.Session()
        browser.get(f"{self.address}/account/login/", timeout=60)
        place = reverse("openid_connect_login", args=["house"])
        token = browser.cookies["csrftoken"]
        typed = {"csrfmiddlewaretoken": token}
        return browser, browser.post(f"{self.address}{place}", typed, timeout=60)

    def signed_in(self, sub: str) -> requests.Response:
        """Where somebody gets to whom the provider knows as this."""
        browser, asks = self.asked()
        assert "Authorize Client" in asks.text
        return browser.post(asks.url, {"sub": sub}, timeout=60)


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[House]:
    support.founded()
    ada, bo = somebody(Role.DPO), somebody(Role.ADMINISTRATOR, name="Bo")
    port, provider_port = free_port(), free_port()
    log = tmp_path / "console.log"
    with provider(provider_port) as at:
        back = f"http://localhost:{port}{reverse('openid_connect_callback', args=['house'])}"
        asks = {"redirect_uris": [back], "token_endpoint_auth_method": "client_secret_post"}
        client = requests.post(f"{at}/oauth2/clients", json=asks, timeout=60)
        settings = {
            "FADEOUT_OIDC_URL": at,
            "FADEOUT_OIDC_CLIENT_ID": client.json()["client_id"],
            "FADEOUT_OIDC_CLIENT_SECRET": client.json()["client_secret"],
        }
        with served(log, environment=settings, port=port) as address:
            found = House(address, log)
            found.ada, found.bo = ada, bo
            yield found


def test_whoever_was_added_gets_in_and_nobody_else(house: House) -> None:
    page = house.signed_in("ada-1")
    assert (page.status_code, page.url) == (200, f"{house.address}/")
    assert "Ada" in page.text
    assert SocialAccount.objects.get().user_id == house.ada.pk

    for sub in ("stranger-2", "unverified-3", "silent-4"):
        refused = house.signed_in(sub)
        assert REFUSED in refused.text, sub
        assert "Bo" not in refused.text
    assert SocialAccount.objects.count() == 1
    assert User.objects.count() == 2

    assert house.signed_in("ada-1").url == f"{house.address}/"  # again, by the account itself
    operations.let_go(user=house.ada, by=house.bo.operator, now=support.NOW)
    assert REFUSED in house.signed_in("ada-1").text
    assert not SocialAccount.objects.exists()

    routes = [line["route"] for line in told(house.log) if line["event"] == "request"]
    assert routes.count("openid_connect_callback") == 6
    said = house.log.read_text().lower()
    assert "example.org" not in said
    assert "code=" not in said


def test_whoever_has_to_prove_who_they_are_is_asked_there_anew(house: House) -> None:
    """Not let in again without a word, since they are signed in at the provider."""
    browser, _ = house.asked()
    place = f"{house.address}{reverse('openid_connect_login', args=['house'])}"
    typed = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "next": "/plans/"}
    asked = browser.post(
        f"{place}?auth_params=prompt%3Dlogin", typed, timeout=60, allow_redirects=False
    )
    assert "prompt=login" in asked.headers["Location"]


def test_whoever_thinks_better_of_it_is_not_signed_in(house: House) -> None:
    browser, asks = house.asked()
    page = browser.post(asks.url, {"action": "deny"}, timeout=60)
    assert "could not be asked" in page.text
    [line] = [line for line in told(house.log) if line.get("action", "").startswith("oidc_")]
    assert (line["level"], line["logger"]) == ("warning", "fadeout.accounts.adapters")
    assert browser.get(f"{house.address}/", timeout=60).url.startswith(
        f"{house.address}/account/login/"
    )


def test_a_provider_that_does_not_answer_is_told(database: str, tmp_path: Path) -> None:
    support.founded()
    settings = {
        "FADEOUT_OIDC_URL": f"http://localhost:{free_port()}",
        "FADEOUT_OIDC_CLIENT_ID": "fadeout",
        "FADEOUT_OIDC_CLIENT_SECRET": "secret",
    }
    with served(tmp_path / "console.log", environment=settings) as address:
        _, page = House(address, tmp_path / "console.log").asked()
    assert "could not be asked" in page.text
    assert page.status_code == 502
