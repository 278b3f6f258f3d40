"""The list that simulation prints: as CSV byte for byte, as a workbook, as JSON."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from fadeout.cli import plans as cli
from fadeout.plans import spreadsheet
from fadeout.plans.models import Plan
from tests import support
from tests.cli.conftest import Command
from tests.model.house import Hold, at
from tests.model.rules import simulate
from tests.plans.house import OLD, RECENT, contact, contact_ids, everything, house, sale

ODD = (
    "=1+1", "0012", "12", "1e3", "+41", "-1", "@x", "a", "B", "Z", "ä", "é", "e\u0301", "ß", "\uff21",
    "\U0001d400", "with space", " leading", "a,b", 'a"b', "a\nb", "NULL", "\\.", "\\N", "TRUE", "2020-01-01",
    "https://example.org", "'quoted", "a;b", "a\tb",
)  # fmt: skip


def listed(plan: Plan, folder: Path) -> bytes:
    path = folder / "list.csv"
    cli.write_csv(plan, path)
    return path.read_bytes()


def test_an_empty_house_gives_the_header_alone(database: str, tmp_path: Path) -> None:
    support.imported(house(), tmp_path / "in")
    plan = support.simulated()
    assert listed(plan, tmp_path) == b"contact_number,outcome,recency,activity,reasons\n"
    spreadsheet.write(plan, tmp_path / "list.xlsx")
    rows = list(load_workbook(tmp_path / "list.xlsx")["Contacts"].iter_rows(values_only=True))
    assert rows == [("contact_number", "outcome", "recency", "activity", "reasons")]


def test_the_list_to_the_byte(database: str, tmp_path: Path) -> None:
    support.imported(
        house(
            contact("b"), contact("B"), contact("é", created_at=at("2023-05-31T22:00:00Z")),
            contact("a,b", created_at=at("2023-05-31T21:59:59Z")), contact('say "x"'), contact("two\nlines"),
            contact("10"), contact("9", roles=("guide",), kind="structure", created_at=RECENT),
            *sale("O1", "b"), Hold(contact_number="9", reason="request"),
        ),
        tmp_path / "in",
    )  # fmt: skip
    assert listed(support.simulated(), tmp_path).decode() == (
        "contact_number,outcome,recency,activity,reasons\n"
        "10,delete,2001-02-03,created,\n"
        "9,keep,2026-03-03,created,active|structure|role|request\n"
        "B,delete,2001-02-03,created,\n"
        '"a,b",delete,2023-05-31,created,\n'
        "b,anonymise,2015-02-03,sale,\n"
        '"say ""x""",delete,2001-02-03,created,\n'
        '"two\nlines",delete,2001-02-03,created,\n'
        "é,keep,2023-06-01,created,active\n"
    )


@pytest.fixture
def odd(database: str, tmp_path: Path) -> Plan:
    of = house(*(contact(number, created_at=OLD) for number in ODD), *sale("O1", "=1+1"))
    support.imported(of, tmp_path / "in")
    return support.simulated()


def test_odd_numbers_come_in_byte_order_and_come_back_from_csv(odd: Plan, tmp_path: Path) -> None:
    text = listed(odd, tmp_path).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert [row["contact_number"] for row in rows] == sorted(ODD, key=str.encode)
    assert "\r" not in text
    expected = simulate(
        house(*(contact(number, created_at=OLD) for number in ODD), *sale("O1", "=1+1")),
        as_of=support.AS_OF, months=36, time_zone=support.TIME_ZONE,
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        (r.contact_number, r.outcome, r.recency_on.isoformat(), r.activity, "|".join(r.reasons))
        for r in expected
    ]


def test_the_workbook_holds_the_same_rows_with_dates_as_dates_and_numbers_as_text(
    odd: Plan, tmp_path: Path
) -> None:
    spreadsheet.write(odd, tmp_path / "list.xlsx")
    book = load_workbook(tmp_path / "list.xlsx")
    assert book.sheetnames == ["Summary", "Contacts"]
    sheet = book["Contacts"]
    reader = csv.reader(io.StringIO(listed(odd, tmp_path).decode(), newline=""))
    told = [
        tuple(
            "" if c is None else c.date().isoformat() if isinstance(c, datetime) else c for c in row
        )
        for row in sheet.iter_rows(values_only=True)
    ]
    assert told == [tuple(row) for row in reader]
    for number, _, recency, *_ in sheet.iter_rows(min_row=2):
        assert number.data_type == "s"
        assert recency.data_type == "d"
        assert recency.number_format == "yyyy-mm-dd"
        assert number.hyperlink is None
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True)}
    assert summary["Contacts"] == len(ODD)
    assert summary["Outcome: delete"] == len(ODD) - 1
    assert summary["Outcome: anonymise"] == 1
    assert summary["As of"].date() == support.AS_OF
    with zipfile.ZipFile(tmp_path / "list.xlsx") as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_a_day_before_the_calendar_of_spreadsheets_is_text(database: str, tmp_path: Path) -> None:
    support.imported(
        house(
            contact("old", created_at=at("1850-01-02T12:00:00Z")),
            contact("far", created_at=at("9999-12-30T12:00:00Z")),
        ),
        tmp_path / "in",
    )
    plan = support.simulated()
    assert b"old,delete,1850-01-02,created,\n" in listed(plan, tmp_path)
    spreadsheet.write(plan, tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx")["Contacts"]
    far, old = (row[2] for row in sheet.iter_rows(min_row=2, values_only=True))
    assert isinstance(far, datetime)
    assert far.date() == date(9999, 12, 30)
    assert old == "1850-01-02"


def test_json_is_one_object_with_the_id_under_plan(odd: Plan, command: Command) -> None:
    answer = command("simulate", "--json", "--as-of", "2024-06-01", "--months", "24")
    assert answer.code == 0
    told = json.loads(answer.out)
    assert list(told) == [
        "plan", "as_of", "months", "cutoff", "policy", "fingerprint", "struck", "contacts",
        "outcomes", "reasons", "removals", "forecast", "brakes",
    ]  # fmt: skip
    plan = Plan.objects.latest("pk")
    assert told["plan"] == plan.pk != odd.pk
    assert (told["as_of"], told["months"], told["cutoff"]) == ("2024-06-01", 24, "2022-06-01")
    assert told["struck"] == told["contacts"] == len(ODD)
    assert told["outcomes"] == {"delete": len(ODD) - 1, "anonymise": 1, "keep": 0}
    assert list(told["reasons"]) == [
        "active", "debtor", "creditor", "structure", "role", "hold", "restriction", "request",
        "open_order",
    ]  # fmt: skip
    assert told["removals"]["contacts_contact"] == len(ODD)
    assert not any(number in answer.out for number in ("=1+1", "0012", "with space"))


def test_a_simulation_says_the_same_to_people_without_colours_or_contacts(
    odd: Plan, command: Command
) -> None:
    answer = command("simulate", "--as-of", "2024-06-01")
    assert answer.code == 0
    assert "\x1b" not in answer.text
    assert "Approve it: fadeout approve" in answer.out
    assert not any(number in answer.out for number in ("=1+1", "0012", "with space"))


def test_a_simulation_changes_no_contact_and_nothing_that_hangs_on_one(
    odd: Plan, tmp_path: Path
) -> None:
    plans = ("plans_plan", "plans_plan_row", "ledger_entry", "recency_freshness")
    before = everything(*plans)
    again = support.simulated()
    assert everything(*plans) == before
    assert listed(again, tmp_path) == listed(odd, tmp_path)


def test_an_anonymised_contact_is_in_no_later_list(odd: Plan, tmp_path: Path) -> None:
    assert b"=1+1,anonymise," in listed(odd, tmp_path)
    assert support.run(support.approved(odd)).state == "done"
    assert len(contact_ids()) == 1
    header = b"contact_number,outcome,recency,activity,reasons\n"
    assert listed(support.simulated(), tmp_path) == header


def test_the_forecast_counts_who_is_active_and_nothing_else(database: str, tmp_path: Path) -> None:
    support.imported(
        house(
            contact("next month", created_at=at("2023-06-30T12:00:00Z")),
            contact("in July, on the first day", created_at=at("2023-06-30T22:00:00Z")),
            contact("in three years", created_at=at("2026-05-31T12:00:00Z")),
            contact("a role besides", created_at=RECENT, roles=("guide",)),
            contact("due already"),
        ),
        tmp_path / "in",
    )
    forecast = support.simulated().totals["forecast"]
    assert {month: count for month, count in forecast.items() if count} == {
        "2026-07": 2,  # 30 June + 36 months is the last day on which the first of them stays
        "2029-06": 1,
    }
    assert min(forecast) == "2026-06"
    assert date.fromisoformat(f"{max(forecast)}-01") == date(2029, 6, 1)
