"""Replaces texts in rows that stay: what was typed there about somebody who is erased.

What could go wrong, and what prevents it:

- The box office waits: rows are locked in the order of their keys, no longer than the caller's
  ``lock_timeout``, and in a way that lets others go on pointing at them.
- A text that somebody changed meanwhile is put back: callers read it under that lock.
- A text shows in the server's log: texts travel by COPY, never within a statement.
- A text must be different in every row: then the mark that replaces carries the row's key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composable, Identifier

from fadeout.core import sql
from fadeout.core.catalogue.texts import TextColumn, TextTable

MARK = "[removed]"


def mark(column: TextColumn, row: object) -> str:
    """What stands in the place of whatever is taken out. A key alone could be somebody's number."""
    return MARK.replace("]", f" in row-{row}]") if column.is_once else MARK


def read(table: TextTable, rows: Sequence[Any], *, locking: bool = False) -> list[tuple[Any, ...]]:
    """The key and the texts of these rows, in the order of the keys; of those that are still there."""
    statement = SQL(
        "SELECT t.{key}, {values} FROM {table} AS t WHERE t.{key} = ANY(%(rows)s::{type}[])"
        " ORDER BY t.{key} {lock}"
    ).format(
        key=Identifier(table.key),
        values=SQL(", ").join(column.value() for column in table.columns),
        table=Identifier(table.name),
        type=SQL(table.key_type),
        lock=SQL("FOR NO KEY UPDATE" if locking else ""),
    )
    return sql.rows(_text(statement), {"rows": list(rows)})


def write(table: TextTable, column: TextColumn, texts: Mapping[Any, str]) -> int:
    """Replace the texts of these rows, which the caller holds locked; tells how many there were.

    A text of which the ledger holds a hash is emptied instead, with the salt of that hash.
    """
    if column.emptied_with:
        return _empty(table, (column.name, column.emptied_with), list(texts))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.execute(sql.load("erasure", "create_replaced_texts"))
        cursor.execute("TRUNCATE replaced_text")
        with cursor.copy("COPY replaced_text (row, text) FROM STDIN") as copy:
            for row, text in texts.items():
                copy.write_row((str(row), text))
        cursor.execute("ANALYZE replaced_text (row)")  # statistics keep samples of texts
    return sql.execute(
        _text(
            SQL(
                "UPDATE {table} AS t SET {column} = r.text::{type} FROM replaced_text AS r"
                " WHERE t.{key} = r.row::{key_type}"
            ).format(
                table=Identifier(table.name),
                column=Identifier(column.name),
                type=SQL(column.type),
                key=Identifier(table.key),
                key_type=SQL(table.key_type),
            )
        )
    )


def _empty(table: TextTable, columns: Sequence[str], rows: Sequence[Any]) -> int:
    assignments = SQL(", ").join(SQL("{} = NULL").format(Identifier(name)) for name in columns)
    statement = SQL("UPDATE {table} AS t SET {assignments} WHERE t.{key} = ANY(%(rows)s::{type}[])")
    return sql.execute(
        _text(
            statement.format(
                table=Identifier(table.name),
                assignments=assignments,
                key=Identifier(table.key),
                type=SQL(table.key_type),
            )
        ),
        {"rows": list(rows)},
    )


def _text(composed: Composable) -> str:
    return composed.as_string(connection.connection)
