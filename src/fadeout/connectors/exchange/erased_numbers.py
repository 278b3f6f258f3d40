"""Finds the contact numbers that mean an erased contact in the files of an import.

What could go wrong: an erased contact is not recognised and comes back; or somebody is taken for an
erased contact who only has the same number, or inherits what the erased contact left.

- A contact that comes with the import is recognised by number and creation: its own row says who
  its number means.
- A number that nobody has means the erased contact in every row.
- A number that somebody has now was given again: it means the erased contact in the rows from before
  the creation of whoever has it.

The tokens come into a temporary table; the key they are made with never leaves this process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier

from fadeout.connectors.exchange import statements
from fadeout.connectors.exchange.format import FILES, File, Reference
from fadeout.connectors.exchange.staging import Staged
from fadeout.connectors.exchange.statements import only
from fadeout.core.sql import load
from fadeout.keys.tokens import ErasedTokens

ROOM = "connectors.exchange"
_CHUNK = 10_000
_WITH_ITS_ORDER = SQL(" LEFT JOIN stage_orders AS n ON n.order_number = s.order_number")
_OF_ITS_ORDER = SQL(
    "coalesce(n.ordered_at, (SELECT o.ordered_at FROM sales_order AS o"
    " WHERE o.order_number = s.order_number))"
)
_Candidate = tuple[str, datetime, datetime]


def find(cursor: psycopg.Cursor, tokens: ErasedTokens, staged: dict[str, Staged]) -> bool:
    """Collect those numbers in ``erased_number``; says whether anybody was ever erased."""
    for step in ("create_erased_number", "create_erased_token", "create_candidate"):
        cursor.execute(load(ROOM, step))
    if not _any_taken(cursor, tokens):
        return False
    if staged["contacts"].rows:
        _gather(cursor, "select_contacts_not_on_file", tokens.token)
        cursor.execute(load(ROOM, "insert_erased_numbers"))
    _collect_numbers_pointed_at(cursor, staged)
    _gather(cursor, "select_numbers_in_doubt", lambda number, _at: tokens.number_token(number))
    cursor.execute(load(ROOM, "insert_erased_numbers"))
    _gather(cursor, "select_numbers_given_again", tokens.token)
    cursor.execute(load(ROOM, "delete_numbers_never_given_away"))
    cursor.execute("ANALYZE erased_number")
    return True


def _any_taken(cursor: psycopg.Cursor, tokens: ErasedTokens) -> bool:
    """Take the tokens of the key folder to the database; says whether there is any."""
    with cursor.copy("COPY erased_token (token) FROM STDIN") as copy:
        for token in tokens.stream():
            copy.write_row((_as_bytea(token),))
    cursor.execute("ANALYZE erased_token")
    cursor.execute("SELECT EXISTS (SELECT FROM erased_token)")
    return bool(only(cursor))


def _gather(
    cursor: psycopg.Cursor, candidates: str, token: Callable[[str, datetime], bytes]
) -> None:
    """Fill ``candidate`` with the numbers that a query names, and their tokens."""
    cursor.execute("TRUNCATE candidate")
    for chunk in _chunks(cursor.connection, load(ROOM, candidates)):
        with cursor.copy(
            "COPY candidate (contact_number, token, given_again_at) FROM STDIN"
        ) as copy:
            for number, created_at, given_again_at in chunk:
                copy.write_row((number, _as_bytea(token(number, created_at)), given_again_at))


def _as_bytea(token: bytes) -> bytes:
    return rb"\x" + token.hex().encode()


def _chunks(connection: psycopg.Connection, query: str) -> Iterator[list[_Candidate]]:
    with psycopg.ServerCursor(connection, "candidates") as reading:
        reading.execute(query)
        while chunk := reading.fetchmany(_CHUNK):
            yield chunk


def _collect_numbers_pointed_at(cursor: psycopg.Cursor, staged: dict[str, Staged]) -> None:
    """Fill ``pointed_at`` with the numbers that rows point at, and when the first of them did."""
    cursor.execute(load(ROOM, "create_pointed_at"))
    links = [
        _links(file, reference)
        for file in FILES
        for reference in file.contact_references
        if staged[file.name].rows
    ]
    if links:
        cursor.execute(
            SQL(
                "INSERT INTO pointed_at (contact_number, first_at)"
                " SELECT l.contact_number, min(l.at) FROM ({}) AS l GROUP BY l.contact_number"
            ).format(SQL(" UNION ALL ").join(links))
        )
        cursor.execute("ANALYZE pointed_at")


def _links(file: File, reference: Reference) -> Composed:
    """Which numbers the rows of a file point at, and when."""
    at: Composable = SQL("NULL::timestamptz")
    order: Composable = SQL("")
    if reference.dated_by is not None and file.column(reference.dated_by):
        at = Identifier("s", reference.dated_by)
    elif reference.dated_by is not None:
        at, order = _OF_ITS_ORDER, _WITH_ITS_ORDER
    return SQL("SELECT {} AS contact_number, {} AS at FROM {} AS s{} WHERE {}").format(
        Identifier("s", reference.names[0]),
        at,
        Identifier(file.stage),
        order,
        statements.is_given(reference),
    )
