"""The contact sheet: who, until when and why, all that is on file, and what each role may press."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fadeout.accounts.permissions import Role
from fadeout.recency import sheets
from tests import support
from tests.console.contacts import house
from tests.console.visitors import signed_in, somebody
from tests.model.house import Click, at
from tests.plans.house import contact
from tests.plans.house import house as made


@pytest.fixture
def client(database: str, tmp_path: Path) -> Client:
    house.imported(tmp_path / "in")
    return signed_in(somebody(Role.OPERATOR))


def sheet(client: Client, number: str) -> str:
    answer = client.get(house.at_contact(number))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_everything_on_file_is_there(client: Client) -> None:
    page = sheet(client, "R")
    for told in (
        "Rosa Roth", "contact R · relay", "Rue du Lac 1<br>1204 Genève<br>Switzerland", "6 May 1980",
        "rosa@example.org", "speaks softly",
        "<dt>Orders at</dt><dd>Opera</dd>", "Lycée Voltaire", "Anna Müller", ">guide<",
        "rang &lt;b&gt;twice&lt;/b&gt;", "through 1 January 2027", "Law",
        "Agreed to: “Shall we write?”", "<strong>opera</strong>", "Opera owes it 1,234.50 CHF.",
        "Legal hold “court”, through 1 January 2027.", "It has the role “guide”.",
        "A program clicked, such as a mail scanner.", "It was cancelled, so the day of the order counts.",
        "No authorisation was yes after the change.", "beneficiary", "7.50 CHF",
    ):  # fmt: skip
        assert told in page, told
    assert page.count('<li class="latest">') == 1
    assert page.count('<li class="does-not-count">') == 3  # the click, the refusal, the creation


def test_the_title_and_the_address_name_nobody(client: Client) -> None:
    page = sheet(client, "R")
    title = page.split("<title>")[1].split("</title>")[0]
    assert title == "Contact · Fadeout"
    assert "style=" not in page


def test_until_when_and_why(client: Client) -> None:
    assert (
        "<h1>Stays until 3 March 2029, because of a reservation made on 3 March 2026.</h1>"
        in sheet(client, "1001")
    )
    due = sheet(client, "1002")
    assert "the next run would anonymise it.</h1>" in due
    assert "It was last active on 3 February 2015, by a sale." in due
    assert "but stays: it is a structure.</h1>" in sheet(client, "2001")


def test_buttons_follow_permissions(client: Client) -> None:
    marks = {
        Role.OPERATOR: (True, False, False),
        Role.DPO: (True, True, True),
        Role.ADMINISTRATOR: (True, True, True),
        Role.SUPPORT: (False, False, False),
    }
    for role, expected in marks.items():
        page = sheet(signed_in(somebody(role, name=f"x{role}")), "R")
        links = ("authorisations/", "holds/", "forget/")
        assert tuple(f'{link}"' in page for link in links) == expected, role
    marketer = signed_in(somebody(Role.MARKETER, name="Mo"))
    assert marketer.get(house.at_contact("R")).status_code == 403
    assert 'href="/contacts/"' not in marketer.get("/").content.decode()


def test_an_unknown_contact_is_answered_like_one_who_is_gone(client: Client) -> None:
    answer = client.get("/contacts/00000000-0000-4000-8000-000000000000/")
    assert answer.status_code == 404
    assert "This contact is not on file." in answer.content.decode()
    assert client.get("/contacts/1001/").status_code == 404


def test_a_contact_without_anything(database: str, tmp_path: Path) -> None:
    support.imported(made(contact("bare")), tmp_path / "in")
    page = sheet(signed_in(somebody(Role.DPO)), "bare")
    assert "the next run would delete it.</h1>" in page
    assert "It was created on 3 February 2001 and has never been active." in page
    assert "There is no activity, so the day of the creation counts." in page
    assert page.count(">None.<") == 4
    assert "Never asked, so nothing is allowed." in page


def test_long_time_lines_are_folded_and_counted(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicks = (
        Click(click_number=str(n), contact_number="busy", link=f"link {n}",
              clicked_at=at(f"2025-01-01T10:{n:02}Z"))
        for n in range(40)
    )  # fmt: skip
    support.imported(made(contact("busy", last_name="W" * 200), *clicks), tmp_path / "in")
    client = signed_in(somebody(Role.DPO))
    page = sheet(client, "busy")
    assert "29 earlier ones" in page
    assert page.count("click on a tracked link") + page.count("Click on a tracked link") == 40
    monkeypatch.setattr(sheets, "MOST_ACTIVITIES", 20)
    page = sheet(client, "busy")
    assert "21 still earlier ones are on file and not shown." in page


def test_a_sheet_asks_a_fixed_number_of_queries(client: Client) -> None:
    address = house.at_contact("R")
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    plain = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET LOCAL", "SELECT set_config")
    reading = [q for q in caught.captured_queries if not q["sql"].startswith(plain)]
    assert len(reading) == 23, [q["sql"][:90] for q in reading]
