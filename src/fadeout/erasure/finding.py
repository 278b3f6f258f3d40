"""Finds the rows that a stroke takes something from, and what it takes: to be sealed, then struck.

What could go wrong: something is removed that was not sealed. So rows are found once, by the very
conditions of the steps that erase, and both the sealing and the striking go by what was found.
Nothing is found of rows that stay as they are.

What is taken from a row is a JSON array: the number of its entry in :func:`layout`, which is that of
the step, then the values of that entry's columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from psycopg import sql
from psycopg.sql import SQL, Composable, Identifier

from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Reach
from fadeout.erasure import statements
from fadeout.erasure.statements import CONTACTS, Statement

#: Whose a line in scope is: of who bought it, and of who holds the ticket.
LINE_OWNERS = """
SELECT o.contact_id, b.line_id
FROM scope_bought_line AS b JOIN scope_ordering AS o ON o.order_id = b.order_id
UNION
SELECT contact_id, line_id FROM scope_ticket
"""
OWNERS: dict[Reach, tuple[Composable, Composable]] = {
    Reach.CONTACT: (SQL("s.contact_id"), SQL("")),
    Reach.ORDER: (
        SQL("own.contact_id"),
        SQL(" JOIN scope_ordering AS own ON own.order_id = s.order_id"),
    ),
    Reach.BOUGHT_LINE: (
        SQL("own.contact_id"),
        SQL(" JOIN scope_ordering AS own ON own.order_id = s.order_id"),
    ),
    Reach.LINE: (
        SQL("own.contact_id"),
        SQL(" JOIN line_owner AS own ON own.line_id = s.line_id"),
    ),
}
#: In the ticket part one record holds what is removed of one order; whose it is stands in it.
ORDERS: dict[Reach, tuple[Composable, Composable]] = {
    Reach.ORDER: (SQL("s.order_id"), SQL("")),
    Reach.BOUGHT_LINE: (SQL("s.order_id"), SQL("")),
    Reach.LINE: (SQL("t.order_id"), SQL("")),
}
WHO = ("id", "contact_number", "email")


@dataclass(frozen=True)
class Entry:
    """What is gathered of the rows of one statement."""

    table: str
    columns: Sequence[str]


@cache
def layout() -> tuple[Entry, ...]:
    """The entries by number: those of the statements of a stroke, then who an order is of."""
    return (
        *(Entry(step.table, _columns(step)) for step in statements.of_a_stroke()),
        Entry(CONTACTS, WHO),
    )


@cache
def of_a_stroke() -> Composable:
    """The statement that finds, for each contact in scope, what hangs on it and what it loses."""
    parts = [_part(step, *OWNERS[step.reach]) for step in statements.of_a_stroke()]
    return _together(parts)


@cache
def of_expiry() -> Composable:
    """Likewise for each order that the ticket part reaches."""
    parts = [_part(step, *ORDERS[step.reach]) for step in statements.of_expiry()]
    return _together([*parts, _who(len(layout()) - 1)])


def _columns(step: Statement) -> tuple[str, ...]:
    table = declaration.tables()[step.table]
    if step.removes:
        return tuple(table.columns)
    return ("id", *(name for name in step.changed if name != "id"))


def _part(step: Statement, owner: Composable, join: Composable) -> Composable:
    outcome = "s.outcome" if step.reach is Reach.CONTACT else "NULL::text"
    return SQL(
        "SELECT {number}, t.id, t.ctid, {outcome}, {owner}, json_build_array({number}, {values})::text"
        " FROM {table} AS t, {scope} AS s{join} WHERE {where}"
    ).format(
        number=sql.Literal(step.number),
        outcome=SQL(outcome),
        owner=owner,
        values=SQL(", ").join(Identifier("t", name) for name in _columns(step)),
        table=Identifier(step.table),
        scope=statements.scope(step.reach),
        join=join,
        where=step.where,
    )


def _who(number: int) -> Composable:
    """Whose an order of the ticket part is: who bought it, and who holds its tickets."""
    values = SQL(", ").join(Identifier("c", name) for name in WHO)
    return SQL(
        "SELECT {number}, c.id, c.ctid, NULL::text, w.order_id,"
        " json_build_array({number}, {values})::text FROM ("
        " SELECT o.id AS order_id, unnest(ARRAY[o.purchase_contact_id, o.cultural_contact_id]) AS contact_id"
        " FROM sales_order AS o WHERE o.id IN ("
        "SELECT order_id FROM scope_order UNION SELECT order_id FROM scope_bought_line)"
        " UNION SELECT b.order_id, l.beneficiary_contact_id"
        " FROM scope_bought_line AS b JOIN sales_order_line AS l ON l.id = b.line_id"
        ") AS w JOIN contacts_contact AS c ON c.id = w.contact_id"
    ).format(number=sql.Literal(number), values=values)


def _together(parts: Sequence[Composable]) -> Composable:
    return SQL(
        "-- Find the rows that a stroke takes something from.\n"
        "WITH line_owner AS ({owners})"
        " INSERT INTO scope_row (step, row_id, place, outcome, owner_id, part) {parts}"
    ).format(owners=SQL(LINE_OWNERS), parts=SQL(" UNION ALL ").join(parts))


def described() -> Iterator[tuple[str, Sequence[str]]]:
    """The layout as the vault keeps it with its keys."""
    for entry in layout():
        yield entry.table, list(entry.columns)
