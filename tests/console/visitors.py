"""Browsers of somebody who is signed in, without a browser."""

from __future__ import annotations

from django.test import Client

from fadeout.accounts import operations
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from tests import support

PASSWORD = "curtain-at-eight-sharp"


def somebody(role: Role, name: str = "Ada", language: str | None = None) -> User:
    """An operator of this role who can sign in."""
    return operations.add(
        name=name, email=f"{name.lower()}@example.org", role=role, language=language,
        password=PASSWORD, by=None, now=support.NOW,
    )  # fmt: skip


def visitor(**headers: str) -> Client:
    """A browser that nobody has signed in with."""
    return Client(SERVER_NAME="localhost", headers=headers)


def signed_in(user: User) -> Client:
    """A browser in which this user has just signed in, through the page."""
    client = visitor()
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def proven(client: Client) -> Client:
    """The same browser, after its user has just proved who they are, as is asked before the last step."""
    answer = client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def proved(user: User) -> Client:
    """A browser in which this user has signed in and proved once more who they are."""
    return proven(signed_in(user))
