"""Deletes contacts, and sees in sets that nothing points at them any more.

PostgreSQL asks each of fourteen foreign keys for each deleted contact, one by one: more than all the
rest of a deletion takes. Where the user may, these checks are left out for this one statement, and
the same question is asked once for the whole chunk.

What could go wrong, and what prevents it:

- A row is left that points at nobody: the references are read from the database's own catalogue,
  and one that still leads to a deleted contact ends the transaction, as the foreign key would.
- Somebody adds such a row at this moment: the caller holds the contacts ``FOR UPDATE``. Whoever
  wrote before is seen here; whoever writes later waits for that lock and is then refused.
- A foreign key cascades, or a trigger hangs on contacts: then it is done row by row, as ever.
"""

from __future__ import annotations

from django.db import IntegrityError, connection
from psycopg.sql import SQL, Composed, Identifier

from fadeout.core import sql


def delete_contacts(statement: str) -> int:
    """Carry out the DELETE of the contacts in scope; tells how many there were.

    Raises:
        IntegrityError: something still points at one of them; nothing of the transaction stays.
    """
    if not sql.rows(sql.load("erasure", "select_whether_in_sets"))[0][0]:
        return sql.execute(statement)
    sql.execute("SET LOCAL session_replication_role = replica")
    deleted = sql.execute(statement)
    sql.execute("SET LOCAL session_replication_role = origin")
    if deleted:
        _require_no_references()
    return deleted


def _require_no_references() -> None:
    references = sql.rows(sql.load("erasure", "select_references_to_contacts"))
    question = SQL(" UNION ALL ").join(_leads_to_deleted(*reference) for reference in references)
    if found := sql.rows(question.as_string(connection.connection)):
        raise IntegrityError(f"{found[0][0]} still points at a deleted contact")


def _leads_to_deleted(table: str, column: str) -> Composed:
    return SQL(
        "(SELECT {named} FROM {table} AS t JOIN scope_contact AS s ON s.contact_id = t.{column}"
        " WHERE s.outcome = 'delete' LIMIT 1)"
    ).format(
        named=f"{table}.{column}",
        table=SQL(table),  # quoted by PostgreSQL itself, which gave it as a regclass
        column=Identifier(column),
    )
