"""An old file brings nobody back, and fills nothing that erasure emptied."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fadeout.connectors.exchange import merge
from fadeout.connectors.exchange.operations import export_exchange
from fadeout.connectors.exchange.problems import ImportRefused
from tests.connectors.house import (
    House,
    anonymise,
    csv_folder,
    execute,
    house,
    remember_as_erased,
    rows,
    tables,
    take,
)

pytestmark = pytest.mark.usefixtures("empty_house")

C1_CREATED = datetime(2019, 1, 1, tzinfo=UTC)
PERSONAL = ("Żofia", "O'Neil", "z@x.example", "window seat", "192.0.2.1", "Ada", "credit", "called")


def delete_c1() -> None:
    """What erasure does to the house when it deletes C1."""
    execute(
        "DELETE FROM contacts_role",
        "DELETE FROM contacts_note",
        "DELETE FROM contacts_criterion",
        "DELETE FROM contacts_authorisation",
        "DELETE FROM recency_indicator",
        "DELETE FROM links_click",
        "UPDATE sales_order SET purchase_contact_id = NULL, ip_address = NULL, remark = NULL,"
        " is_emptied = true WHERE order_number = 'O1'",
        "UPDATE sales_order_line SET beneficiary_first_name = NULL, beneficiary_last_name = NULL,"
        " beneficiary_email = NULL, beneficiary_birth_date = NULL, is_emptied = true"
        " WHERE line = 1",
        "UPDATE sales_answer SET answer = NULL, is_emptied = true WHERE answer IS NOT NULL",
        "UPDATE sales_account_entry SET contact_id = NULL, label = NULL, is_emptied = true",
        "DELETE FROM contacts_contact WHERE contact_number = 'C1'",
    )
    remember_as_erased("C1", C1_CREATED)


def everything() -> str:
    return "\n".join(row for table in tables().values() for row in table)


@pytest.fixture(params=["row by row", "bulk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "bulk":
        monkeypatch.setattr(merge, "BULK_FROM", 1)
    return str(request.param)


def test_without_erasure_the_file_brings_all_of_it(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "in", house()))
    for value in PERSONAL:
        assert value in everything()


def test_an_old_file_leaves_an_erased_house_as_it_is(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "in", house())
    take(folder)
    delete_c1()
    before = tables(with_xmin=True)
    report = take(folder)
    assert tables(with_xmin=True) == before
    assert {name: counts.skipped_erased for name, counts in report.files.items()} == {
        **dict.fromkeys(report.files, 0),
        "contacts.csv": 1,
        "notes.csv": 1,
        "clicks.csv": 1,
        "criteria.csv": 1,
        "authorisations.csv": 1,
    }
    assert report.files["orders.csv"].links_left_out == 1
    assert report.files["account_entries.csv"].links_left_out == 1
    left_empty = {n: c.values_left_empty for n, c in report.files.items() if c.values_left_empty}
    assert left_empty == {
        "orders.csv": 2, "order_lines.csv": 4, "answers.csv": 1, "account_entries.csv": 1,
    }  # fmt: skip


def test_an_old_file_into_an_empty_database_comes_without_the_erased(
    tmp_path: Path, way: str
) -> None:
    remember_as_erased("C1", C1_CREATED)
    report = take(csv_folder(tmp_path / "in", house()))
    assert report.files["contacts.csv"].inserted == 2
    assert report.files["contacts.csv"].skipped_erased == 1
    for value in PERSONAL:
        assert value not in everything()
    assert rows(
        "SELECT order_number, purchase_contact_id, cultural_contact_id IS NOT NULL, is_emptied"
        " FROM sales_order ORDER BY 1"
    ) == [("O1", None, True, True), ("O2", None, False, False)]
    assert rows(
        "SELECT line, beneficiary_country, beneficiary_contact_id IS NOT NULL, is_emptied"
        " FROM sales_order_line ORDER BY 1"
    ) == [(-7, None, False, False), (1, "Österreich", True, True)]
    assert rows("SELECT answer, is_emptied FROM sales_answer ORDER BY 2") == [
        (None, False),
        (None, True),
    ]
    assert rows("SELECT contact_id, label, is_emptied, amount::text FROM sales_account_entry") == [
        (None, None, True, "5.00")
    ]
    assert rows("SELECT count(*) FROM contacts_hold") == [(1,)]
    before = tables(with_xmin=True)
    take(csv_folder(tmp_path / "in", house()))
    assert tables(with_xmin=True) == before


def test_an_erased_beneficiary_takes_the_typed_data_along_but_no_answers(
    tmp_path: Path, way: str
) -> None:
    remember_as_erased("C2", datetime(2018, 5, 5, 10, tzinfo=UTC))
    old = house()
    old["orders"][0]["cultural_contact"] = ""
    report = take(csv_folder(tmp_path / "in", old))
    assert report.files["order_lines.csv"].links_left_out == 1
    assert report.files["order_lines.csv"].values_left_empty == 4
    assert report.files["answers.csv"].values_left_empty == 0
    assert report.files["contacts.csv"].links_left_out == 1  # C1 was created by C2
    assert rows("SELECT remark, is_emptied FROM sales_order WHERE order_number = 'O1'") == [
        ("window seat", False)
    ]
    assert rows("SELECT answer, is_emptied FROM sales_answer WHERE answer IS NOT NULL") == [
        ("none", False)
    ]
    assert "Ada" not in everything()
    assert "z@x.example" in everything()


def test_files_that_only_refer_to_an_erased_number_are_recognised(tmp_path: Path) -> None:
    remember_as_erased("C1", C1_CREATED)
    old = house()
    contacts = [row for row in old.pop("contacts") if row["contact_number"] != "C1"]
    take(csv_folder(tmp_path / "first", {"contacts": contacts}))
    report = take(csv_folder(tmp_path / "in", old))
    assert report.files["notes.csv"].skipped_erased == 1
    assert report.files["orders.csv"].links_left_out == 1
    for value in PERSONAL:
        assert value not in everything()


def test_a_number_given_to_somebody_new_is_not_taken_for_the_erased(tmp_path: Path) -> None:
    remember_as_erased("C1", datetime(2010, 1, 1, tzinfo=UTC))
    report = take(csv_folder(tmp_path / "in", house()))
    assert report.files["contacts.csv"].inserted == 3
    assert report.files["notes.csv"].inserted == 1
    again = house()
    again.pop("contacts")
    assert take(csv_folder(tmp_path / "second", again)).files["notes.csv"].unchanged == 1
    assert "window seat" in everything()


def test_an_old_file_does_not_overwrite_somebody_new_with_the_same_number(tmp_path: Path) -> None:
    remember_as_erased("C1", C1_CREATED)
    new: House = {
        "contacts": [
            {
                "contact_number": "C1",
                "kind": "individual",
                "first_name": "Newman",
                "created_at": "2025-06-01T00:00:00Z",
            }
        ]
    }
    take(csv_folder(tmp_path / "new", new))
    before = tables()["contacts_contact"]
    report = take(csv_folder(tmp_path / "old", house()))
    assert report.files["contacts.csv"].skipped_erased == 1
    assert [row for row in before if "Newman" in row] == [
        row for row in tables()["contacts_contact"] if "Newman" in row
    ]
    assert rows("SELECT purchase_contact_id FROM sales_order WHERE order_number = 'O1'") == [
        (None,)
    ]


def test_a_link_to_the_anonymous_contact_stays(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "in", house())
    take(folder)
    anonymise("C1")
    remember_as_erased("C1", C1_CREATED)
    linked = "SELECT purchase_contact_id IS NOT NULL FROM sales_order WHERE order_number = 'O1'"
    assert rows(linked) == [(True,)]
    report = take(folder)
    assert rows(linked) == [(True,)]
    assert report.files["contacts.csv"].skipped_erased == 1
    assert rows("SELECT contact_number FROM contacts_contact ORDER BY 1") == [
        ("C2",), ("C3",), ("~C1",),
    ]  # fmt: skip


def test_an_export_of_an_erased_house_changes_nothing_in_it(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "in", house()))
    anonymise("C2")
    execute("UPDATE contacts_contact SET created_by_id = NULL")
    export_exchange(path=tmp_path / "out")
    assert "O1,opera,C1,," in (tmp_path / "out" / "orders.csv").read_text()
    before = tables(with_xmin=True)
    take(tmp_path / "out")
    assert tables(with_xmin=True) == before


def test_nobody_can_be_given_the_number_of_an_anonymous_contact(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "in", house()))
    anonymise("C2")
    taken = {"contact_number": "~C2", "kind": "individual", "created_at": "2025-06-01T00:00:00Z"}
    with pytest.raises(ImportRefused, match="this number cannot be used"):
        take(csv_folder(tmp_path / "taken", {"contacts": [taken]}))


def test_what_was_emptied_for_its_age_stays_empty(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "in", house())
    take(folder)
    assert "Ada" in everything()
    execute(
        "UPDATE sales_order_line SET beneficiary_first_name = NULL, beneficiary_last_name = NULL,"
        " beneficiary_email = NULL, beneficiary_birth_date = NULL, is_emptied = true"
        " WHERE line = 1",
        "UPDATE sales_answer SET answer = NULL, is_emptied = true WHERE answer IS NOT NULL",
    )
    before = tables(with_xmin=True)
    report = take(folder)
    assert tables(with_xmin=True) == before
    assert report.files["order_lines.csv"].values_left_empty == 4


def test_other_columns_of_an_emptied_row_are_still_updated(tmp_path: Path) -> None:
    changed = house()
    take(csv_folder(tmp_path / "in", changed))
    delete_c1()
    changed["order_lines"][0] |= {"state": "cancelled", "beneficiary_country": "AT"}
    report = take(csv_folder(tmp_path / "in", changed))
    assert report.files["order_lines.csv"].updated == 1
    assert rows(
        "SELECT state, beneficiary_country, beneficiary_first_name FROM sales_order_line"
        " WHERE line = 1"
    ) == [("cancelled", "AT", None)]
