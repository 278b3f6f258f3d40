"""The page of the ledger tells what was done, and whether the record of it holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from fadeout.accounts import operations as accounts
from fadeout.accounts.permissions import Role
from fadeout.console import urls
from fadeout.console.ledger import words
from fadeout.ledger import operations, queries
from fadeout.ledger.models import Entry, Kind
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.ledger.book import add, printed, some, tamper
from tests.residue.house import house


@pytest.fixture
def officer(database: str) -> Client:
    support.founded()
    return signed_in(somebody(Role.DPO, name="Olga"))


def numbers(client: Client, address: str) -> list[int]:
    page = client.get(address)
    assert page.status_code == 200
    return [int(found) for found in re.findall(r'id="entry-(\d+)"', page.content.decode())]


def test_what_was_done_is_told_in_words(officer: Client, tmp_path: Path) -> None:
    support.imported(house(), tmp_path / "in")
    run = support.run(support.approved(support.simulated()))
    page = officer.get("/ledger/").content.decode()
    for sentence in (
        "The house was founded.",
        "Version 2 of the policy holds from here on.",
        "Plan 1 was simulated.",
        "Plan 1 was approved.",
        "Run 1 of plan 1 began, or went on.",
        "A key of the vault was made.",
        "Run 1 ended.",
        "Somebody&#x27;s role was set.",
    ):
        assert sentence in page, sentence
    assert "does not hold what was once written" not in page
    assert re.search(r"<dt>Deleted</dt>\s*<dd>1</dd>", page)
    assert "data protection officer" in page
    last = queries.latest()
    assert last is not None
    assert str(printed(last)) in page
    assert run.state == "done"
    assert "Strasser" not in page


def nowhere(_: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(number)


urlpatterns = [  # of routes of one name the last one counts
    *urls.urlpatterns,
    path("to/plan/<int:number>/", nowhere, name="plan"),
    path("to/run/<int:number>/", nowhere, name="run"),
    path("to/certificate/<int:number>/", nowhere, name="certificate"),
]


def test_entries_lead_to_their_plan_their_run_and_its_certificate(officer: Client) -> None:
    facts = {"run": 7, "plan": 5}
    add(Kind.RUN_STARTED, **facts)
    add(Kind.RUN_ENDED, **facts)
    add(Kind.APPROVAL, plan="../elsewhere")
    with override_settings(ROOT_URLCONF=__name__):
        page = officer.get("/ledger/").content.decode()
    assert page.count('href="/to/plan/5/"') == page.count('href="/to/run/7/"') == 2
    assert page.count('href="/to/certificate/7/"') == 1
    assert "elsewhere" not in page


def test_every_kind_of_entry_has_a_name_and_a_sentence() -> None:
    assert set(words.KINDS) == set(Kind) == set(words._TELLERS)


def test_what_was_typed_is_shown_until_it_is_emptied(officer: Client) -> None:
    recovery = add(Kind.RECOVERY, texts={"reason": "court order <b>12</b>"})
    page = officer.get("/ledger/").content.decode()
    assert "court order &lt;b&gt;12&lt;/b&gt;" in page
    operations.empty_texts(entries=[recovery.number], by=support.operator(), now=support.NOW)
    page = officer.get("/ledger/").content.decode()
    assert "court order" not in page
    assert "What was typed here was emptied." in page
    assert "What people had typed was emptied." in page


def test_who_left_has_no_name(officer: Client) -> None:
    leaving = somebody(Role.ADMINISTRATOR, name="Leopold")
    boss = somebody(Role.ADMINISTRATOR, name="Bo")
    add(Kind.RECOVERY)
    assert "Leopold" in officer.get("/ledger/").content.decode()
    accounts.let_go(user=leaving, by=boss.operator, now=support.NOW)
    page = officer.get("/ledger/").content.decode()
    assert "Leopold" not in page
    assert "operator who left" in page


def test_pages_follow_one_another_without_a_gap(officer: Client) -> None:
    made = some(120)
    seen: list[int] = []
    address = "/ledger/"
    while address:
        seen += numbers(officer, address)
        older = re.search(r'href="([^"]+)" rel="next"', officer.get(address).content.decode())
        address = f"/ledger/{older[1]}".replace("&amp;", "&") if older else ""
    assert seen == list(range(made[-1].number, 0, -1))


def test_entries_are_found_by_kind_plan_run_and_day(officer: Client, tmp_path: Path) -> None:
    support.imported(house(), tmp_path / "in")
    support.run(support.approved(support.simulated()))
    add(Kind.RECOVERY)
    kinds = dict(Entry.objects.values_list("number", "kind"))
    assert numbers(officer, "/ledger/?kind=approval") == [
        number for number in sorted(kinds, reverse=True) if kinds[number] == "approval"
    ]
    of_plan = {kinds[number] for number in numbers(officer, "/ledger/?plan=1")}
    assert of_plan == {"plan", "approval", "run_started", "run_ended"}
    assert {kinds[n] for n in numbers(officer, "/ledger/?run=1")} == {"run_started", "run_ended"}
    on_the_day = Entry.objects.filter(at=support.NOW).count()
    assert 1 < len(numbers(officer, "/ledger/?day=2026-06-01")) == on_the_day
    assert numbers(officer, "/ledger/?day=2026-06-02") == []
    assert numbers(officer, "/ledger/?plan=99") == []
    for odd in ("0001-01-01", "9999-12-31"):
        assert numbers(officer, f"/ledger/?day={odd}") == []
    for wrong in (
        "plan=x",
        "kind=nonsense",
        "day=32.13.2026",
        "before=0",
        "run=99999999999999999999",
    ):
        answer = officer.get(f"/ledger/?{wrong}")
        assert (answer.status_code, "errorlist" in answer.content.decode()) == (400, True), wrong


def test_a_page_takes_as_many_statements_however_long_the_ledger_is(officer: Client) -> None:
    def statements() -> int:
        officer.get("/ledger/")
        with CaptureQueriesContext(connection) as caught:
            assert officer.get("/ledger/").status_code == 200
        return len(caught)

    some(3)
    few = statements()
    some(100)
    assert statements() == few == 15


def test_a_ledger_that_holds_is_said_to(officer: Client) -> None:
    entry = some(3)[1]
    assert "Does the ledger hold?" in officer.get("/ledger/verify/").content.decode()
    answer = officer.post("/ledger/verify/", {"head": str(printed(entry))})
    assert (answer.status_code, answer["Location"]) == (302, "/ledger/verify/")
    page = officer.get("/ledger/verify/").content.decode()
    assert f"The ledger holds: {queries.length()} entries." in page
    assert f"The printed head {entry.number} stands in the ledger" in page


def test_what_does_not_hold_is_shown_one_by_one(officer: Client) -> None:
    some(5)
    tamper("UPDATE ledger_entry SET facts = '\"gone\"' WHERE number = 4")
    tamper("DELETE FROM ledger_entry WHERE number = 6")
    officer.post("/ledger/verify/", {"head": ""})
    page = officer.get("/ledger/verify/").content.decode()
    assert "The ledger does not hold: 2 findings." in page
    assert "Entry 4 was changed" in page
    assert "Entry 6 was removed" in page
    assert "The ledger holds" not in page
    officer.post("/ledger/verify/", {"head": ""}, headers={"accept-language": "de"})
    assert "Eintrag 6 wurde entfernt" in officer.get("/ledger/verify/").content.decode()
    assert "does not hold what was once written" in officer.get("/ledger/").content.decode()


def test_a_head_that_is_none_is_told_next_to_the_field(officer: Client) -> None:
    answer = officer.post("/ledger/verify/", {"head": "7:abc"})
    assert answer.status_code == 422
    assert "This is not a head of a ledger" in answer.content.decode()


def test_a_database_older_than_the_key_folder_is_told(officer: Client) -> None:
    some(5)
    assert "older than the key folder" not in officer.get("/ledger/").content.decode()
    last = queries.latest()
    assert last is not None
    tamper(f"DELETE FROM ledger_entry WHERE number = {last.number}")
    assert "older than the key folder" in officer.get("/ledger/").content.decode()
