"""Turns the personal-data catalogue into the SQL that erases.

What could go wrong: a column is forgotten, or simulation counts something else than a run removes.
So there is no hand-written erasure: every statement comes from the catalogue, which the build
refuses when it is incomplete, and the count of a simulation is made of the very same FROM and
WHERE.

All statements work on the scopes (temporary tables) of one stroke; identifiers come from the
catalogue alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from psycopg import sql
from psycopg.sql import SQL, Composable, Identifier

from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Action, Column, Reach, RowAction, Table

SCOPES = {
    Reach.CONTACT: ("scope_contact", "contact_id"),
    Reach.ORDER: ("scope_order", "order_id"),
    Reach.LINE: ("scope_line", "line_id"),
    Reach.BOUGHT_LINE: ("scope_bought_line", "line_id"),
}
EXPIRING = (Reach.ORDER, Reach.LINE, Reach.BOUGHT_LINE)

VALUES: dict[Action, Composable] = {
    Action.EMPTY: SQL("NULL"),
    Action.XXXXXXXX: sql.Literal("XXXXXXXX"),
    Action.NEW_ID: SQL("gen_random_uuid()"),
    Action.NEW_NUMBER: SQL("'~' || replace(gen_random_uuid()::text, '-', '')"),
    Action.COARSEN: SQL("nullif(concat_ws('-', t.country, left(t.postcode, 2)), '')"),
    Action.MARK: SQL("TRUE"),
    Action.DATE: SQL("%(today)s::date"),
}
DELETED = SQL("(SELECT contact_id FROM scope_contact WHERE outcome = 'delete')")


@dataclass(frozen=True)
class Statement:
    """One step of a stroke on one table.

    ``changes`` erases; ``counts`` tells how many rows it would touch, and changes nothing.
    """

    table: str
    removes: bool
    reach: Reach
    changes: Composable
    counts: Composable


@cache
def of_a_stroke() -> tuple[Statement, ...]:
    """Every step that deletes and anonymises, children first, in one fixed order."""
    reached = [t for t in declaration.tables().values() if t.reach is not Reach.NONE]
    return tuple(step for table in reached for step in _steps(table))


@cache
def of_expiry() -> tuple[Statement, ...]:
    """The steps of the ticket part: the same ones, on lines and orders that are old."""
    return tuple(step for step in of_a_stroke() if step.reach in EXPIRING and not step.removes)


def _steps(table: Table) -> Iterator[Statement]:
    yield from _links_of_others(table)
    changes = RowAction.CHANGE in (table.deletion, table.anonymisation)
    if changes and (change := _change(table)):
        yield change
    outcomes = [
        outcome
        for outcome, rows in (("delete", table.deletion), ("anonymise", table.anonymisation))
        if rows is RowAction.REMOVE
    ]
    if outcomes:
        yield _remove(table, outcomes)


def _remove(table: Table, outcomes: list[str]) -> Statement:
    where = _joined(table)
    if len(outcomes) == 1:
        where = SQL("{} AND s.outcome = {}").format(where, sql.Literal(outcomes[0]))
    return _statement(
        table,
        SQL("DELETE FROM {} AS t USING {} AS s WHERE {}").format(
            Identifier(table.name), _scope(table), where
        ),
        where,
        removes=True,
    )


def _change(table: Table) -> Statement | None:
    """One UPDATE for each table; rows in which nothing would change are left alone."""
    columns = [c for c in table.columns.values() if _assigned(table, c)]
    if not columns:
        return None
    assignments = SQL(", ").join(
        SQL("{} = {}").format(Identifier(c.name), _new_value(table, c)) for c in columns
    )
    where = SQL("{} AND ({})").format(_joined(table), SQL(" OR ").join(_differs(table, columns)))
    return _statement(
        table,
        SQL("UPDATE {} AS t SET {} FROM {} AS s WHERE {}").format(
            Identifier(table.name), assignments, _scope(table), where
        ),
        where,
        removes=False,
    )


def _assigned(table: Table, column: Column) -> bool:
    """Whether the UPDATE sets this column. Links to oneself are unlinked apart, for all rows."""
    if Action.UNLINK in (column.deletion, column.anonymisation):
        return not _is_the_contact(table)
    if column.deletion is Action.KEEP and column.anonymisation is Action.KEEP:
        return False
    return column.anonymisation is not Action.KEEP


def _new_value(table: Table, column: Column) -> Composable:
    if column.deletion is Action.UNLINK:
        return SQL("CASE WHEN t.{0} IN {1} THEN NULL ELSE t.{0} END").format(
            Identifier(column.name), DELETED
        )
    if column.anonymisation is Action.YEAR_START:
        local = SQL("date_trunc('year', t.{} AT TIME ZONE %(time_zone)s)").format(
            Identifier(column.name)
        )
        return SQL("{} AT TIME ZONE %(time_zone)s").format(local)
    if column.anonymisation is Action.MARK:
        # What was already empty was not emptied: a mark only goes where something goes.
        return SQL("t.{} OR {}").format(Identifier(column.name), _holds_something(table))
    return VALUES[column.anonymisation]


def _differs(table: Table, columns: list[Column]) -> Iterator[Composable]:
    if _is_the_contact(table):
        yield SQL("s.outcome = 'anonymise'")
        return
    for column in columns:
        if column.deletion is Action.UNLINK:
            yield SQL("t.{} IN {}").format(Identifier(column.name), DELETED)
    yield _holds_something(table)


def _holds_something(table: Table) -> Composable:
    emptied = [c for c in table.columns.values() if c.anonymisation is Action.EMPTY]
    return SQL("({})").format(
        SQL(" OR ").join(SQL("t.{} IS NOT NULL").format(Identifier(c.name)) for c in emptied)
    )


def _links_of_others(table: Table) -> Iterator[Statement]:
    """Rows of the contact table that point to a struck contact, and the struck one's own pointers."""
    if not _is_the_contact(table):
        return
    for column in table.columns.values():
        if column.anonymisation is Action.UNLINK:
            name = Identifier(column.name)
            where = SQL("(t.{0} = s.contact_id OR (t.id = s.contact_id AND t.{0} IS NOT NULL))")
            yield _statement(
                table,
                SQL("UPDATE {} AS t SET {} = NULL FROM scope_contact AS s WHERE {}").format(
                    Identifier(table.name), name, where.format(name)
                ),
                where.format(name),
                removes=False,
            )


def _statement(table: Table, changes: Composable, where: Composable, *, removes: bool) -> Statement:
    counts = SQL("SELECT count(*) FROM {} AS t, {} AS s WHERE {}").format(
        Identifier(table.name), _scope(table), where
    )
    return Statement(table.name, removes, table.reach, changes, counts)


def _joined(table: Table) -> Composable:
    return SQL("t.{} = s.{}").format(
        Identifier(table.reached_by), Identifier(SCOPES[table.reach][1])
    )


def _scope(table: Table) -> Composable:
    return Identifier(SCOPES[table.reach][0])


def _is_the_contact(table: Table) -> bool:
    return table.reach is Reach.CONTACT and table.reached_by == "id"
