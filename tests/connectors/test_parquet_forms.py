"""Forms in which other programs store what the format asks for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fadeout.connectors.exchange import parquet
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.contacts.models import Contact
from tests import support


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
