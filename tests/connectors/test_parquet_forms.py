"""Forms in which other programs store what the format asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fadeout.connectors.exchange import parquet
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.connectors.exchange.problems import ImportRefused
from fadeout.contacts.models import Contact
from tests import support
from tests.connectors.house import take

TEXTS = pa.list_(pa.string())


def contacts(folder: Path, **columns: Any) -> Path:
    """A folder of contacts in Parquet, with these columns besides the needed ones."""
    count = len(next(iter(columns.values())))
    needed = {
        "contact_number": [f"C{n}" for n in range(1, count + 1)],
        "kind": ["individual"] * count,
        "created_at": ["2020-01-01T00:00:00Z"] * count,
    }
    pq.write_table(pa.table(needed | columns), folder / "contacts.parquet")
    return folder


def refused(path: Path, **options: bool) -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        take(path, **options)
    assert not Contact.objects.exists()
    return [str(problem) for problem in caught.value.problems]


def test_decimals_of_any_scale_are_amounts_also_zero() -> None:
    stored = pa.array([Decimal(0), Decimal("5.50"), None], pa.decimal128(38, 18))
    read = parquet._decimal(stored).to_pylist()
    assert [None if text is None else Decimal(text) for text in read] == [0, Decimal("5.5"), None]
    assert "E" not in "".join(filter(None, read))


def test_single_precision_is_read_as_it_was_written() -> None:
    assert parquet._floating(pa.array([5.1, None, 0.0], pa.float32())).to_pylist() == [
        "5.10", None, "0.00",
    ]  # fmt: skip


def test_columns_without_a_value_and_whole_numbers_with_gaps_are_taken(
    database: str, tmp_path: Path
) -> None:
    support.founded()
    table = pa.table(
        {
            "contact_number": ["1", "2"],
            "kind": ["individual", "individual"],
            "title": pa.nulls(2, pa.float64()),
            "birth_date": pa.nulls(2, pa.float64()),
            "postcode": pa.array([1201.0, None], pa.float64()),
            "created_at": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"],
        }
    )
    pq.write_table(table, tmp_path / "contacts.parquet")
    import_exchange(path=tmp_path, now=support.NOW, erased=support.tokens())
    found = Contact.objects.order_by("contact_number").values_list("postcode", "title")
    assert list(found) == [("1201", None), (None, None)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_midnights_are_dates(zone: str | None, unit: str, empty_house: str, tmp_path: Path) -> None:
    day = date(1980, 2, 29)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC if zone else None)
    stored = pa.array([midnight, None], pa.timestamp(unit, zone))
    take(contacts(tmp_path, birth_date=stored))
    found = Contact.objects.order_by("contact_number").values_list("birth_date", flat=True)
    assert list(found) == [day, None]


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_any_other_time_of_day_is_no_date(
    zone: str | None, empty_house: str, tmp_path: Path
) -> None:
    midnight = datetime(1980, 2, 29, tzinfo=UTC if zone else None)
    stored = pa.array([midnight, midnight.replace(microsecond=1)], pa.timestamp("us", zone))
    folder = contacts(tmp_path, birth_date=stored)
    (problem,) = refused(folder)
    where = "contacts.parquet, row 2, column birth_date: not a date (YYYY-MM-DD), value "
    assert problem == where + "9999-99-99x99:99:99.999999"
    assert refused(folder, show_values=True) == [where + "1980-02-29T00:00:00.000001"]


def test_midnight_in_another_zone_is_no_date(empty_house: str, tmp_path: Path) -> None:
    midnight = datetime(1980, 2, 29, tzinfo=UTC)
    stored = pa.array([None, midnight], pa.timestamp("us", "Europe/London"))
    (problem,) = refused(contacts(tmp_path, birth_date=stored))
    assert "row 2, column birth_date: not a date" in problem


def test_times_without_a_zone_are_taken_where_there_are_none(
    empty_house: str, tmp_path: Path
) -> None:
    take(contacts(tmp_path, email_validated_at=pa.nulls(2, pa.timestamp("us"))))
    assert list(Contact.objects.values_list("email_validated_at", flat=True)) == [None, None]


def test_one_time_without_a_zone_is_one_too_many(
    empty_house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "BATCH_ROWS", 2)
    late = [None, None, None, datetime(2020, 1, 1)]  # noqa: DTZ001
    stored = pa.array(late, pa.timestamp("us"))
    assert refused(contacts(tmp_path, email_validated_at=stored)) == [
        "contacts.parquet, column email_validated_at: timestamps without a time zone (no offset)"
    ]


@pytest.mark.parametrize("item", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("listed", [pa.list_, pa.large_list])
def test_lists_and_texts_of_any_size_are_taken(
    listed: Any, item: pa.DataType, empty_house: str, tmp_path: Path
) -> None:
    roles = pa.array([["guide", "supplier"], None, []], listed(item))
    names = pa.array(["Ann", None, ""], item)
    take(contacts(tmp_path, roles=roles, first_name=names))
    first, *others = Contact.objects.order_by("contact_number")
    assert sorted(first.roles.values_list("role", flat=True)) == ["guide", "supplier"]
    assert first.first_name == "Ann"
    assert [(other.first_name, other.roles.count()) for other in others] == [(None, 0), (None, 0)]


@pytest.mark.parametrize("listed", [pa.list_, pa.large_list])
def test_an_item_of_a_list_is_not_split(listed: Any, empty_house: str, tmp_path: Path) -> None:
    roles = pa.array([["guide"], ["supplier", "a|b"], None], listed(pa.string()))
    assert refused(contacts(tmp_path, roles=roles)) == [
        "contacts.parquet, row 2, column roles: a list with an item that holds a |"
        " (it separates the items), value supplier|a|b"
    ]


def test_items_in_text_are_split_as_in_csv(empty_house: str, tmp_path: Path) -> None:
    take(contacts(tmp_path, roles=pa.array(["a|b"])))
    assert Contact.objects.get().roles.count() == 2


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_list_with_an_empty_item_is_told(
    nothing: str | None, empty_house: str, tmp_path: Path
) -> None:
    (problem,) = refused(contacts(tmp_path, roles=pa.array([["guide", nothing]], TEXTS)))
    assert "row 1, column roles: a list with an empty item" in problem
