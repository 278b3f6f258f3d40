"""The statements that follow from the declaration of the format.

In all of them ``s`` is the staging table of a file, ``o`` the row on file with the same key, ``t``
the table itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier

from fadeout.connectors.exchange.format import BY_NAME, Column, File, Reference

COMMA = SQL(", ")
AND = SQL(" AND ")


def only(cursor: psycopg.Cursor) -> Any:
    """The only value that a statement returned."""
    ((value,),) = cursor.fetchall()
    return value


def names(columns: Iterable[str], table: str | None = None) -> Composed:
    """A list of columns."""
    return COMMA.join(Identifier(table, c) if table else Identifier(c) for c in columns)


def equal(
    left: str, left_columns: Iterable[str], right: str, right_columns: Iterable[str]
) -> Composed:
    """The condition that columns of two tables are the same, one by one."""
    pairs = zip(left_columns, right_columns, strict=True)
    return AND.join(
        SQL("{} = {}").format(Identifier(left, one), Identifier(right, other))
        for one, other in pairs
    )


def key_names(file: File) -> tuple[str, ...]:
    """The names of the key columns, as the format has them."""
    return tuple(column.name for column in file.key)


def create_stage(file: File) -> Composed:
    """Make the staging table of a file, with all its columns."""
    columns = COMMA.join(
        SQL("{} {}").format(Identifier(c.name), SQL(c.type.sql)) for c in file.columns
    )
    return SQL("CREATE TEMPORARY TABLE {} (row bigint NOT NULL, {}) ON COMMIT DROP").format(
        Identifier(file.stage), columns
    )


def copy_into_stage(file: File, columns: Iterable[Column], *, as_text: bool = False) -> Composed:
    """Take rows from the client."""
    form = SQL("text") if as_text else SQL("csv")
    return SQL("COPY {} (row, {}) FROM STDIN (FORMAT {})").format(
        Identifier(file.stage), names(c.name for c in columns), form
    )


def on_file(file: File) -> Composed:
    """The rows on file by the key that the format gives them: id, then the key columns.

    An anonymised contact is nobody that a file could mean.
    """
    columns: list[Composable] = [SQL("t.id")]
    joins: list[Composable] = []
    for reference in file.references:
        keyed = [c for c in reference.columns if c.is_key]
        if not keyed:
            continue
        alias = f"k_{reference.field}"
        joins.append(
            SQL(" JOIN {} AS {} ON {} = {}").format(
                nested(on_file(BY_NAME[reference.file])),
                Identifier(alias),
                Identifier(alias, "id"),
                Identifier("t", file.target(reference.field)),
            )
        )
        theirs = key_names(BY_NAME[reference.file])
        columns += [
            SQL("{} AS {}").format(Identifier(alias, their), Identifier(our.name))
            for their, our in zip(theirs, keyed, strict=True)
        ]
    columns += [
        SQL("{} AS {}").format(Identifier("t", file.target(c.field)), Identifier(c.name))
        for c in file.key
        if c.refers_to is None
    ]
    living = SQL(" WHERE t.anonymised_on IS NULL") if file.name == "contacts" else SQL("")
    return SQL("SELECT {} FROM {} AS t{}{}").format(
        COMMA.join(columns), Identifier(file.table), SQL("").join(joins), living
    )


def nested(query: Composable) -> Composed:
    """A query in parentheses."""
    return SQL("({})").format(query)


def is_on_file(reference: Reference) -> Composed:
    """The condition that what ``s`` points at is on file."""
    file = BY_NAME[reference.file]
    return SQL("EXISTS (SELECT FROM {} AS f WHERE {})").format(
        nested(on_file(file)), equal("f", key_names(file), "s", reference.names)
    )


def is_in_stage(reference: Reference) -> Composed:
    """The condition that what ``s`` points at comes with this import."""
    file = BY_NAME[reference.file]
    return SQL("EXISTS (SELECT FROM {} AS g WHERE {})").format(
        Identifier(file.stage), equal("g", key_names(file), "s", reference.names)
    )


def is_given(reference: Reference) -> Composed:
    """The condition that ``s`` points at anything."""
    return AND.join(SQL("{} IS NOT NULL").format(Identifier("s", n)) for n in reference.names)
