"""Explains why staged rows cannot be merged: keys given twice, links to nothing."""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Composable, Identifier

from fadeout.connectors.exchange import statements
from fadeout.connectors.exchange.format import FILES, File, Reference
from fadeout.connectors.exchange.problems import SHOWN, Problems, Where
from fadeout.connectors.exchange.staging import Staged
from fadeout.connectors.exchange.statements import only
from fadeout.core.sql import load

_TWICE = "the key is in the file twice"
_NOTHING = "points at nothing: neither in this import nor on file"
_TAKEN = "this number cannot be used; choose another"


def explain(cursor: psycopg.Cursor, staged: dict[str, Staged], problems: Problems) -> None:
    """Collect every key given twice and every link to nothing."""
    for file in FILES:
        if not staged[file.name].rows:
            continue
        if staged[file.name].has_key:
            where = Where(staged[file.name].name, file, file.key)
            _collect(cursor, where, _keys_given_twice(file), _TWICE, problems)
        for reference in file.references:
            if _can_be_followed(staged, file, reference, problems):
                where = Where(staged[file.name].name, file, reference.columns[:1])
                _collect(cursor, where, _links_to_nothing(reference, file), _NOTHING, problems)
    contacts = staged["contacts"]
    if contacts.rows:
        where = Where(contacts.name, contacts.file, contacts.file.key)
        query = SQL(load("connectors.exchange", "select_numbers_taken"))
        _collect(cursor, where, query, _TAKEN, problems)


def any_key_given_twice(cursor: psycopg.Cursor, file: File) -> bool:
    """Whether a file has a key twice."""
    cursor.execute(
        SQL("SELECT EXISTS (SELECT FROM {} GROUP BY {} HAVING count(*) > 1)").format(
            Identifier(file.stage), statements.names(statements.key_names(file))
        )
    )
    return bool(only(cursor))


def _can_be_followed(
    staged: dict[str, Staged], file: File, reference: Reference, problems: Problems
) -> bool:
    """A link into a file that could not be read whole proves nothing."""
    return (
        reference.file not in problems.unreadable
        and all(staged[file.name].has(name) for name in reference.names)
        and (not staged[reference.file].rows or staged[reference.file].has_key)
    )


def _collect(
    cursor: psycopg.Cursor, where: Where, wrong: Composable, reason: str, problems: Problems
) -> None:
    cursor.execute(SQL("CREATE TEMPORARY TABLE wrong ON COMMIT DROP AS {}").format(wrong))
    cursor.execute("SELECT count(*) FROM wrong")
    count = only(cursor)
    cursor.execute("SELECT * FROM wrong ORDER BY row LIMIT %s", [SHOWN])
    first = cursor.fetchall()
    cursor.execute("DROP TABLE wrong")
    if count:
        problems.in_column(where, first, lambda _value: reason, count)


def _keys_given_twice(file: File) -> Composable:
    names = statements.key_names(file)
    given = statements.AND.join(
        SQL("{} IS NOT NULL").format(Identifier("s", name)) for name in names
    )
    return SQL(
        "SELECT row, {names} FROM (SELECT s.row, {shown},"
        " row_number() OVER (PARTITION BY {keys} ORDER BY s.row) AS place FROM {stage} AS s"
        " WHERE {given}) AS k WHERE place > 1"
    ).format(
        names=statements.names(names),
        shown=statements.COMMA.join(
            SQL("{} AS {}").format(_shown(name), Identifier(name)) for name in names
        ),
        keys=statements.names(names, "s"),
        stage=Identifier(file.stage),
        given=given,
    )


def _links_to_nothing(reference: Reference, file: File) -> Composable:
    not_erased = (
        SQL(" AND {} NOT IN (SELECT contact_number FROM erased_number)").format(
            Identifier("s", reference.names[0])
        )
        if reference.file == "contacts"
        else SQL("")
    )
    return SQL("SELECT s.row, {} AS value FROM {} AS s WHERE {} AND NOT {} AND NOT {}{}").format(
        _shown(reference.names[0]),
        Identifier(file.stage),
        statements.is_given(reference),
        statements.is_in_stage(reference),
        statements.is_on_file(reference),
        not_erased,
    )


def _shown(name: str) -> Composable:
    return SQL("{}::text").format(Identifier("s", name))
