"""Brings the rows of a file into its staging table, checked, at the speed of COPY."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import IO

import psycopg
import pyarrow as pa
import pyarrow.csv

from fadeout.connectors.exchange import statements
from fadeout.connectors.exchange.ahead import ahead
from fadeout.connectors.exchange.batches import Batch, Reader, checked
from fadeout.connectors.exchange.csv_blocks import Malformed
from fadeout.connectors.exchange.csv_records import CsvReader
from fadeout.connectors.exchange.format import FILES, Column, File
from fadeout.connectors.exchange.parquet import ParquetReader
from fadeout.connectors.exchange.problems import Problems
from fadeout.connectors.exchange.sources import Delivery, Source, Unreadable

Progress = Callable[[str, int], None]
_ANALYZE_FROM = 1_000
_STOPPING = (Malformed, Unreadable, OSError)


@dataclass
class Staged:
    """The rows of one file in its staging table: which columns came, and how many rows."""

    file: File
    name: str
    columns: tuple[Column, ...]
    rows: int = 0
    reader: Reader | None = None

    def has(self, name: str) -> bool:
        """Whether the file came with a column."""
        return any(column.name == name for column in self.columns)

    @property
    def has_key(self) -> bool:
        """Whether its rows can be told apart at all."""
        return all(self.has(column.name) for column in self.file.key)


def stage_all(
    cursor: psycopg.Cursor, delivery: Delivery, problems: Problems, progress: Progress
) -> dict[str, Staged]:
    """Stage every file of a delivery; files that did not come have an empty staging table."""
    pa.set_memory_pool(pa.system_memory_pool())  # the others keep what they once had
    for file in FILES:
        cursor.execute(statements.create_stage(file))
    staged = {file.name: Staged(file, f"{file.name}.csv", ()) for file in FILES}
    for source in delivery.sources:
        staged[source.file.name] = _stage(cursor, source, problems, progress)
    return staged


def line_finder(
    delivery: Delivery, staged: dict[str, Staged]
) -> Callable[[str, list[int]], dict[int, int]]:
    """Finds the physical lines of rows by reading their file once more."""

    def find(name: str, rows: list[int]) -> dict[int, int]:
        source = next(source for source in delivery.sources if source.name == name)
        reader = staged[source.file.name].reader
        try:
            with source.open() as stream:
                return reader.lines(stream, rows) if reader else {}
        except (Unreadable, Malformed, OSError):
            return {}

    return find


def _stage(
    cursor: psycopg.Cursor, source: Source, problems: Problems, progress: Progress
) -> Staged:
    staged = Staged(source.file, source.name, ())
    progress(source.name, 0)
    try:
        with source.open() as stream:
            reader = _reader(source, stream, problems)
            staged.reader, staged.columns = reader, reader.columns
            if staged.columns:
                _copy(cursor, staged, reader, problems, progress)
    except _STOPPING as stopped:
        _tell_why(staged, stopped, problems)
    if staged.rows >= _ANALYZE_FROM:
        cursor.execute(
            psycopg.sql.SQL("ANALYZE {}").format(psycopg.sql.Identifier(staged.file.stage))
        )
    return staged


def _tell_why(staged: Staged, stopped: Exception, problems: Problems) -> None:
    problems.unreadable.add(staged.file.name)
    if isinstance(stopped, Malformed):
        problems.at_line(staged.name, stopped.line, stopped.reason)
    elif isinstance(stopped, OSError):
        problems.in_file(staged.name, f"cannot be read: {stopped.strerror}")
    else:
        problems.in_file(staged.name, str(stopped))


def _reader(source: Source, stream: IO[bytes], problems: Problems) -> Reader:
    kind = ParquetReader if source.is_parquet else CsvReader
    return kind(stream, source.file, source.name, problems)


@dataclass(frozen=True)
class _Lines:
    """Rows as COPY takes them."""

    content: bytes
    count: int
    batch: Batch


def _copy(
    cursor: psycopg.Cursor, staged: Staged, reader: Reader, problems: Problems, progress: Progress
) -> None:
    """One COPY for as many blocks as possible; a block that CSV cannot carry has one of its own."""
    as_csv = statements.copy_into_stage(staged.file, staged.columns)
    with closing(ahead(_encoded(staged, reader, problems))) as blocks:
        block = next(blocks, None)
        while block is not None:
            if _ends_a_copy(block.content):
                _copy_as_text(cursor, staged, block.batch)
                staged.rows += block.count
                block = next(blocks, None)
                continue
            with cursor.copy(as_csv) as copy:
                while block is not None and not _ends_a_copy(block.content):
                    copy.write(block.content)
                    staged.rows += block.count
                    progress(staged.name, staged.rows)
                    block = next(blocks, None)


def _ends_a_copy(content: bytes) -> bool:
    r"""Before PostgreSQL 18 a line of \. ends a COPY in CSV, even inside quotes."""
    return b"\n\\." in content or b"\r\\." in content


def _encoded(staged: Staged, reader: Reader, problems: Problems) -> Iterator[_Lines]:
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    for read in _read(staged, reader, problems):
        batch = checked(read, staged.file, staged.columns, staged.name, problems)
        arrays = [batch.rows, *(batch.columns[column.name] for column in staged.columns)]
        table = pa.Table.from_arrays(arrays, ["row", *(c.name for c in staged.columns)])
        sink = io.BytesIO()
        pyarrow.csv.write_csv(table, sink, options)
        yield _Lines(sink.getvalue(), len(batch), batch)


def _read(staged: Staged, reader: Reader, problems: Problems) -> Iterator[Batch]:
    """The rows up to where the file cannot be read on; the COPY that takes them ends well."""
    try:
        yield from reader.batches()
    except _STOPPING as stopped:
        _tell_why(staged, stopped, problems)


def _copy_as_text(cursor: psycopg.Cursor, staged: Staged, batch: Batch) -> None:
    arrays = [batch.rows, *(batch.columns[column.name] for column in staged.columns)]
    with cursor.copy(statements.copy_into_stage(staged.file, staged.columns, as_text=True)) as copy:
        for row in zip(*(array.to_pylist() for array in arrays), strict=True):
            copy.write_row(row)
