"""Reads Parquet, and makes of its typed columns the text that a CSV of the same data would hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fadeout.connectors.exchange import types
from fadeout.connectors.exchange.batches import Batch, collect, known_columns, numbered
from fadeout.connectors.exchange.format import Column, File
from fadeout.connectors.exchange.problems import Problems, Where
from fadeout.connectors.exchange.sources import Unreadable

BATCH_ROWS = 32_768
_BUFFER_BYTES = 2**20
_TEXTS = pa.list_(pa.string())
_UTC = ("UTC", "Etc/UTC", "+00:00")
_DAMAGED = "not a Parquet file, or a damaged one"
_HOLDS_BAR = "a list with an item that holds a | (it separates the items)"
_Conversion = Callable[[pa.Array], pa.Array]


class ParquetReader:
    """A Parquet file opened for reading.

    Raises:
        Unreadable: it is not a Parquet file, or a damaged one.
    """

    def __init__(self, stream: IO[bytes], file: File, named: str, problems: Problems) -> None:
        self._named = named
        self._file = file
        self._problems = problems
        try:
            self._parquet = pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER_BYTES)
            schema = self._parquet.schema_arrow
        except (pa.ArrowException, OSError, ValueError):
            raise Unreadable(_DAMAGED) from None
        found = known_columns(list(schema.names), file, named, problems)
        wrong = [c for c in found if c and not self._can_be(c, schema.field(c.name).type)]
        self.columns: tuple[Column, ...] = tuple(c for c in found if c and c not in wrong)

    def batches(self) -> Iterator[Batch]:
        """The rows; values that cannot be what their column asks for are collected."""
        names = [column.name for column in self.columns]
        if not names:
            return
        first = 0
        try:
            for read in self._parquet.iter_batches(BATCH_ROWS, columns=names, use_threads=False):
                read.validate(full=True)
                rows = numbered(first, read.num_rows)
                texts = {c.name: self._text(c, read.column(c.name), rows) for c in self.columns}
                first += read.num_rows
                yield Batch(rows, texts, may_hold_nul=True)
        except (pa.ArrowException, OSError, ValueError):
            self._problems.unreadable.add(self._file.name)
            self._problems.in_file(self._named, "damaged, or with text that is not UTF-8")

    def lines(self, _stream: IO[bytes], rows: list[int]) -> dict[int, int]:
        """The number of each of these rows, counted from 1."""
        return {row: row + 1 for row in rows}

    def _can_be(self, column: Column, stored: pa.DataType) -> bool:
        if _conversion(column, _plain(stored)) is not None:
            return True
        reason = f"stored as {stored}, which is no {column.type.name}"
        if column.type is types.TIME and _is_naive(stored):
            if self._is_empty(column):
                return True
            reason = "timestamps without a time zone (no offset)"
        self._problems.in_header(self._named, reason, column=column.name)
        return False

    def _is_empty(self, column: Column) -> bool:
        """Whether a column has no value at all; looks no further than to the first that it has."""
        try:
            return all(
                read.column(0).null_count == read.num_rows
                for read in self._parquet.iter_batches(
                    BATCH_ROWS, columns=[column.name], use_threads=False
                )
            )
        except (pa.ArrowException, OSError, ValueError):
            raise Unreadable(_DAMAGED) from None

    def _text(self, column: Column, values: pa.Array, rows: pa.Array) -> pa.Array:
        plain = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
        convert = _conversion(column, plain.type)
        text = convert(plain) if convert else pa.nulls(len(plain), pa.string())
        if _is_list_of_text(plain.type) and (bad := _with_bar_inside(plain)) is not None:
            where = Where(self._named, self._file, (column,))
            batch = Batch(rows, {column.name: text})
            collect(batch, where, bad, lambda _value: _HOLDS_BAR, self._problems)
            text = pc.if_else(bad, pa.scalar(None, pa.string()), text)
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _plain(stored: pa.DataType) -> pa.DataType:
    return stored.value_type if pa.types.is_dictionary(stored) else stored


def _conversion(column: Column, stored: pa.DataType) -> _Conversion | None:
    """How a stored type becomes text. What the format cannot hold becomes text that does not fit."""
    if pa.types.is_null(stored) or _is_text(stored):
        return _cast
    allowed = {
        types.DATE: ((pa.types.is_date, _day), (pa.types.is_timestamp, _midnight)),
        types.TIME: ((lambda t: pa.types.is_timestamp(t) and not _is_naive(t), _instant),),
        types.BOOL: ((pa.types.is_boolean, _cast),),
        types.AMOUNT: (
            (pa.types.is_integer, _cast),
            (pa.types.is_decimal, _decimal),
            (pa.types.is_floating, _floating),
        ),
        types.INTEGER: ((pa.types.is_integer, _cast),),
        types.LIST: ((_is_list_of_text, _joined),),
    }.get(column.type, ((pa.types.is_integer, _cast),))
    found = next((convert for fits, convert in allowed if fits(stored)), None)
    # A column that is all empty, or whole numbers with gaps, is often stored as floating numbers.
    return found or (_number if pa.types.is_floating(stored) else None)


def _is_text(stored: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(stored)
        or pa.types.is_large_string(stored)
        or pa.types.is_string_view(stored)
    )


def _is_naive(stored: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(stored) and stored.tz is None)


def _is_list_of_text(stored: pa.DataType) -> bool:
    is_list = pa.types.is_list(stored) or pa.types.is_large_list(stored)
    return bool(is_list and _is_text(stored.value_type))


def _cast(values: pa.Array) -> pa.Array:
    return pc.cast(values, pa.string())


def _day(values: pa.Array) -> pa.Array:
    return pc.cast(pc.cast(values, pa.date32()), pa.string())


def _midnight(values: pa.Array) -> pa.Array:
    """Days that are stored as instants: midnight, without a zone or in UTC. No other is a day."""
    text = pc.strftime(pc.cast(values, pa.timestamp(values.type.unit)), "%Y-%m-%dT%H:%M:%S")
    if _is_naive(values.type) or values.type.tz in _UTC:
        return pc.replace_substring_regex(text, r"T00:00:00(?:\.0+)?$", "")
    return text


def _instant(values: pa.Array) -> pa.Array:
    in_utc = pc.cast(values, pa.timestamp(values.type.unit, "UTC"))
    text = pc.strftime(in_utc, "%Y-%m-%dT%H:%M:%SZ")
    return pc.replace_substring_regex(text, r"(\.\d{6})000Z$", r"\1Z")


def _decimal(values: pa.Array) -> pa.Array:
    text = pc.cast(values, pa.string())
    if pc.any(pc.match_substring(text, "E")).as_py():  # Arrow writes small ones as 0E-18
        plainly = [None if v is None else f"{v:f}" for v in values.to_pylist()]
        text = pa.array(plainly, pa.string())
    return pc.replace_substring_regex(text, r"(\.\d\d)0+$", r"\1")


def _floating(values: pa.Array) -> pa.Array:
    return pa.array([_amount(value) for value in _as_written(values)], pa.string())


def _number(values: pa.Array) -> pa.Array:
    """Whole numbers as such; anything else as it is, for the column's own check to judge."""
    return pa.array(
        [
            None if v is None or v != v else f"{v:.0f}" if v.is_integer() else repr(v)  # noqa: PLR0124
            for v in _as_written(values)
        ],
        pa.string(),
    )


def _as_written(values: pa.Array) -> list[float | None]:
    """The numbers as people wrote them: 5.1 stored in single precision is 5.1."""
    if pa.types.is_float64(values.type):
        return list(values.to_pylist())
    return list(pc.cast(pc.cast(values, pa.string()), pa.float64()).to_pylist())


def _amount(value: float | None) -> str | None:
    if value is None or value != value:  # noqa: PLR0124 - not a number: an empty field of pandas
        return None
    rounded = f"{value:.2f}"
    return rounded if float(rounded) == value else repr(value)


def _joined(values: pa.Array) -> pa.Array:
    listed = pc.cast(values, _TEXTS)
    if pc.list_flatten(listed).null_count:  # Arrow would make the whole list one that is not there
        plainly = [None if v is None else "|".join(i or "" for i in v) for v in listed.to_pylist()]
        return pa.array(plainly, pa.string())
    return pc.binary_join(listed, "|")


def _with_bar_inside(values: pa.Array) -> pa.Array | None:
    """In which lists an item holds a bar, or None where none does: joined, it would be two items."""
    listed = pc.cast(values, _TEXTS)
    found = pc.fill_null(pc.match_substring(pc.list_flatten(listed), "|"), fill_value=False)
    if not pc.any(found, min_count=0).as_py():
        return None
    return pc.is_in(numbered(0, len(listed)), pc.list_parent_indices(listed).filter(found))
