"""Reads large tables a range of keys at a time: no lock is held, and no snapshot grows old.

What could go wrong: the next range cannot be read, and a search ends as if there were none. So whatever
the thread that reads ahead fails with is raised where its rows are awaited.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, connections
from psycopg.sql import SQL, Composable, Identifier

from fadeout.core import sql
from fadeout.core.catalogue.texts import TextTable

T = TypeVar("T")
#: So many are held at a time; of keys without any text, more are passed over at once.
ROWS_AT_ONCE = 5_000
MOST_KEYS_AT_ONCE = 80_000


def batches(table: TextTable) -> Generator[list[tuple[Any, ...]], None, None]:
    """Key and texts of all rows that hold any, in the order of their keys."""
    after, keys = None, ROWS_AT_ONCE
    while True:
        upto = _end_of_range(table, after, keys)
        rows = read(table, after=after, upto=upto, at_most=ROWS_AT_ONCE)
        yield rows
        if len(rows) == ROWS_AT_ONCE:
            after, keys = rows[-1][0], ROWS_AT_ONCE
        elif upto is None:
            return
        else:
            after, keys = upto, min(2 * keys, MOST_KEYS_AT_ONCE)


def ahead(source: Generator[T, None, None]) -> Generator[T, None, None]:
    """Each of them is read while the one before is gone through, by a thread with a session of its own."""
    with ThreadPoolExecutor(1, "reader") as reader:
        try:
            coming = reader.submit(next, source, None)
            while (some := coming.result()) is not None:
                coming = reader.submit(next, source, None)
                yield some
        finally:
            reader.submit(_end, source)


def _end(source: Generator[Any, None, None]) -> None:
    """In the thread that read: transaction and session are its own."""
    try:
        source.close()
    finally:
        connections.close_all()


def last_key(table: TextTable) -> Any:
    """The largest key there is now; None if there is no row."""
    found = sql.rows(
        _text(
            SQL("SELECT {key} FROM {table} ORDER BY {key} DESC LIMIT 1").format(
                key=Identifier(table.key), table=Identifier(table.name)
            )
        )
    )
    return found[0][0] if found else None


def estimated_rows(tables: tuple[TextTable, ...]) -> int:
    """About how many rows there are, as the server knows from the last analysis."""
    counted: int = sql.rows(
        sql.load("residue", "estimate_rows"), {"tables": [table.name for table in tables]}
    )[0][0]
    return counted


def _end_of_range(table: TextTable, after: Any, keys: int) -> Any:
    found = sql.rows(
        _text(
            SQL(
                "SELECT t.{key} FROM {table} AS t {where} ORDER BY t.{key} OFFSET {n} LIMIT 1"
            ).format(
                key=Identifier(table.key),
                table=Identifier(table.name),
                where=_where(_behind(table, after)),
                n=keys - 1,
            )
        ),
        {"after": after},
    )
    return found[0][0] if found else None


def read(
    table: TextTable, *, after: Any, upto: Any = None, at_most: int | None = None
) -> list[tuple[Any, ...]]:
    """The same of one range of keys, both ends open if not given; of the first so many."""
    values = [column.value() for column in table.columns]
    conditions = [
        SQL("num_nonnulls({}) > 0").format(SQL(", ").join(values)),
        *_behind(table, after),
        *([] if upto is None else [SQL("t.{} <= %(upto)s").format(Identifier(table.key))]),
    ]
    statement = SQL(
        "SELECT t.{key}, {values} FROM {table} AS t {where} ORDER BY t.{key} {limit}"
    ).format(
        key=Identifier(table.key),
        values=SQL(", ").join(values),
        table=Identifier(table.name),
        where=_where(conditions),
        limit=SQL("" if at_most is None else f"LIMIT {int(at_most)}"),
    )
    return sql.rows(_text(statement), {"after": after, "upto": upto})


def _behind(table: TextTable, after: Any) -> list[Composable]:
    return [] if after is None else [SQL("t.{} > %(after)s").format(Identifier(table.key))]


def _where(conditions: list[Composable]) -> Composable:
    return SQL("WHERE {}").format(SQL(" AND ").join(conditions)) if conditions else SQL("")


def _text(composed: Composable) -> str:
    return composed.as_string(connection.connection)
