"""Writes the exchange format: rows by key, the same bytes for the same data.

Anonymised contacts are nobody any more: they are left out, links to them are empty, and rows about
nothing else than them are left out too.
"""

from __future__ import annotations

from typing import IO

import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg.sql import SQL, Composable, Composed, Identifier

from fadeout.connectors.exchange import statements, types
from fadeout.connectors.exchange.csv_blocks import blocks
from fadeout.connectors.exchange.format import BY_NAME, Column, File, Reference

_ARROW = {
    types.DATE: pa.date32(),
    types.TIME: pa.timestamp("us", "UTC"),
    types.BOOL: pa.bool_(),
    types.AMOUNT: pa.decimal128(14, 2),
    types.INTEGER: pa.int32(),
}


def write_csv(cursor: psycopg.Cursor, file: File, sink: IO[bytes]) -> int:
    """Write a file as CSV, header first; returns how many rows it has."""
    with cursor.copy(_copy(file, header=True)) as copy:
        for chunk in copy:
            sink.write(chunk)
    return cursor.rowcount


def write_parquet(cursor: psycopg.Cursor, file: File, sink: IO[bytes]) -> int:
    """Write a file as Parquet with typed columns; returns how many rows it has."""
    schema = pa.schema(
        [
            pa.field(c.name, _ARROW.get(c.type, pa.string()), nullable=c.is_optional)
            for c in file.columns
        ]
    )
    with (
        pq.ParquetWriter(sink, schema) as writer,
        cursor.copy(_copy(file, header=False)) as copy,
    ):
        for block in blocks(_CopyStream(copy)):
            writer.write_table(_typed(block.content, schema))
    return cursor.rowcount


def _typed(content: bytes, schema: pa.Schema) -> pa.Table:
    table = pyarrow.csv.read_csv(
        pa.BufferReader(content),
        pyarrow.csv.ReadOptions(column_names=schema.names, block_size=len(content) + 1),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    return table.cast(schema)


class _CopyStream:
    """What COPY sends, as a stream to read from."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy
        self._ready = bytearray()
        self._at_end = False

    def read(self, size: int = -1) -> bytes:
        while not self._at_end and len(self._ready) < size:
            chunk = bytes(self._copy.read())
            self._ready += chunk
            self._at_end = not chunk
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken


def _copy(file: File, *, header: bool) -> Composed:
    return SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER {})").format(
        _rows(file), SQL("true" if header else "false")
    )


def _rows(file: File) -> Composed:
    living = SQL(" WHERE t.anonymised_on IS NULL") if file.name == "contacts" else SQL("")
    return SQL("SELECT {} FROM {} AS t{}{} ORDER BY {}").format(
        statements.COMMA.join(
            SQL("{} AS {}").format(_written(file, c), Identifier(c.name)) for c in file.columns
        ),
        Identifier(file.table),
        SQL("").join(_join(file, reference) for reference in file.references),
        living,
        statements.COMMA.join(_order(file, column) for column in file.key),
    )


def _join(file: File, reference: Reference) -> Composable:
    alias = f"r_{reference.field}"
    return SQL(" {} {} AS {} ON {} = {}").format(
        SQL("LEFT JOIN" if reference.is_optional else "JOIN"),
        statements.nested(statements.on_file(BY_NAME[reference.file])),
        Identifier(alias),
        Identifier(alias, "id"),
        Identifier("t", file.target(reference.field)),
    )


def _held(file: File, column: Column) -> Composable:
    """Where the value of a column is: in the table, or in what the table points at."""
    for reference in file.references:
        if column in reference.columns:
            theirs = statements.key_names(BY_NAME[reference.file])
            their = theirs[reference.columns.index(column)]
            return Identifier(f"r_{reference.field}", their)
    return Identifier("t", file.target(column.field))


def _written(file: File, column: Column) -> Composable:
    """The value of a column as the format writes it."""
    if column.type is types.LIST:
        return SQL(
            "(SELECT string_agg(r.role, '|' ORDER BY r.role)"
            " FROM contacts_role AS r WHERE r.contact_id = t.id)"
        )
    held = _held(file, column)
    if column.type is types.TIME:
        return SQL("replace(left({}::text, -3), ' ', 'T') || 'Z'").format(held)
    return SQL("{}::text").format(held) if column.type is types.BOOL else held


def _order(file: File, column: Column) -> Composable:
    held = _held(file, column)
    return SQL('{} COLLATE "C"').format(held) if column.type is types.TEXT else held
