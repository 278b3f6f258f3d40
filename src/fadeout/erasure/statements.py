"""Turns the personal-data catalogue into the SQL that erases.

What could go wrong: a column is forgotten, or simulation counts something else than a run removes.
So there is no hand-written erasure: every statement comes from the catalogue, which the build
refuses when it is incomplete; and one condition says which rows a step takes something from: a
simulation counts them by it, a run finds them by it, and strikes those it found.

All statements work on the scopes (temporary tables) of one stroke; identifiers come from the
catalogue alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
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
#: The rows that were found for each step, with the outcome of their contact.
FOUND = Identifier("scope_row")
CONTACTS = "contacts_contact"
EXPIRING = (Reach.ORDER, Reach.LINE, Reach.BOUGHT_LINE)

VALUES: dict[Action, Composable] = {
    Action.EMPTY: SQL("NULL"),
    Action.UNLINK: SQL("NULL"),
    Action.XXXXXXXX: sql.Literal("XXXXXXXX"),
    Action.NEW_ID: SQL("gen_random_uuid()"),
    Action.NEW_NUMBER: SQL("'~' || replace(gen_random_uuid()::text, '-', '')"),
    Action.COARSEN: SQL("nullif(concat_ws('-', t.country, left(t.postcode, 2)), '')"),
    Action.MARK: SQL("TRUE"),
    Action.DATE: SQL("%(today)s::date"),
}


@dataclass(frozen=True)
class Statement:
    """One step of a stroke on one table.

    ``where`` says of a row ``t`` and its scope ``s`` whether the step takes something from it; ``acts``
    is the head of the statement that does; ``changed`` are the columns that lose what they held, where
    rows stay. Ties between contacts are not part of the totals by table: how many there still are
    depends on which contact goes first.
    """

    number: int
    table: str
    reach: Reach
    where: Composable
    acts: Composable
    removes: bool = False
    changed: tuple[str, ...] = ()
    in_totals: bool = True

    @property
    def changes(self) -> Composable:
        """Erases, in the rows that were found for this step, as they were found.

        Contacts are locked, and one step changes a row that another one found.
        """
        as_found = "" if self.table == CONTACTS else " AND t.ctid = s.place"
        return SQL("{} WHERE s.step = {} AND t.id = s.row_id{}").format(
            self.acts, sql.Literal(self.number), SQL(as_found)
        )

    @property
    def counts(self) -> Composable:
        """Tells how many rows the step would touch; changes nothing."""
        return SQL("SELECT count(*) FROM {} AS t, {} AS s WHERE {}").format(
            Identifier(self.table), scope(self.reach), self.where
        )

    @property
    def removes_contacts(self) -> bool:
        """Whether this is the DELETE of the contacts themselves."""
        return self.removes and self.table == CONTACTS


@cache
def of_a_stroke() -> tuple[Statement, ...]:
    """Every step that deletes and anonymises, children first, in one fixed order."""
    reached = [t for t in declaration.tables().values() if t.reach is not Reach.NONE]
    steps = [step for table in reached for step in _steps(table)]
    return tuple(replace(step, number=number) for number, step in enumerate(steps))


@cache
def of_expiry() -> tuple[Statement, ...]:
    """The steps of the ticket part: the same ones, on lines and orders that are old."""
    return tuple(step for step in of_a_stroke() if step.reach in EXPIRING and not step.removes)


def _steps(table: Table) -> Iterator[Statement]:
    """One UPDATE for the rows that stay, while they are still linked; then ties; then one DELETE."""
    changes = RowAction.CHANGE in (table.deletion, table.anonymisation)
    if changes and (change := _change(table)):
        yield change
    if _is_the_contact(table):
        yield from _ties(table)
    outcomes = [
        outcome
        for outcome, rows in (("delete", table.deletion), ("anonymise", table.anonymisation))
        if rows is RowAction.REMOVE
    ]
    if outcomes:
        yield _remove(table, outcomes)


def _remove(table: Table, outcomes: list[str]) -> Statement:
    acts = SQL("DELETE FROM {} AS t USING {} AS s").format(Identifier(table.name), FOUND)
    where = _of_outcomes(_joined(table), outcomes)
    return Statement(0, table.name, table.reach, where, acts, removes=True)


def _change(table: Table) -> Statement | None:
    """One UPDATE for each table; rows in which nothing would change are left alone."""
    columns = [c for c in table.columns.values() if c.anonymisation is not Action.KEEP]
    links = [] if _is_the_contact(table) else _links(table)
    if not columns and not links:
        return None
    assignments = [
        SQL("{} = {}").format(Identifier(c.name), _new_value(c)) for c in columns if c not in links
    ]
    assignments += [
        SQL("{} = CASE WHEN {} THEN NULL ELSE {} END").format(
            Identifier(c.name), _is_cut(table, c), Identifier("t", c.name)
        )
        for c in links
    ]
    losing = [c.name for c in [*columns, *links] if c.anonymisation is not Action.MARK]
    return Statement(
        0,
        table.name,
        table.reach,
        where=SQL("{} AND {}").format(_joined(table), _differs(table, links)),
        acts=_update(table, assignments),
        changed=tuple(dict.fromkeys(losing)),
    )


def _update(table: Table, assignments: Iterable[Composable]) -> Composable:
    return SQL("UPDATE {} AS t SET {} FROM {} AS s").format(
        Identifier(table.name), SQL(", ").join(assignments), FOUND
    )


def _new_value(column: Column) -> Composable:
    if column.anonymisation is Action.YEAR_START:
        local = SQL("date_trunc('year', t.{} AT TIME ZONE %(time_zone)s)").format(
            Identifier(column.name)
        )
        return SQL("{} AT TIME ZONE %(time_zone)s").format(local)
    return VALUES[column.anonymisation]


def _differs(table: Table, links: list[Column]) -> Composable:
    """Which rows the UPDATE touches: contacts to anonymise; elsewhere those that hold something."""
    if _is_the_contact(table):
        return SQL("s.outcome = 'anonymise'")
    held = [
        SQL("t.{} IS NOT NULL").format(Identifier(c.name))
        for c in table.columns.values()
        if c.anonymisation is Action.EMPTY
    ]
    return SQL("({})").format(SQL(" OR ").join([*held, *(_is_cut(table, c) for c in links)]))


def _links(table: Table) -> list[Column]:
    """Columns that point at a contact and lose the link when the contact is deleted."""
    return [c for c in table.columns.values() if c.deletion is Action.UNLINK]


def _is_cut(table: Table, column: Column) -> Composable:
    """The condition that a link of ``t`` leads to a contact in scope that is deleted."""
    if table.reach is Reach.CONTACT and column.name == table.reached_by:
        return SQL("s.outcome = 'delete'")
    return SQL("t.{} IN (SELECT contact_id FROM scope_contact WHERE outcome = 'delete')").format(
        Identifier(column.name)
    )


def _ties(table: Table) -> Iterator[Statement]:
    """What other contacts point at struck ones with: an index leads there, column by column."""
    for column in _links(table):
        name = Identifier(column.name)
        yield Statement(
            0,
            table.name,
            Reach.CONTACT,
            where=SQL("t.{} = s.contact_id").format(name),
            acts=_update(table, [SQL("{} = NULL").format(name)]),
            changed=(column.name,),
            in_totals=False,
        )


def _of_outcomes(where: Composable, outcomes: list[str]) -> Composable:
    if len(outcomes) > 1:
        return where
    return SQL("{} AND s.outcome = {}").format(where, sql.Literal(outcomes[0]))


def _joined(table: Table) -> Composable:
    return SQL("t.{} = s.{}").format(
        Identifier(table.reached_by), Identifier(SCOPES[table.reach][1])
    )


def scope(reach: Reach) -> Composable:
    """The name of the temporary table of what a stroke reaches."""
    return Identifier(SCOPES[reach][0])


def _is_the_contact(table: Table) -> bool:
    return table.name == CONTACTS
