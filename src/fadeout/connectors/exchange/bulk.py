"""Takes down the constraints and indexes of an empty table, and puts the very same up again.

What could go wrong: one is forgotten and wrong data slips in later. So the definitions are those
that PostgreSQL itself gives, all of them are put up in the same transaction, and putting them up
checks every row.
"""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Composable, Identifier

from fadeout.core.sql import load

ROOM = "connectors.exchange"


class Constraints:
    """The keys and further indexes of one table, and the foreign keys that lean on it."""

    def __init__(self, cursor: psycopg.Cursor, table: str) -> None:
        self._cursor = cursor
        self._table = table
        self._constraints: list[tuple[str, str, str]] = []
        self._indexes: list[tuple[str, str]] = []

    def take_down(self) -> None:
        """Remember and drop them, what leans on another first."""
        self._cursor.execute(load(ROOM, "select_constraints"), {"table": self._table})
        self._constraints = self._cursor.fetchall()
        for table, name, _ in reversed(self._constraints):
            self._alter(table, SQL("DROP CONSTRAINT {}").format(Identifier(name)))
        self._cursor.execute(load(ROOM, "select_indexes"), {"table": self._table})
        self._indexes = self._cursor.fetchall()
        for name, _ in self._indexes:
            self._cursor.execute(SQL("DROP INDEX {}").format(Identifier(name)))

    def put_up(self) -> None:
        """Make them again, and tell the planner what the table holds now."""
        for table, name, definition in self._constraints:
            added = SQL("ADD CONSTRAINT {} {}").format(Identifier(name), SQL(definition))
            self._alter(table, added)
        for _, definition in self._indexes:
            self._cursor.execute(definition)
        self._cursor.execute(SQL("ANALYZE {}").format(Identifier(self._table)))

    def _alter(self, table: str, action: Composable) -> None:
        self._cursor.execute(SQL("ALTER TABLE {} {}").format(Identifier(table), action))
