"""Rows on their way from a file to the database: some thousands at a time, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from fadeout.connectors.exchange.format import Column, File
from fadeout.connectors.exchange.problems import SHOWN, Problems, Where


@dataclass(frozen=True)
class Batch:
    """Rows of a file. ``rows`` numbers them from 0 through the file; values are text or NULL."""

    rows: pa.Array
    columns: dict[str, pa.Array]
    may_hold_nul: bool = False

    def __len__(self) -> int:
        return len(self.rows)


class Reader(Protocol):
    """A file opened for reading: which columns it has, and its rows."""

    columns: tuple[Column, ...]

    def batches(self) -> Iterator[Batch]:
        """The rows; what cannot be read is collected as a problem."""
        ...

    def lines(self, stream: IO[bytes], rows: list[int]) -> dict[int, int]:
        """Where each of these rows starts in the file, counted from 1."""
        ...


def numbered(first: int, count: int) -> pa.Array:
    """The row numbers from ``first`` on."""
    return pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count), start=first - 1)


def known_columns(
    names: list[str], file: File, named: str, problems: Problems
) -> list[Column | None]:
    """The column behind every name of a header (None: unknown, or there a second time)."""
    columns = [file.column(name) for name in names]
    if not any(columns):
        reason = "no header line with the names of the columns"
        if len(names) == 1 and ";" in names[0]:
            reason += " separated by commas (there are semicolons)"
        problems.in_header(named, reason)
        return []
    for position, (name, column) in enumerate(zip(names, columns, strict=True)):
        if column is None:
            shown = name if name.isidentifier() and len(name) <= 40 else f"no. {position + 1}"
            problems.in_header(named, "not a column of this file", column=shown)
        elif names.index(name) < position:
            problems.in_header(named, "in the file twice", column=name)
            columns[position] = None
    for column in file.columns:
        if column not in columns and not column.is_optional:
            problems.in_header(named, "missing, and it is needed", column=column.name)
    return columns


def checked(
    batch: Batch, file: File, columns: tuple[Column, ...], named: str, problems: Problems
) -> Batch:
    """The batch with wrong values taken out, each of them collected as a problem."""
    good: dict[str, pa.Array] = {}
    for column in columns:
        where = Where(named, file, (column,))
        why_not = partial(_why_not, column)
        values = batch.columns[column.name]
        if not column.is_optional and values.null_count:
            collect(batch, where, pc.is_null(values), why_not, problems)
        bad = _with_nul(values) if batch.may_hold_nul else None
        bad = column.type.bad(values) if bad is None else bad
        if bad is not None:
            collect(batch, where, bad, why_not, problems)
            values = pc.if_else(bad, pa.scalar(None, values.type), values)
        good[column.name] = values
    return Batch(batch.rows, good)


def collect(
    batch: Batch, where: Where, bad: pa.Array, why_not: Callable[[str], str], problems: Problems
) -> None:
    """Collect those values of a column that are bad as problems."""
    (column,) = where.columns
    first = pc.indices_nonzero(bad)[:SHOWN]
    rows = zip(
        batch.rows.take(first).to_pylist(),
        batch.columns[column.name].take(first).to_pylist(),
        strict=True,
    )
    problems.in_column(where, rows, why_not, pc.sum(bad).as_py())


def _with_nul(values: pa.Array) -> pa.Array | None:
    bad = pc.fill_null(pc.match_substring(values, "\0"), fill_value=False)
    return bad if pc.any(bad, min_count=0).as_py() else None


def _why_not(column: Column, value: str | None) -> str:
    if not value:
        return "empty, and it is needed"
    return "a NUL character" if "\0" in value else column.type.why_not(value)
