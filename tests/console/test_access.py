"""Every route, for every role: what a page asks for is what the matrix says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, include, path

from fadeout.accounts.models import User
from fadeout.accounts.permissions import MATRIX, PERMISSION_NAMES, ROLE_NAMES, Permission, Role
from fadeout.console.frame.access import needs
from fadeout.worker import jobs
from tests import support
from tests.console import examples
from tests.console.visitors import PASSWORD, signed_in, somebody, visitor

#: Open to whoever is signed in, whatever their role, or to everybody.
OPEN = {
    "permissions", "preferences", "set_language", "health", "metrics",
    "tracked_link", "unsubscribe", "own_preferences", "own_stay", "own_forget", "stay_of_anybody",
    "subscribe", "confirm", "brand_stylesheet", "public_logo",
}  # fmt: skip
#: Shown; elsewhere by now; to be sent only; not to be had of this one.
ANSWERS = (200, 302, 405, 409)


def routes(patterns: Any = None, under: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns or get_resolver().url_patterns:
        place = under + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, place)
        else:
            yield place, pattern


def test_every_route_asks_for_a_permission_or_is_known_to_be_open() -> None:
    asked = {pattern.name: getattr(pattern.callback, "permission", None) for _, pattern in routes()}
    assert asked["today"] is Permission.SEE_TODAY
    forgotten = {
        pattern.name
        for place, pattern in routes()
        if not hasattr(pattern.callback, "permission") and not place.startswith("account/")
    }
    assert forgotten == OPEN


@pytest.mark.parametrize("role", Role)
def test_every_route_lets_in_whom_the_matrix_says(
    role: Role, database: str, tmp_path: Path
) -> None:
    """Whoever is let in gets an answer; what is only sent, or is about nothing, gets another than 403."""
    house = examples.furnished(tmp_path)
    client = signed_in(somebody(role, name="Zoe"))
    tried, found = 0, 0
    for place, pattern in routes():
        permission = getattr(pattern.callback, "permission", None)
        if permission is None:
            continue
        tried += 1
        address = examples.address(place, str(pattern.name), house)
        with closing(client.get(address)) as answer:
            status = answer.status_code
        if role in MATRIX[permission]:
            assert status in ANSWERS, place
        else:
            assert (status, client.post(address).status_code) == (403, 403), place
        found += status == 200
    assert tried
    assert found


APP = {
    "provider_id": "house", "name": "House", "client_id": "x", "secret": "y",
    "settings": {"server_url": "https://id.example.org"},
}  # fmt: skip


def act(_: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [
    path("approve/", needs(Permission.APPROVE, irreversible=True)(act)),
    path("", include("fadeout.console.urls")),
]


@pytest.mark.parametrize("role", Role)
def test_a_role_without_the_permission_is_refused(role: Role, database: str) -> None:
    support.founded()
    client = signed_in(somebody(role))
    with override_settings(ROOT_URLCONF=__name__):
        answer = client.get("/approve/")
    assert answer.status_code == (200 if role in MATRIX[Permission.APPROVE] else 403)
    assert (b"Your role does not let you do this" in answer.content) == (answer.status_code == 403)


def test_what_cannot_be_undone_asks_again_who_it_is(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.DPO))
    with override_settings(ROOT_URLCONF=__name__):
        assert client.get("/approve/").content == b"done"  # looking is free
        asked = client.post("/approve/")
        again = "/account/reauthenticate/"
        assert (asked.status_code, asked["Location"].split("?")[0]) == (302, again)
        wrong = client.post(f"{again}?next=/approve/", {"password": "no"})
        assert (wrong.status_code, wrong.content == b"done") == (200, False)
        assert b"Nothing was done yet: what you sent is kept" in wrong.content
        elsewhere = client.get(f"{again}?next=/permissions/")
        assert (elsewhere.status_code, b"is kept" in elsewhere.content) == (200, False)
        right = client.post(f"{again}?next=/approve/", {"password": PASSWORD})
        assert right.content == b"done"  # what was sent is done, once it is known who sent it
        assert client.post("/approve/").content == b"done"
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 301
        session.save()
        assert client.post("/approve/").status_code == 302


def by_the_house_account(user: User, seconds_ago: float) -> Client:
    """A browser of somebody without a password here, whom the house's account let in so long ago."""
    user.set_unusable_password()
    user.save()
    client = visitor()
    client.force_login(user)
    session = client.session
    came_in = {"method": "socialaccount", "at": time.time() - seconds_ago}
    session["account_authentication_methods"] = [came_in]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def test_whom_the_house_account_lets_in_proves_it_there(database: str) -> None:
    support.founded()
    user = somebody(Role.ADMINISTRATOR)
    places = ["/approve/", "/account/password/set/", "/account/2fa/totp/activate/"]
    page = {"Referer": "http://localhost/plans/1/approve/"}
    with override_settings(ROOT_URLCONF=__name__):
        late = by_the_house_account(user, seconds_ago=301)
        assert late.get("/approve/").content == b"done"  # looking is free
        for place in places:
            answer = late.post(place, headers=page)
            assert answer.status_code == 403, place
            asked = answer.content.decode()
            assert "neither a password nor a passkey" in asked
            assert 'href="/plans/1/approve/"' in asked
        with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [APP]}}):
            asked = late.post("/approve/", headers=page).content.decode()
        assert 'action="/account/house/oidc/house/login/?auth_params=prompt%3Dlogin"' in asked
        assert 'name="next" value="/plans/1/approve/"' in asked
        lately = by_the_house_account(user, seconds_ago=200)
        assert lately.post("/approve/").content == b"done"
        assert [lately.get(place).status_code for place in places] == [200, 200, 200]


def test_whoever_is_not_signed_in_is_sent_to_the_door(database: str) -> None:
    support.founded()
    answer = visitor().get("/permissions/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/permissions/")


def test_what_was_sent_after_a_session_had_ended_was_not_done_and_that_is_told(
    database: str,
) -> None:
    """Whoever signs in then comes back to the page with the button, not to where the button sends."""
    support.founded()
    user = somebody(Role.MARKETER)
    client, page = visitor(), "http://localhost/plans/?below=9"
    for referer, back in ((page, "/plans/?below=9"), ("http://example.org/x", "/today/simulate/")):
        answer = client.post("/today/simulate/", headers={"Referer": referer})
        assert answer.status_code == 302
        door = client.get(answer["Location"])
        assert "what you sent was not done" in door.content.decode()
        typed = {"login": user.email, "password": PASSWORD}
        assert client.post(answer["Location"], typed)["Location"] == back
        client.post("/account/logout/")
    assert not jobs.is_simulating()


def test_the_address_of_a_button_is_explained_to_whoever_opens_it(database: str) -> None:
    support.founded()
    answer = signed_in(somebody(Role.MARKETER)).get("/today/simulate/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "the address of a button" in answer.content.decode()


@pytest.mark.parametrize("is_part", [True, False])
def test_a_session_that_lasted_too_long_leads_to_the_door_and_back(
    is_part: bool, database: str
) -> None:
    """A part of a page that asks for itself is no place for the door."""
    support.founded()
    client = signed_in(somebody(Role.MARKETER))
    session = client.session
    session["began_at"] = int(time.time()) - 13 * 3600
    session.save()
    headers = {"HX-Request": "true"} if is_part else {}
    answer = client.get("/plans/being-made/", headers=headers)
    if is_part:
        assert (answer.status_code, answer["HX-Refresh"], answer.content) == (200, "true", b"")
    else:
        door = "/account/login/?next=/plans/being-made/"
        assert (answer.status_code, answer["Location"]) == (302, door)
    assert "signed in for half a day" in client.get("/account/login/").content.decode()


@override_settings(MFA_IS_REQUIRED=True)
def test_a_part_of_a_page_is_no_place_to_set_up_a_second_factor(database: str) -> None:
    support.founded()
    part = {"HX-Request": "true"}
    answer = signed_in(somebody(Role.MARKETER)).get("/plans/being-made/", headers=part)
    assert (answer.status_code, answer["HX-Refresh"], answer.content) == (200, "true", b"")


def test_the_matrix_is_shown_as_it_is(database: str) -> None:
    support.founded()
    page = signed_in(somebody(Role.MARKETER)).get("/permissions/").content.decode()
    assert all(str(name) in page for name in PERMISSION_NAMES.values())
    assert all(str(name) in page for name in ROLE_NAMES.values())
    assert page.count('class="lamp"') == sum(len(roles) for roles in MATRIX.values())
    assert set(MATRIX) == set(Permission)
