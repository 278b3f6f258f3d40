"""Pages of tracked links: built, listed, had as a QR code, retired and let lead on again."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from PIL import Image

from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.core import clock
from fadeout.links import operations, queries
from fadeout.links.models import TrackedLink
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.links.house import BY_A_SCANNER, BY_HAND, line, opened

TYPED = {"name": "Poster", "destination": "https://www.example.org/season?x=1"}


@pytest.fixture
def mia(database: str) -> User:
    support.founded()
    return somebody(Role.MARKETER, name="Mia")


def page(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def made(user: User, name: str = "Poster") -> TrackedLink:
    return operations.add(
        name=name, destination="https://www.example.org/", by=user.operator, now=clock.now()
    )


def test_a_link_is_built_with_what_its_site_counts_by(mia: User) -> None:
    client = signed_in(mia)
    assert "There are no tracked links yet" in page(client.get("/audience/links/"))
    typed = TYPED | {"utm_source": "foyer & bar", "utm_medium": "poster"}
    shown = client.post("/audience/links/new/", typed | {"show": "1"})
    leads_to = "https://www.example.org/season?x=1&utm_source=foyer%20%26%20bar&utm_medium=poster"
    assert leads_to.replace("&", "&amp;") in page(shown)
    assert not TrackedLink.objects.exists()
    answer = client.post("/audience/links/new/", typed)
    link = TrackedLink.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/audience/links/{link.code}/")
    assert (link.destination, link.created_by) == (leads_to, mia.operator)
    told = page(client.get(answer["Location"]))
    for said in (
        f"http://localhost/r/{link.code}",
        "Nobody opened it in these days",
        "FADEOUT_URL",
        "Mia",
    ):
        assert said in told
    with override_settings(PUBLIC_URL="https://tickets.example.org"):
        told = page(client.get(answer["Location"]))
    assert f"https://tickets.example.org/r/{link.code}" in told
    assert "FADEOUT_URL" not in told


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"destination": "javascript:alert(1)"}, "it begins with https://"),
        ({"destination": "https://a:b@www.example.org/"}, "a user name or a password"),
        ({"destination": "https://"}, "That is not an address."),
        ({"destination": ""}, "This field is required."),
        ({"name": "Flyer"}, "There is a link of this name already."),
        ({"name": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(typed: dict[str, str], said: str, mia: User) -> None:
    made(mia, "Flyer")
    answer = signed_in(mia).post("/audience/links/new/", TYPED | typed)
    assert answer.status_code == 422
    assert said in page(answer)
    assert 'aria-invalid="true"' in page(answer)
    assert TrackedLink.objects.count() == 1


def test_clicks_are_counted_apart_and_shown_by_day(mia: User, database: str) -> None:
    link, now = made(mia), clock.now()
    with line(database) as web:
        for asked, days in ((BY_HAND, 0), (BY_HAND, 3), (BY_A_SCANNER, 3), (BY_HAND, 50)):
            opened(web, link.code, asked, now - timedelta(days=days))
    client = signed_in(mia)
    told = page(client.get(f"/audience/links/{link.code}/"))
    assert "“Poster” was opened by people 3 times." in told
    assert told.count("<tr>") == 32  # thirty days, head and sum
    assert "Clicks by day" in told
    assert '<td data-label="By people" class="number"><div>3</div></td>' in page(
        client.get("/audience/links/")
    )


def test_the_list_asks_as_often_for_many_as_for_one(mia: User) -> None:
    client = signed_in(mia)
    made(mia)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/audience/links/")
        return len(captured)

    once = asked()
    for n in range(5):
        made(mia, f"Link {n}")
    assert asked() == once


def test_the_code_of_an_address_is_had_for_print_and_as_a_picture(mia: User) -> None:
    link = made(mia)
    client = signed_in(mia)
    svg = client.get(f"/audience/links/{link.code}/qr.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg["Content-Disposition"] == f'attachment; filename="link-{link.code}.svg"'
    assert ET.fromstring(svg.content).tag.endswith("svg")  # noqa: S314 - our own
    png = client.get(f"/audience/links/{link.code}/qr.png")
    assert png["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(png.content))
    assert picture.width == picture.height > 600
    assert client.get(f"/audience/links/{link.code}/qr.exe").status_code == 404
    assert client.get("/audience/links/22222222/").status_code == 404
    assert b"style=" not in client.get(f"/audience/links/{link.code}/").content


def test_a_link_is_retired_and_leads_on_again(mia: User) -> None:
    link = made(mia)
    client, place = signed_in(mia), f"/audience/links/{link.code}/"

    def sent(what: str) -> str:
        return page(client.post(f"{place}{what}/", follow=True))

    assert "Retire this link?" in page(client.get(f"{place}retire/"))
    assert "leads nowhere any more" in sent("retire")
    assert "The link was retired already." in sent("retire")
    assert client.get(f"{place}retire/")["Location"] == place
    assert "retired" in page(client.get("/audience/links/"))
    assert "The link leads on again." in sent("restore")
    assert "The link leads on already." in sent("restore")
    assert queries.by_code(link.code).retired_at is None
    watching: Client = signed_in(somebody(Role.DPO, name="Dora"))
    assert "Retire the link" not in page(watching.get(place))
    assert "Make a link" not in page(watching.get("/audience/links/"))
