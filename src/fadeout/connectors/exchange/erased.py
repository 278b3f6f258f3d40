"""Keeps out of an import what erasure took away.

What could go wrong: an old file brings an erased contact back, links an order to it again, or fills
a remark that erasure emptied. So before anything is merged, the rows of erased contacts leave the
staging tables, links to them are cut, and rows whose values must stay empty are marked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from fadeout.connectors.exchange import statements
from fadeout.connectors.exchange.format import FILES, File, Reference
from fadeout.connectors.exchange.staging import Staged
from fadeout.connectors.exchange.statements import only
from fadeout.core.sql import load

ROOM = "connectors.exchange"


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


def leave_out(cursor: psycopg.Cursor, staged: dict[str, Staged], *, any_erased: bool) -> LeftOut:
    """Take out what must not come back; afterwards the staging tables can be merged as they are."""
    left_out = LeftOut(is_active=any_erased or _may_fill_again(cursor, staged))
    if not left_out.is_active:
        return left_out
    for file in FILES:
        _add_marks(cursor, file)
    if any_erased:
        cursor.execute("ALTER TABLE stage_order_lines ADD COLUMN ordered_at timestamptz")
        cursor.execute(load(ROOM, "date_lines_of_numbers_given_again"))
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
    if file.name == "contacts":
        left_out.rows[file.name] = _delete(cursor, file, _means_erased("contact_number", None))
    elif file.is_only_about_its_contact:
        (whose,) = file.contact_references
        left_out.rows[file.name] = _delete(cursor, file, _points_at_erased(whose))
    for reference in cuttable(file):
        cursor.execute(
            SQL("UPDATE {} AS s SET {} = true, {} = NULL FROM erased_number AS e WHERE {}").format(
                Identifier(file.stage),
                Identifier(cut(reference)),
                Identifier(reference.names[0]),
                _points_at_erased(reference),
            )
        )
        left_out.links[file.name] = left_out.links.get(file.name, 0) + cursor.rowcount


def _delete(cursor: psycopg.Cursor, file: File, condition: Composed) -> int:
    cursor.execute(
        SQL("DELETE FROM {} AS s USING erased_number AS e WHERE {}").format(
            Identifier(file.stage), condition
        )
    )
    return cursor.rowcount


def _points_at_erased(reference: Reference) -> Composed:
    return _means_erased(reference.names[0], reference.dated_by)


def _means_erased(number: str, dated_by: str | None) -> Composed:
    """The condition that a number in ``s`` means the erased contact, not whoever has it now.

    Without a time of its own, a row is about whoever has the number now.
    """
    before = (
        SQL(" OR {} < e.given_again_at").format(Identifier("s", dated_by)) if dated_by else SQL("")
    )
    return SQL("{} = e.contact_number AND (e.given_again_at IS NULL{})").format(
        Identifier("s", number), before
    )


def _count_values(cursor: psycopg.Cursor, file: File, left_out: LeftOut) -> None:
    if not file.emptied:
        return
    cursor.execute(
        SQL("SELECT coalesce(sum(num_nonnulls({})), 0) FROM {} WHERE emptied").format(
            statements.names(column.name for column in file.emptied), Identifier(file.stage)
        )
    )
    left_out.values[file.name] = int(only(cursor))
