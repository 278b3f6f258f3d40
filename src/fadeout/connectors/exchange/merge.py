"""Merges the staging tables into the tables: inserts what is new, updates only what differs.

Everything here is set-based and runs in the caller's transaction. A table that is empty is filled
with its constraints taken down and put up again afterwards, which checks them all at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from fadeout.connectors.exchange import erased, statements
from fadeout.connectors.exchange.bulk import Constraints
from fadeout.connectors.exchange.erased import LeftOut
from fadeout.connectors.exchange.format import BY_NAME, FILES, Column, File, Reference
from fadeout.connectors.exchange.staging import Progress, Staged
from fadeout.connectors.exchange.statements import only
from fadeout.core.sql import load

ROOM = "connectors.exchange"
BULK_FROM = 20_000


class DoesNotFit(Exception):  # noqa: N818 - the staged rows do not fit together
    """A key twice or a link to nothing: :mod:`checks` says which."""


@dataclass(frozen=True)
class Merged:
    """How many rows of a file were new, and how many differed."""

    inserted: int = 0
    updated: int = 0


@dataclass(frozen=True)
class _Merge:
    """The merge of one file: what came, and how the row on file is reached."""

    staged: Staged
    left_out: LeftOut
    currency: str
    is_first: bool

    @property
    def file(self) -> File:
        return self.staged.file

    def old(self, target: str) -> Composable:
        """What the row on file holds in a column."""
        return SQL("NULL") if self.is_first else Identifier("o", target)


def merge_all(
    cursor: psycopg.Cursor,
    staged: dict[str, Staged],
    left_out: LeftOut,
    currency: str,
    progress: Progress,
) -> dict[str, Merged]:
    """Merge every file, in the order in which they refer to one another.

    Raises:
        DoesNotFit: the rows do not fit together; the transaction must be rolled back.
    """
    merged = {}
    for file in FILES:
        if staged[file.name].rows:
            progress(f"merging {file.name}", 0)
            is_first = is_bulk(cursor, staged[file.name])
            step = _Merge(staged[file.name], left_out, currency, is_first)
            merged[file.name] = _merge(cursor, step)
    return merged


def is_bulk(cursor: psycopg.Cursor, staged: Staged) -> bool:
    """Whether a table is filled from empty with so many rows that constraints are better put up after."""
    if staged.rows < BULK_FROM:
        return False
    cursor.execute(SQL("SELECT NOT EXISTS (SELECT FROM {})").format(Identifier(staged.file.table)))
    return bool(only(cursor))


def _merge(cursor: psycopg.Cursor, merge: _Merge) -> Merged:
    if merge.file.refers_to_itself:
        _number_contacts(cursor)
    if merge.is_first:
        return _merge_first(cursor, merge)
    return _merge_into(cursor, merge)


def _merge_first(cursor: psycopg.Cursor, merge: _Merge) -> Merged:
    """Fill an empty table, without its constraints, and put them up again."""
    constraints = Constraints(cursor, merge.file.table)
    constraints.take_down()
    cursor.execute(
        SQL("INSERT INTO {} ({}) {}").format(
            Identifier(merge.file.table), statements.names(_targets(merge)), _final_rows(merge)
        )
    )
    inserted = cursor.rowcount
    if inserted != _count(cursor, merge.file.stage) or _lost_a_link(cursor, merge):
        raise DoesNotFit
    constraints.put_up()
    if merge.file.name == "contacts":
        _merge_roles(cursor, merge)
    return Merged(inserted=inserted)


def _merge_into(cursor: psycopg.Cursor, merge: _Merge) -> Merged:
    """Insert what is new, then update what differs: that may refer to what is new."""
    file = merge.file
    final = Identifier(f"final_{file.name}")
    cursor.execute(
        SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {}").format(final, _final_rows(merge))
    )
    if _does_not_fit(cursor, merge):
        raise DoesNotFit
    cursor.execute(SQL("ANALYZE {}").format(final))
    cursor.execute(
        SQL("INSERT INTO {} ({targets}) SELECT {targets} FROM {} WHERE on_file IS NULL").format(
            Identifier(file.table), final, targets=statements.names(_targets(merge))
        )
    )
    inserted = cursor.rowcount
    cursor.execute(_update(merge))
    updated = cursor.rowcount
    if file.name == "contacts":
        updated = _merge_roles(cursor, merge)
    return Merged(inserted, updated)


def _update(merge: _Merge) -> Composed:
    file = merge.file
    values = [target for target in _targets(merge) if target not in ("id", "is_emptied")]
    changed = SQL(
        "UPDATE {table} AS t SET {sets} FROM {final} AS f"
        " WHERE t.id = f.on_file AND ({ours}) IS DISTINCT FROM ({theirs})"
    ).format(
        table=Identifier(file.table),
        sets=statements.COMMA.join(
            SQL("{} = {}").format(Identifier(v), Identifier("f", v)) for v in values
        ),
        final=Identifier(f"final_{file.name}"),
        ours=statements.names(values, "t"),
        theirs=statements.names(values, "f"),
    )
    if file.name != "contacts":
        return changed
    return SQL(
        "WITH changed AS ({} RETURNING t.id) INSERT INTO touched_contact SELECT id FROM changed"
    ).format(changed)


def _targets(merge: _Merge) -> list[str]:
    """The columns of the table that a merge fills."""
    file = merge.file
    return [
        *(["id"] if file.refers_to_itself else []),
        *(file.target(reference.field) for reference in file.references),
        *(file.target(column.field) for column in file.plain),
        *(["is_emptied"] if file.emptied else []),
    ]


def _final_rows(merge: _Merge) -> Composed:
    """Every staged row as it shall stand in the table, and the row on file that it belongs to."""
    file = merge.file
    columns: list[Composable] = [
        *([SQL("n.id AS id")] if file.refers_to_itself else []),
        *(_linked(merge, reference) for reference in file.references),
        *(_value(merge, column) for column in file.plain),
        *([_emptied(merge)] if file.emptied else []),
    ]
    joins = [_join(merge, reference) for reference in file.references]
    if file.refers_to_itself:
        joins.append(SQL(" JOIN numbered_contact AS n ON n.contact_number = s.contact_number"))
    if not merge.is_first:
        columns += [SQL("o.id AS on_file"), *(_is_lost(r) for r in file.references)]
        joins.append(_join_on_file(file))
    return SQL("SELECT {} FROM {} AS s{}").format(
        statements.COMMA.join(columns), Identifier(file.stage), SQL("").join(joins)
    )


def _linked(merge: _Merge, reference: Reference) -> Composable:
    """What a row points at.

    A link to an anonymous contact stays: the file may not know, or mean by an old number somebody new.
    """
    target = merge.file.target(reference.field)
    link: Composable = Identifier(_alias(reference), "id")
    if not all(merge.staged.has(name) for name in reference.names):
        link = merge.old(target)
    elif _may_be_cut(merge, reference):
        link = SQL("CASE WHEN {} THEN {} ELSE {} END").format(
            Identifier("s", erased.cut(reference)), merge.old(target), link
        )
    if _may_be_cut(merge, reference) and not merge.is_first:
        link = SQL(
            "CASE WHEN {old} IN (SELECT a.id FROM contacts_contact AS a"
            " WHERE a.anonymised_on IS NOT NULL) THEN {old} ELSE {link} END"
        ).format(old=Identifier("o", target), link=link)
    return SQL("{} AS {}").format(link, Identifier(target))


def _value(merge: _Merge, column: Column) -> Composable:
    target = merge.file.target(column.field)
    value: Composable = Identifier("s", column.name)
    if not merge.staged.has(column.name):
        value = merge.old(target)
    elif column.is_emptied and merge.left_out.is_active:
        value = SQL("CASE WHEN s.emptied THEN {} ELSE {} END").format(merge.old(target), value)
    if merge.file.name == "account_entries" and column.name == "currency":
        value = SQL("coalesce({}, {})").format(value, Literal(merge.currency))
    cast = SQL(column.type.sql)
    return SQL("({})::{} AS {}").format(value, cast, Identifier(target))


def _emptied(merge: _Merge) -> Composable:
    now = SQL("s.emptied") if merge.left_out.is_active else SQL("false")
    return SQL("coalesce({}::boolean, {}) AS is_emptied").format(merge.old("is_emptied"), now)


def _join(merge: _Merge, reference: Reference) -> Composable:
    """A link that a row needs is joined strictly only where counting tells that one was lost."""
    file = BY_NAME[reference.file]
    rows = statements.nested(statements.on_file(file))
    if merge.file is file:
        rows = Composed([Identifier("numbered_contact")])
    strictly = merge.is_first and not _may_be_empty(merge, reference)
    return SQL(" {} {} AS {} ON {}").format(
        SQL("JOIN") if strictly else SQL("LEFT JOIN"),
        rows,
        Identifier(_alias(reference)),
        statements.equal(_alias(reference), statements.key_names(file), "s", reference.names),
    )


def _may_be_empty(merge: _Merge, reference: Reference) -> bool:
    return reference.is_optional or _may_be_cut(merge, reference)


def _may_be_cut(merge: _Merge, reference: Reference) -> bool:
    return merge.left_out.is_active and reference in erased.cuttable(merge.file)


def _join_on_file(file: File) -> Composable:
    """The row of the table with the same key (of the contacts, not the anonymised)."""
    keys = [
        SQL("{} = {}").format(
            Identifier("o", file.target(column.field)), Identifier("s", column.name)
        )
        for column in file.key
        if column.refers_to is None
    ] + [
        SQL("{} = {}").format(
            Identifier("o", file.target(reference.field)), Identifier(_alias(reference), "id")
        )
        for reference in file.references
        if reference.columns[0].is_key
    ]
    living = SQL(" AND o.anonymised_on IS NULL") if file.name == "contacts" else SQL("")
    return SQL(" LEFT JOIN {} AS o ON {}{}").format(
        Identifier(file.table), statements.AND.join(keys), living
    )


def _is_lost(reference: Reference) -> Composable:
    """Whether a row points at something that is not there."""
    return SQL("{} AND {} IS NULL AS {}").format(
        statements.is_given(reference),
        Identifier(_alias(reference), "id"),
        Identifier(f"lost_{reference.field}"),
    )


def _does_not_fit(cursor: psycopg.Cursor, merge: _Merge) -> bool:
    lost = [Identifier(f"lost_{reference.field}") for reference in merge.file.references]
    if not lost:
        return False
    cursor.execute(
        SQL("SELECT EXISTS (SELECT FROM {} WHERE {})").format(
            Identifier(f"final_{merge.file.name}"), SQL(" OR ").join(lost)
        )
    )
    return bool(only(cursor))


def _lost_a_link(cursor: psycopg.Cursor, merge: _Merge) -> bool:
    """Whether a table just filled has fewer links than its staging table."""
    for reference in merge.file.references:
        if not _may_be_empty(merge, reference) or not merge.staged.has(reference.names[0]):
            continue
        cursor.execute(
            SQL("SELECT (SELECT count({}) FROM {}) <> (SELECT count({}) FROM {})").format(
                Identifier(merge.file.target(reference.field)),
                Identifier(merge.file.table),
                Identifier(reference.names[0]),
                Identifier(merge.file.stage),
            )
        )
        if only(cursor):
            return True
    return False


def _number_contacts(cursor: psycopg.Cursor) -> None:
    """Give every contact its id beforehand: rows of one file may point at one another."""
    for step in ("create_numbered_contact", "add_contacts_pointed_at", "create_touched_contact"):
        cursor.execute(load(ROOM, step))
    cursor.execute("ANALYZE numbered_contact")


def _merge_roles(cursor: psycopg.Cursor, merge: _Merge) -> int:
    """Make the roles of the contacts those of the file; returns how many contacts on file changed."""
    if merge.staged.has("roles"):
        for step in ("create_wanted_role", "delete_roles_not_wanted", "insert_roles_wanted"):
            cursor.execute(load(ROOM, step))
    cursor.execute(load(ROOM, "count_contacts_updated"))
    return int(only(cursor))


def _alias(reference: Reference) -> str:
    return f"r_{reference.field}"


def _count(cursor: psycopg.Cursor, table: str) -> int:
    cursor.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))
    return int(only(cursor))
