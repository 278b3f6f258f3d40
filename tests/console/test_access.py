"""Every route, for every role: what a page asks for is what the matrix says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, include, path

from fadeout.accounts.permissions import MATRIX, PERMISSION_NAMES, ROLE_NAMES, Permission, Role
from fadeout.console.frame.access import needs
from tests import support
from tests.console import examples
from tests.console.visitors import PASSWORD, signed_in, somebody, visitor

#: Open to whoever is signed in, whatever their role, or to everybody.
OPEN = {"permissions", "preferences", "set_language", "health", "metrics"}
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
        assert (wrong.status_code, b"done" in wrong.content) == (200, False)
        right = client.post(f"{again}?next=/approve/", {"password": PASSWORD})
        assert right.content == b"done"  # what was sent is done, once it is known who sent it
        assert client.post("/approve/").content == b"done"
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 301
        session.save()
        assert client.post("/approve/").status_code == 302


def test_whoever_is_not_signed_in_is_sent_to_the_door(database: str) -> None:
    support.founded()
    answer = visitor().get("/permissions/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/permissions/")


def test_the_matrix_is_shown_as_it_is(database: str) -> None:
    support.founded()
    page = signed_in(somebody(Role.MARKETER)).get("/permissions/").content.decode()
    assert all(str(name) in page for name in PERMISSION_NAMES.values())
    assert all(str(name) in page for name in ROLE_NAMES.values())
    assert page.count('class="lamp"') == sum(len(roles) for roles in MATRIX.values())
    assert set(MATRIX) == set(Permission)
