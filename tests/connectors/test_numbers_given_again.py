"""A contact number given to somebody new does not inherit what an erased contact left."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fadeout.connectors.exchange import merge
from fadeout.connectors.exchange.format import BY_NAME
from fadeout.core import sql
from tests import support
from tests.connectors.house import (
    House,
    Row,
    csv_folder,
    house,
    remember_as_erased,
    rows,
    take,
)
from tests.model.house import Contact, at
from tests.model.house import House as ModelHouse
from tests.plans.house import contact, sale
from tests.plans.house import house as model_house

ERASED_CREATED = datetime(2010, 1, 1, tzinfo=UTC)
EARLIER, LATER = "2019-12-31T23:59:59.999999Z", "2020-01-01T00:00:00Z"
NEWCOMER: Row = {"contact_number": "X", "kind": "individual", "created_at": LATER}
#: Rows of X in files of their own; each gets the time of a test in the column named first.
ABOUT_X: dict[str, tuple[str, Row]] = {
    "account_entries": (
        "booked_at",
        {"entry_number": "E9", "organisation": "opera", "amount": "1", "label": "old debt"},
    ),
    "waiting_list": ("added_at", {"entry_number": "W9", "organisation": "opera"}),
    "clicks": ("clicked_at", {"click_number": "K9", "link": "l", "automated": "false"}),
    "criteria": ("changed_at", {"criterion": "taste", "value": "jazz", "origin": "contact"}),
    "authorisations": (
        "changed_at",
        {"purpose": "news", "channel": "email", "value": "yes", "origin": "contact"},
    ),
    "holds": ("created_at", {"reason": "court"}),
    "notes": ("written_at", {"note_number": "N9", "text": "called"}),
}


def bare_house() -> House:
    """The house without anybody but its structure, and without what is about contacts."""
    return {
        "organisations": house()["organisations"],
        "products": house()["products"],
        "contacts": [house()["contacts"][2]],
    }


def row_about_x(name: str, time: str) -> Row:
    column, row = ABOUT_X[name]
    return {**row, "contact_number": "X", column: time}


def order(number: str, ordered_at: str, **columns: str) -> Row:
    bare = {
        "order_number": number, "organisation": "opera", "ordered_at": ordered_at, "currency": "CHF",
    }  # fmt: skip
    return {**bare, "remark": "window seat", **columns}


def line(number: str, **columns: str) -> Row:
    bare = {
        "order_number": number, "line": "1", "product": "p2", "kind": "sale", "state": "standing",
    }  # fmt: skip
    return {**bare, "price": "1", "beneficiary_first_name": "Ada", **columns}


def linked_to_x(name: str, column: str = "contact_id") -> int:
    """How many rows of a file belong to whoever has the number X now."""
    table = BY_NAME[name].table
    query = (
        f"SELECT count(*) FROM {table} AS t JOIN contacts_contact AS c ON c.id = t.{column}"
        " WHERE c.contact_number = 'X'"
    )
    return int(rows(query)[0][0])


@pytest.fixture
def given_again(empty_house: str, tmp_path: Path) -> None:
    """X was erased, and somebody new has the number and is on file."""
    remember_as_erased("X", ERASED_CREATED)
    newcomer_arrives(tmp_path)


def newcomer_arrives(tmp_path: Path) -> None:
    start = bare_house()
    start["contacts"].append(NEWCOMER)
    take(csv_folder(tmp_path / "start", start))


def test_an_old_file_of_orders_does_not_give_them_to_whoever_has_the_number_now(
    database: str, tmp_path: Path
) -> None:
    support.imported(model_house(*sale("O1", "X"), contact("X")), tmp_path / "old")
    support.run(support.approved(support.simulated()))
    [(anonymous,)] = sql.rows("SELECT purchase_contact_id FROM sales_order")
    assert anonymous is not None
    newcomer = Contact(contact_number="X", created_at=at("2026-05-20T10:00:00Z"))
    support.imported(ModelHouse(contacts=(newcomer,)), tmp_path / "new")
    (tmp_path / "old" / "contacts.csv").unlink()

    support.import_folder(tmp_path / "old")

    assert sql.rows("SELECT purchase_contact_id FROM sales_order") == [(anonymous,)]
    plan = support.simulated()
    assert plan.totals["outcomes"]["keep"] == 1


@pytest.mark.parametrize("name", ABOUT_X)
def test_where_nobody_was_erased_rows_from_before_the_creation_arrive(
    name: str, empty_house: str, tmp_path: Path
) -> None:
    newcomer_arrives(tmp_path)
    take(csv_folder(tmp_path / "old", {name: [row_about_x(name, EARLIER)]}))
    assert linked_to_x(name) == 1


@pytest.mark.parametrize("name", [name for name in ABOUT_X if name != "account_entries"])
@pytest.mark.usefixtures("given_again")
def test_a_row_from_before_the_creation_is_of_the_erased_and_skipped(
    name: str, tmp_path: Path
) -> None:
    report = take(csv_folder(tmp_path / "old", {name: [row_about_x(name, EARLIER)]}))
    assert report.files[f"{name}.csv"].skipped_erased == 1
    assert rows(f"SELECT count(*) FROM {BY_NAME[name].table}") == [(0,)]


@pytest.mark.parametrize("name", ABOUT_X)
@pytest.mark.usefixtures("given_again")
def test_a_row_from_the_creation_on_is_of_whoever_has_the_number_now(
    name: str, tmp_path: Path
) -> None:
    report = take(csv_folder(tmp_path / "new", {name: [row_about_x(name, LATER)]}))
    assert report.files[f"{name}.csv"].skipped_erased == 0
    assert linked_to_x(name) == 1


@pytest.mark.usefixtures("given_again")
def test_an_entry_from_before_the_creation_loses_link_and_label(tmp_path: Path) -> None:
    old = [row_about_x("account_entries", EARLIER)]
    report = take(csv_folder(tmp_path / "old", {"account_entries": old}))
    counts = report.files["account_entries.csv"]
    assert (counts.inserted, counts.links_left_out, counts.values_left_empty) == (1, 1, 1)
    assert rows("SELECT contact_id, label, amount::text, is_emptied FROM sales_account_entry") == [
        (None, None, "1.00", True)
    ]


@pytest.mark.usefixtures("given_again")
def test_one_file_may_have_rows_of_both(tmp_path: Path) -> None:
    both = [row_about_x("criteria", EARLIER), row_about_x("criteria", LATER)]
    report = take(csv_folder(tmp_path / "both", {"criteria": both}))
    assert report.files["criteria.csv"].skipped_erased == 1
    assert report.files["criteria.csv"].inserted == 1
    assert rows("SELECT changed_at FROM contacts_criterion") == [
        (datetime(2020, 1, 1, tzinfo=UTC),)
    ]


@pytest.mark.usefixtures("given_again")
def test_a_hold_without_a_time_is_of_whoever_has_the_number_now(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "old", {"holds": [row_about_x("holds", "")]}))
    assert linked_to_x("holds") == 1


@pytest.mark.parametrize("link", ["purchase_contact", "cultural_contact"])
@pytest.mark.usefixtures("given_again")
def test_orders_from_before_the_creation_lose_the_link_and_later_ones_do_not(
    link: str, tmp_path: Path
) -> None:
    both = [order("old", EARLIER, **{link: "X"}), order("new", LATER, **{link: "X"})]
    report = take(csv_folder(tmp_path / "in", {"orders": both}))
    assert report.files["orders.csv"].links_left_out == 1
    assert rows(
        f"SELECT order_number, {link}_id IS NOT NULL, remark FROM sales_order ORDER BY 1"
    ) == [("new", True, "window seat"), ("old", False, None)]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.usefixtures("given_again")
def test_lines_are_as_old_as_their_order(together: bool, tmp_path: Path) -> None:
    orders: House = {"orders": [order("old", EARLIER), order("new", LATER)]}
    lines: House = {
        "order_lines": [
            line("old", beneficiary_contact="X"), line("new", beneficiary_contact="X"),
        ]
    }  # fmt: skip
    if not together:
        take(csv_folder(tmp_path / "orders", orders))
    take(csv_folder(tmp_path / "lines", orders | lines if together else lines))
    assert rows(
        "SELECT o.order_number, beneficiary_contact_id IS NOT NULL, beneficiary_first_name"
        " FROM sales_order_line AS l JOIN sales_order AS o ON o.id = l.order_id ORDER BY 1"
    ) == [("new", True, "Ada"), ("old", False, None)]


@pytest.mark.usefixtures("given_again")
def test_nobody_was_created_by_somebody_who_came_later(tmp_path: Path) -> None:
    created = [
        {"contact_number": "old", "kind": "individual", "created_at": EARLIER, "created_by": "X"},
        {"contact_number": "new", "kind": "individual", "created_at": LATER, "created_by": "X"},
    ]
    take(csv_folder(tmp_path / "in", {"contacts": created}))
    assert linked_to_x("contacts", "created_by_id") == 1


@pytest.mark.parametrize("bulk", [False, True])
def test_whoever_has_the_number_now_may_come_with_the_same_import(
    bulk: bool, empty_house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bulk:
        monkeypatch.setattr(merge, "BULK_FROM", 1)
    remember_as_erased("X", ERASED_CREATED)
    files = bare_house()
    files["contacts"].append(NEWCOMER)
    files["orders"] = [
        order("old", EARLIER, purchase_contact="X"), order("new", LATER, purchase_contact="X"),
    ]  # fmt: skip
    files["order_lines"] = [line("old", beneficiary_contact="X")]
    files["notes"] = [row_about_x("notes", EARLIER)]
    report = take(csv_folder(tmp_path / "in", files))
    assert report.files["contacts.csv"].inserted == 2
    assert linked_to_x("orders", "purchase_contact_id") == 1
    assert linked_to_x("order_lines", "beneficiary_contact_id") == 0
    assert report.files["notes.csv"].skipped_erased == 1


@pytest.mark.usefixtures("given_again")
def test_a_number_means_the_erased_contact_throughout_if_that_contact_comes_along(
    tmp_path: Path,
) -> None:
    erased: Row = {
        "contact_number": "X", "kind": "individual", "first_name": "Ann",
        "created_at": "2010-01-01T00:00:00Z",
    }  # fmt: skip
    old: House = {"contacts": [erased], "holds": [row_about_x("holds", "")]}
    report = take(csv_folder(tmp_path / "old", old))
    assert report.files["contacts.csv"].skipped_erased == 1
    assert report.files["holds.csv"].skipped_erased == 1
    assert linked_to_x("holds") == 0
    assert rows("SELECT first_name FROM contacts_contact WHERE contact_number = 'X'") == [(None,)]


def test_a_contact_that_an_old_dump_brought_back_keeps_its_rows(
    empty_house: str, tmp_path: Path
) -> None:
    newcomer_arrives(tmp_path)
    remember_as_erased("X", datetime(2020, 1, 1, tzinfo=UTC))
    report = take(csv_folder(tmp_path / "old", {"notes": [row_about_x("notes", EARLIER)]}))
    assert report.files["notes.csv"].skipped_erased == 0
    assert linked_to_x("notes") == 1
