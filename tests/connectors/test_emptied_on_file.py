"""What erasure emptied is told by what is on file, also where a row carries no mark of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from fadeout.connectors.exchange.format import BY_NAME
from tests.connectors.house import (
    House,
    Row,
    anonymise,
    csv_folder,
    execute,
    house,
    rows,
    tables,
    take,
)

pytestmark = pytest.mark.usefixtures("empty_house")

ORDER = "SELECT remark, ip_address FROM sales_order WHERE order_number = 'O1'"
LINE = "SELECT beneficiary_first_name, beneficiary_country FROM sales_order_line WHERE line = "
ANSWER = "SELECT answer FROM sales_answer WHERE question = "
TYPED = [column.name for column in BY_NAME["order_lines"].emptied]
LABEL = "SELECT label, is_emptied FROM sales_account_entry"

BARE_LINE = {
    "order_number": "O1",
    "product": "p2",
    "kind": "sale",
    "state": "standing",
    "price": "1",
}
NEW_LINE = {
    **BARE_LINE, "line": "2", "beneficiary_first_name": "Eve", "beneficiary_country": "AT",
}  # fmt: skip


def answered(line: str, question: str = "Why?") -> Row:
    return {
        "order_number": "O1", "line": line, "question": question, "type": "text", "answer": "so",
    }  # fmt: skip


def without_typed_data() -> House:
    """The house before anybody typed anything: nothing that erasure could have emptied or marked."""
    bare = house()
    for row in bare["orders"]:
        row.update(remark="", ip_address="")
    for row in bare["order_lines"]:
        row.update(dict.fromkeys(TYPED, ""))
    for row in bare["answers"]:
        row["answer"] = ""
    bare["account_entries"][0]["label"] = ""
    return bare


def only(house: House, *names: str) -> House:
    return {name: house[name] for name in names}


def test_a_later_file_fills_what_was_always_empty(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "bare", without_typed_data()))
    assert rows(ORDER) == [(None, None)]
    take(csv_folder(tmp_path / "in", house()))
    assert rows(ORDER) == [("window seat", "192.0.2.1")]
    assert rows(LINE + "1") == [("Ada", "Österreich")]
    assert rows(ANSWER + "'Diet?' ORDER BY 1") == [("none",), (None,)]
    assert rows(LABEL) == [("credit", False)]


@pytest.mark.parametrize("link", ["purchase_contact", "cultural_contact"])
def test_an_order_linked_to_an_anonymous_contact_stays_empty_with_lines_and_answers(
    link: str, tmp_path: Path
) -> None:
    bare = without_typed_data()
    bare["order_lines"][0]["beneficiary_contact"] = ""
    bare["orders"][0] |= {"purchase_contact": "", "cultural_contact": "", link: "C1"}
    take(csv_folder(tmp_path / "bare", bare))
    anonymise("C1")

    old = only(house(), "orders", "order_lines", "answers")
    old["orders"][0] |= {"purchase_contact": "", "cultural_contact": ""}
    old["order_lines"] += [NEW_LINE]
    old["answers"] += [answered("1"), answered("2")]
    report = take(csv_folder(tmp_path / "old", old))

    assert rows(f"SELECT {link}_id IS NOT NULL FROM sales_order WHERE order_number = 'O1'") == [
        (True,)
    ]
    assert rows(ORDER) == [(None, None)]
    assert rows(LINE + "1") == [(None, "Österreich")]
    assert rows(LINE + "2") == [(None, "AT")]
    assert rows("SELECT count(*), count(answer) FROM sales_answer") == [(4, 0)]
    left_empty = {name: counts.values_left_empty for name, counts in report.files.items()}
    assert left_empty == {"orders.csv": 2, "order_lines.csv": 5, "answers.csv": 3}


@pytest.mark.parametrize("name", ["order_lines", "answers"])
def test_it_stays_empty_also_if_orders_do_not_come_along(name: str, tmp_path: Path) -> None:
    old, bare = house(), without_typed_data()
    for one in (old, bare):
        one["orders"][0]["cultural_contact"] = ""
        one["order_lines"][0]["beneficiary_contact"] = ""
    take(csv_folder(tmp_path / "bare", bare))
    anonymise("C1")
    before = tables(with_xmin=True)
    report = take(csv_folder(tmp_path / "old", only(old, name)))
    assert report.files[f"{name}.csv"].values_left_empty > 0
    assert tables(with_xmin=True) == before


def test_an_order_emptied_and_without_its_contact_takes_no_new_lines_and_answers(
    tmp_path: Path,
) -> None:
    bare = without_typed_data()
    bare["order_lines"][0]["beneficiary_contact"] = ""
    take(csv_folder(tmp_path / "bare", bare))
    execute(
        "UPDATE sales_order SET purchase_contact_id = NULL, is_emptied = true"
        " WHERE order_number = 'O1'"
    )
    new: House = {"order_lines": [NEW_LINE], "answers": [answered("1"), answered("2")]}
    take(csv_folder(tmp_path / "new", new))
    assert rows(LINE + "2") == [(None, "AT")]
    assert rows(ANSWER + "'Why?'") == [(None,), (None,)]


def test_a_line_linked_to_an_anonymous_beneficiary_stays_empty_and_its_answers_do_not(
    tmp_path: Path,
) -> None:
    bare = without_typed_data()
    bare["orders"][0]["cultural_contact"] = ""
    take(csv_folder(tmp_path / "bare", bare))
    execute("UPDATE contacts_contact SET created_by_id = NULL")
    anonymise("C2")

    old = only(house(), "orders", "order_lines", "answers")
    old["orders"][0]["cultural_contact"] = ""
    old["order_lines"][0]["beneficiary_contact"] = ""
    old["order_lines"] += [NEW_LINE]
    old["answers"] += [answered("1")]
    report = take(csv_folder(tmp_path / "old", old))

    assert report.files["order_lines.csv"].values_left_empty == 4
    assert rows(LINE + "1") == [(None, "Österreich")]
    assert rows(LINE + "2") == [("Eve", "AT")]
    assert rows(ORDER) == [("window seat", "192.0.2.1")]
    assert rows(ANSWER + "'Diet?' ORDER BY 1") == [("none",), (None,)]
    assert rows(ANSWER + "'Why?'") == [("so",)]


def test_a_line_emptied_for_its_beneficiary_takes_new_answers(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "in", house()))
    execute(
        "UPDATE sales_order_line SET beneficiary_first_name = NULL, beneficiary_last_name = NULL,"
        " beneficiary_email = NULL, beneficiary_birth_date = NULL, beneficiary_contact_id = NULL,"
        " is_emptied = true WHERE line = 1"
    )
    take(csv_folder(tmp_path / "new", {"answers": [answered("1")]}))
    assert rows(ANSWER + "'Why?'") == [("so",)]


def test_the_label_of_an_entry_of_an_anonymous_contact_stays_empty_and_the_entry_its(
    tmp_path: Path,
) -> None:
    take(csv_folder(tmp_path / "bare", without_typed_data()))
    anonymise("C1")
    new: Row = {
        "contact_number": "C1", "kind": "individual", "created_at": "2010-01-01T00:00:00Z",
    }  # fmt: skip
    take(csv_folder(tmp_path / "new", {"contacts": [new]}))
    report = take(csv_folder(tmp_path / "old", only(house(), "account_entries")))
    assert report.files["account_entries.csv"].values_left_empty == 1
    assert rows(LABEL) == [(None, False)]
    assert rows(
        "SELECT c.contact_number FROM sales_account_entry AS e"
        " JOIN contacts_contact AS c ON c.id = e.contact_id"
    ) == [("~C1",)]
