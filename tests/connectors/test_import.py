"""A good import: everything arrives, a second time changes nothing, updates touch what differs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fadeout.connectors.exchange import csv_blocks, merge
from fadeout.connectors.exchange.format import FILES
from fadeout.contacts.models import Contact
from fadeout.sales.models import AccountEntry, Order, OrderLine
from tests.connectors.house import (
    as_csv,
    csv_folder,
    empty_tables,
    house,
    parquet_folder,
    rows,
    tables,
    take,
    zipped,
)

pytestmark = pytest.mark.usefixtures("empty_house")


@pytest.fixture(params=["row by row", "bulk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways into an empty table: with its constraints up, and with them down."""
    if request.param == "bulk":
        monkeypatch.setattr(merge, "BULK_FROM", 1)
    return str(request.param)


def test_every_file_arrives(tmp_path: Path, way: str) -> None:
    report = take(csv_folder(tmp_path / "in", house()))
    assert len(report.files) == 14
    assert {counts.inserted == counts.read > 0 for counts in report.files.values()} == {True}
    stored = tables()
    for file in FILES:
        assert len(stored[file.table]) == len(house()[file.name])


def test_values_arrive_as_they_are(tmp_path: Path, way: str) -> None:
    take(csv_folder(tmp_path / "in", house()))
    relay = Contact.objects.get(contact_number="C1")
    assert relay.structure is not None
    assert relay.created_by is not None
    assert (relay.structure.contact_number, relay.created_by.contact_number) == ("C3", "C2")
    assert (relay.remark, relay.postcode, relay.login) == ("two\nlines", "01221", None)
    assert relay.email_validated_at is not None
    assert relay.email_validated_at.isoformat() == "2020-01-02T01:04:05.123456+00:00"
    assert sorted(relay.roles.values_list("role", flat=True)) == ["guide", "supplier"]
    line = OrderLine.objects.get(order__order_number="O2")
    assert (line.line, str(line.price), line.beneficiary_contact) == (-7, "-0.01", None)
    assert Order.objects.get(order_number="O2").purchase_contact is None
    assert AccountEntry.objects.get().currency == "CHF"


def test_bulk_leaves_every_constraint_and_index_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _constraints()
    assert len(before) > 60
    monkeypatch.setattr(merge, "BULK_FROM", 1)
    take(csv_folder(tmp_path / "in", house()))
    assert _constraints() == before


def _constraints() -> list[tuple[str, ...]]:
    return rows(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace UNION ALL"
        " SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'"
        " ORDER BY 1, 2, 3"
    )


def test_importing_twice_changes_nothing(tmp_path: Path, way: str) -> None:
    folder = csv_folder(tmp_path / "in", house())
    take(folder)
    before = tables(with_xmin=True)
    sequences = rows("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    report = take(folder)
    assert tables(with_xmin=True) == before
    assert rows("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1") == sequences
    for counts in report.files.values():
        assert (counts.inserted, counts.updated, counts.unchanged) == (0, 0, counts.read)


def test_only_what_differs_is_updated(tmp_path: Path) -> None:
    changed = house()
    take(csv_folder(tmp_path / "in", changed))
    before = tables(with_xmin=True)
    changed["contacts"][1]["town"] = "Bern"
    changed["order_lines"][1]["beneficiary_contact"] = "C3"
    report = take(csv_folder(tmp_path / "in", changed))
    assert report.files["contacts.csv"].updated == 1
    assert report.files["order_lines.csv"].updated == 1
    after = tables(with_xmin=True)
    assert {t for t in after if after[t] != before[t]} == {"contacts_contact", "sales_order_line"}
    assert len(set(after["contacts_contact"]) - set(before["contacts_contact"])) == 1
    assert rows("SELECT town FROM contacts_contact WHERE contact_number = 'C2'") == [("Bern",)]


def test_a_missing_column_leaves_values_and_an_empty_field_clears(tmp_path: Path) -> None:
    take(csv_folder(tmp_path / "in", house()))
    folder = tmp_path / "second"
    folder.mkdir()
    (folder / "contacts.csv").write_text(
        "contact_number,kind,created_at,remark,structure,birth_date\n"
        'C1,relay,2019-01-01T00:00:00Z,"",,\n'
    )
    report = take(folder)
    assert report.files["contacts.csv"].updated == 1
    relay = Contact.objects.get(contact_number="C1")
    assert (relay.remark, relay.structure, relay.birth_date) == (None, None, None)
    assert (relay.first_name, relay.country) == ("Żofia", "CH")
    assert relay.created_by is not None
    assert relay.roles.count() == 2


def test_roles_become_those_of_the_file(tmp_path: Path) -> None:
    changed = house()
    take(csv_folder(tmp_path / "in", changed))
    changed["contacts"][0]["roles"] = "producer|guide|producer"
    changed["contacts"][1]["roles"] = "partner"
    report = take(csv_folder(tmp_path / "in", changed))
    assert report.files["contacts.csv"].updated == 2
    held = "SELECT c.contact_number, r.role FROM contacts_role r JOIN contacts_contact c"
    assert rows(f"{held} ON c.id = r.contact_id ORDER BY 1, 2") == [
        ("C1", "guide"),
        ("C1", "producer"),
        ("C2", "partner"),
    ]
    changed["contacts"][0]["roles"] = ""
    take(csv_folder(tmp_path / "in", changed))
    assert rows("SELECT count(*) FROM contacts_role") == [(1,)]


def test_references_may_point_at_rows_on_file(tmp_path: Path, way: str) -> None:
    whole = house()
    take(csv_folder(tmp_path / "in", whole))
    new = {
        "order_number": "O3", "organisation": "opera", "purchase_contact": "C3",
        "ordered_at": "2022-01-01T00:00:00Z", "currency": "EUR",
    }  # fmt: skip
    take(csv_folder(tmp_path / "second", {"orders": [new]}))
    order = Order.objects.get(order_number="O3")
    assert order.purchase_contact is not None
    assert order.purchase_contact.contact_number == "C3"
    child = {
        "contact_number": "C9", "kind": "individual", "created_at": "2022-01-01T00:00:00Z",
        "created_by": "C1",
    }  # fmt: skip
    take(csv_folder(tmp_path / "third", {"contacts": [child]}))
    created_by = Contact.objects.get(contact_number="C9").created_by
    assert created_by is not None
    assert created_by.contact_number == "C1"


def test_currency_of_an_entry_is_the_institutions_unless_given(tmp_path: Path) -> None:
    given = house()
    given["account_entries"][0]["currency"] = "EUR"
    take(csv_folder(tmp_path / "in", given))
    assert AccountEntry.objects.get().currency == "EUR"
    take(csv_folder(tmp_path / "in", house()))
    assert AccountEntry.objects.get().currency == "EUR"
    given["account_entries"][0]["currency"] = ""
    take(csv_folder(tmp_path / "in", given))
    assert AccountEntry.objects.get().currency == "CHF"


def test_byte_order_mark_crlf_and_blank_lines_at_the_end(tmp_path: Path) -> None:
    text = as_csv(house()["organisations"]).replace("\n", "\r\n") + "\r\n\r\n"
    (tmp_path / "organisations.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    take(tmp_path)
    assert rows("SELECT code, name FROM sales_organisation ORDER BY 1") == [
        ("opera", "Opéra"),
        ("shop", "Shop, the"),
    ]


def test_nothing_is_trimmed_and_odd_texts_survive(tmp_path: Path, way: str) -> None:
    texts = [
        " leading", "trailing ", '"', '""', "a,b", "x\ny", "x\r\ny", "x\ry", "\\.", "x\n\\.\ny",
        "\\N", "NULL", "\t", "'", "\u2028", "😀", "é", "e\u0301", "\\", "{}", "x\n\\.",
    ]  # fmt: skip
    organisations = [{"code": f"o{n:02}", "name": text} for n, text in enumerate(texts)]
    take(csv_folder(tmp_path / "in", {"organisations": organisations}))
    stored = rows("SELECT name FROM sales_organisation ORDER BY code")
    assert [name for (name,) in stored] == texts


def test_many_small_blocks_are_as_good_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as small:
        small.setattr(csv_blocks, "BLOCK_BYTES", 7)
        take(csv_folder(tmp_path / "in", house()))
    in_small_blocks = tables()
    assert in_small_blocks["contacts_contact"]
    empty_tables()
    take(csv_folder(tmp_path / "in", house()))
    assert tables() == in_small_blocks


def test_other_files_are_passed_over_and_named(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "in", {"organisations": house()["organisations"]})
    (folder / "README.md").write_text("x")
    (folder / "pictures").mkdir()
    assert take(folder).passed_over == ["README.md", "pictures"]


def test_no_file_at_all_is_an_empty_import(tmp_path: Path) -> None:
    report = take(tmp_path)
    assert report.files == {}


@pytest.mark.parametrize("top", ["", "export/"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_zip_holds_the_files_at_its_top_or_in_one_folder(
    tmp_path: Path, top: str, form: str
) -> None:
    write = csv_folder if form == "csv" else parquet_folder
    folder = write(tmp_path / "in", house())
    entries: dict[str, str | bytes] = {
        top + path.name: path.read_bytes() for path in folder.iterdir()
    }
    entries["__MACOSX/._contacts.csv"] = b"junk"
    entries["about.txt"] = "x"
    report = take(zipped(tmp_path / "in.zip", entries))
    assert len(report.files) == 14
    assert report.passed_over == ["about.txt"]
    assert rows("SELECT count(*) FROM contacts_contact") == [(3,)]


def test_parquet_and_csv_of_the_same_data_give_the_same_database(tmp_path: Path, way: str) -> None:
    take(csv_folder(tmp_path / "csv", house()))
    from_csv = tables()
    assert from_csv["sales_answer"]
    empty_tables()
    take(parquet_folder(tmp_path / "parquet", house()))
    assert tables() == from_csv


def test_typed_parquet_is_understood(tmp_path: Path) -> None:
    at = datetime(2020, 1, 1, 0, 0, 0, 5, tzinfo=UTC)
    contacts = pa.table(
        {
            "contact_number": pa.array([1, 2]),
            "kind": pa.array(["individual", "individual"]).dictionary_encode(),
            "birth_date": pa.array([date(1980, 2, 29), None]),
            "created_at": pa.array([at, at], pa.timestamp("ns", "Europe/Zurich")),
            "postcode": pa.array([1221, None]),
            "remark": pa.array(["", "x"], pa.large_string()),
            "phone": pa.nulls(2),
            "roles": pa.array([["guide", "partner"], None], pa.list_(pa.string())),
        }
    )
    pq.write_table(contacts, tmp_path / "contacts.parquet")
    pq.write_table(pa.table({"code": ["o"], "name": ["O"]}), tmp_path / "organisations.parquet")
    for number, amount in enumerate(
        (pa.array([Decimal("1.5000")]), pa.array([1.5]), pa.array([3], pa.int16()))
    ):
        entries = pa.table(
            {
                "entry_number": [f"E{number}"],
                "contact_number": ["1"],
                "organisation": ["o"],
                "booked_at": pa.array([at], pa.timestamp("us", "UTC")),
                "amount": amount,
            }
        )
        pq.write_table(entries, tmp_path / "account_entries.parquet")
        take(tmp_path)
    assert rows("SELECT amount::text FROM sales_account_entry ORDER BY entry_number") == [
        ("1.50",), ("1.50",), ("3.00",),
    ]  # fmt: skip
    assert rows(
        "SELECT contact_number, birth_date::text, postcode, remark, created_at"
        " FROM contacts_contact ORDER BY 1"
    ) == [("1", "1980-02-29", "1221", None, at), ("2", None, None, "x", at)]
    assert rows("SELECT role FROM contacts_role ORDER BY 1") == [("guide",), ("partner",)]


def test_somebody_on_file_may_be_given_a_structure_that_is_new(tmp_path: Path) -> None:
    changed = house()
    take(csv_folder(tmp_path / "in", changed))
    changed["contacts"][0]["structure"] = changed["contacts"][1]["created_by"] = "C9"
    changed["contacts"].append({**changed["contacts"][2], "contact_number": "C9"})
    report = take(csv_folder(tmp_path / "second", changed)).files["contacts.csv"]
    assert (report.inserted, report.updated) == (1, 2)
    new = Contact.objects.get(contact_number="C9")
    assert [c.contact_number for c in new.relays.all()] == ["C1"]
    assert [c.contact_number for c in new.community.all()] == ["C2"]
