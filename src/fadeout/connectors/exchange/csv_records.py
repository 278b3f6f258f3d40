"""Reads CSV: whole blocks by Arrow; a block that Arrow refuses, record by record.

Arrow's own messages quote the file, so none of them is let out.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterator
from typing import IO

import pyarrow as pa
import pyarrow.csv

from fadeout.connectors.exchange.batches import Batch, known_columns, numbered
from fadeout.connectors.exchange.csv_blocks import Block, Malformed, blocks
from fadeout.connectors.exchange.format import Column, File
from fadeout.connectors.exchange.problems import Problems

_LONGEST_FIELD = 2**31 - 1
_LONGEST_HEADER = 2**20


class CsvReader:
    """A CSV file opened for reading.

    Raises:
        Malformed: the file is no CSV from the start.
    """

    def __init__(self, stream: IO[bytes], file: File, named: str, problems: Problems) -> None:
        self._file = file
        self._named = named
        self._problems = problems
        self._blocks = blocks(stream)
        self._next_row = 0
        self._marks: list[tuple[int, int]] = []
        csv.field_size_limit(_LONGEST_FIELD)
        self._names, self._first = self._header()
        self._columns = known_columns(self._names, file, named, problems)
        self.columns: tuple[Column, ...] = tuple(c for c in self._columns if c is not None)

    def batches(self) -> Iterator[Batch]:
        """The rows; records that cannot be read are collected as problems.

        Raises:
            Malformed: the file cannot be read on.
        """
        if not self.columns:
            return
        if self._first is not None:
            yield from self._batch(self._first)
        for block in self._blocks:
            yield from self._batch(block)

    def lines(self, stream: IO[bytes], rows: list[int]) -> dict[int, int]:
        """The physical line that each of these rows starts at; reads the file once more."""
        found: dict[int, int] = {}
        wanted = set(rows)
        needed = {bisect_right(self._marks, (row, 2**62)) - 1 for row in wanted}
        header_length = self._names_length
        try:
            for number, block in enumerate(blocks(stream)):
                if number in needed:
                    content = block.content[header_length:] if number == 0 else block.content
                    row, line = self._marks[number]
                    for record, at in _records(Block(content, line)):
                        if record and row in wanted:
                            found[row] = at
                        row += bool(record)
                if number >= max(needed):
                    break
        except Malformed:
            pass
        return found

    def _header(self) -> tuple[list[str], Block | None]:
        self._names_length = 0
        first = next(self._blocks, None)
        if first is None:
            return [], None
        start = first.content[:_LONGEST_HEADER]
        try:
            reader = csv.reader(io.StringIO(start.decode("utf-8-sig", "strict"), newline=""))
            names = next(reader, [])
        except UnicodeDecodeError:
            reader = csv.reader(io.StringIO(start.decode("latin-1"), newline=""))
            names = next(reader, [])
            if not all(name.isascii() for name in names):
                raise Malformed(1, "not UTF-8") from None
        length = _length_of_lines(start, reader.line_num)
        self._names_length = length
        return names, Block(first.content[length:], first.line + reader.line_num)

    def _batch(self, block: Block) -> Iterator[Batch]:
        first = self._next_row
        self._marks.append((first, block.line))
        table = None if b"\0" in block.content else self._by_arrow(block.content)
        if table is None:
            batch = self._record_by_record(block)
        else:
            columns = {
                c.name: table.column(str(position)).combine_chunks()
                for position, c in enumerate(self._columns)
                if c is not None
            }
            batch = Batch(numbered(first, table.num_rows), columns)
            self._next_row += table.num_rows
        if len(batch):
            yield batch

    def _by_arrow(self, content: bytes) -> pa.Table | None:
        if not content:
            return None
        every = [str(position) for position in range(len(self._columns))]
        kept = [str(position) for position, c in enumerate(self._columns) if c is not None]
        try:
            return pyarrow.csv.read_csv(
                pa.BufferReader(content),
                pyarrow.csv.ReadOptions(column_names=every, block_size=len(content) + 1),
                pyarrow.csv.ParseOptions(newlines_in_values=True),
                pyarrow.csv.ConvertOptions(
                    column_types={name: pa.string() for name in every},
                    include_columns=kept,
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            return None

    def _record_by_record(self, block: Block) -> Batch:
        rows: list[int] = []
        good: list[list[str]] = []
        for record, _line in _records(block):
            if not record:
                continue
            reason = self._why_not(record)
            if reason is None:
                rows.append(self._next_row)
                good.append(record)
            else:
                self._problems.unreadable.add(self._file.name)
                self._problems.at_row(self._named, self._next_row, reason)
            self._next_row += 1
        columns = {
            c.name: pa.array([record[position] or None for record in good], pa.string())
            for position, c in enumerate(self._columns)
            if c is not None
        }
        return Batch(pa.array(rows, pa.int64()), columns)

    def _why_not(self, record: list[str]) -> str | None:
        if len(record) != len(self._columns):
            return f"{len(record)} fields, the header has {len(self._columns)}"
        if any("\0" in value for value in record):
            return "a NUL character"
        if any(_is_broken(value) for value in record):
            return "not UTF-8"
        return None


def _is_broken(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def _records(block: Block) -> Iterator[tuple[list[str], int]]:
    """Every record of a block with the physical line it starts at (an empty list: a blank line)."""
    text = block.content.decode("utf-8", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""))
    line = block.line
    for record in reader:
        yield record, line
        line = block.line + reader.line_num


def _length_of_lines(content: bytes, count: int) -> int:
    end = 0
    for _ in range(count):
        end = content.find(b"\n", end) + 1 or len(content)
    return end
