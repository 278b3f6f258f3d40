"""Keeps out of an import what erasure took away.

What could go wrong: an old file brings an erased contact back, links an order to it again, or fills
a remark that erasure emptied. So before anything is merged, the rows of erased contacts leave the
staging tables, links to them are cut, and rows whose values must stay empty are marked.

The tokens come into a temporary table; the key they are made with never leaves this process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from psycopg.sql import SQL, Composable, Identifier

from fadeout.connectors.exchange import statements
from fadeout.connectors.exchange.format import FILES, File, Reference
from fadeout.connectors.exchange.staging import Staged
from fadeout.connectors.exchange.statements import only
from fadeout.core.sql import load
from fadeout.keys.tokens import ErasedTokens

ROOM = "connectors.exchange"
_CHUNK = 10_000


@dataclass
class LeftOut:
    """What an import leaves out because of erasure, by file."""

    is_active: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)


def cut(reference: Reference) -> str:
    """The column of a staging table that says that a link was cut."""
    return f"{reference.names[0]}_erased"


def find(cursor: psycopg.Cursor, tokens: ErasedTokens, staged: dict[str, Staged]) -> bool:
    """Collect in ``erased_number`` the contact numbers that mean an erased contact here."""
    cursor.execute(load(ROOM, "create_erased_number"))
    cursor.execute(load(ROOM, "create_erased_token"))
    cursor.execute(load(ROOM, "create_candidate"))
    with cursor.copy("COPY erased_token (token) FROM STDIN") as copy:
        for token in tokens.stream():
            copy.write_row((rb"\x" + token.hex().encode(),))
    cursor.execute("SELECT EXISTS (SELECT FROM erased_token)")
    if not only(cursor):
        return False
    cursor.execute("ANALYZE erased_token")
    if staged["contacts"].rows:
        _recognise(cursor, load(ROOM, "select_contacts_not_on_file"), tokens.token)
    _recognise(
        cursor,
        _numbers_nobody_has(staged),
        lambda number, _created_at: tokens.number_token(number),
    )
    cursor.execute("ANALYZE erased_number")
    return True


def leave_out(cursor: psycopg.Cursor, staged: dict[str, Staged], *, any_erased: bool) -> LeftOut:
    """Take out what must not come back; afterwards the staging tables can be merged as they are."""
    left_out = LeftOut(is_active=any_erased or _may_fill_again(cursor, staged))
    if not left_out.is_active:
        return left_out
    for file in FILES:
        _add_marks(cursor, file)
    if any_erased:
        for file in FILES:
            if staged[file.name].rows:
                _cut_links(cursor, file, left_out)
    for step in (
        "create_erased_order",
        "mark_emptied_orders",
        "mark_emptied_lines",
        "mark_emptied_answers",
        "mark_emptied_entries",
    ):
        cursor.execute(load(ROOM, step))
    cursor.execute("DROP VIEW erased_order")
    for file in FILES:
        _count_values(cursor, file, left_out)
    return left_out


def _may_fill_again(cursor: psycopg.Cursor, staged: dict[str, Staged]) -> bool:
    """Whether the import brings what erasure empties, into a house where something was emptied."""
    if not any(staged[file.name].rows for file in FILES if file.emptied):
        return False
    cursor.execute(load(ROOM, "select_whether_emptied_on_file"))
    return bool(only(cursor))


def _recognise(
    cursor: psycopg.Cursor,
    candidates: Composable | str,
    token: Callable[[str, datetime], bytes],
) -> None:
    cursor.execute("TRUNCATE candidate")
    for chunk in _chunks(cursor.connection, candidates):
        with cursor.copy("COPY candidate (contact_number, token) FROM STDIN") as copy:
            for number, created_at in chunk:
                copy.write_row((number, rb"\x" + token(number, created_at).hex().encode()))
    cursor.execute(load(ROOM, "insert_erased_numbers"))


def _chunks(
    connection: psycopg.Connection, query: Composable | str
) -> Iterator[list[tuple[str, datetime]]]:
    with psycopg.ServerCursor(connection, "candidates") as reading:
        reading.execute(query)  # type: ignore[arg-type]
        while chunk := reading.fetchmany(_CHUNK):
            yield chunk


def _numbers_nobody_has(staged: dict[str, Staged]) -> Composable:
    """Contact numbers that rows point at, but neither the import nor the database has."""
    parts = [
        SQL("SELECT {} AS contact_number FROM {} AS s WHERE {} AND NOT {} AND NOT {}").format(
            Identifier("s", reference.names[0]),
            Identifier(file.stage),
            statements.is_given(reference),
            statements.is_on_file(reference),
            statements.is_in_stage(reference),
        )
        for file in FILES
        for reference in file.contact_references
        if staged[file.name].rows
    ]
    nobody = SQL("SELECT NULL::text AS contact_number WHERE false")
    return SQL("SELECT contact_number, NULL::timestamptz FROM ({}) AS u").format(
        SQL(" UNION ").join([nobody, *parts])
    )


def _add_marks(cursor: psycopg.Cursor, file: File) -> None:
    marks = [cut(reference) for reference in cuttable(file)] + (["emptied"] if file.emptied else [])
    if marks:
        added = statements.COMMA.join(
            SQL("ADD COLUMN {} boolean NOT NULL DEFAULT false").format(Identifier(mark))
            for mark in marks
        )
        cursor.execute(SQL("ALTER TABLE {} {}").format(Identifier(file.stage), added))


def cuttable(file: File) -> tuple[Reference, ...]:
    """The links to contacts that a row can lose and still be about something."""
    return () if file.is_only_about_its_contact else file.contact_references


def _cut_links(cursor: psycopg.Cursor, file: File, left_out: LeftOut) -> None:
    if file.name == "contacts" or file.is_only_about_its_contact:
        delete = SQL(
            "DELETE FROM {} WHERE contact_number IN (SELECT contact_number FROM erased_number)"
        )
        cursor.execute(delete.format(Identifier(file.stage)))
        left_out.rows[file.name] = cursor.rowcount
    for reference in cuttable(file):
        cursor.execute(
            SQL(
                "UPDATE {stage} SET {mark} = true, {link} = NULL"
                " WHERE {link} IN (SELECT contact_number FROM erased_number)"
            ).format(
                stage=Identifier(file.stage),
                mark=Identifier(cut(reference)),
                link=Identifier(reference.names[0]),
            )
        )
        left_out.links[file.name] = left_out.links.get(file.name, 0) + cursor.rowcount


def _count_values(cursor: psycopg.Cursor, file: File, left_out: LeftOut) -> None:
    if not file.emptied:
        return
    cursor.execute(
        SQL("SELECT coalesce(sum(num_nonnulls({})), 0) FROM {} WHERE emptied").format(
            statements.names(column.name for column in file.emptied), Identifier(file.stage)
        )
    )
    left_out.values[file.name] = int(only(cursor))
