"""Advisory locks of PostgreSQL: numbers that mean something to whoever takes them, and to nobody else.

A number is a lock of its own in every database; ``pg_locks`` shows those of all databases of the server.
"""

from __future__ import annotations

from fadeout.core import sql

_HOLDERS = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32 | objid::bigint) = %(id)s"
    " AND objsubid = 1"  # one number of 64 bits; a lock on a pair of 32 is another one
)


def holders(lock_id: int) -> set[int]:
    """The sessions that hold this lock in this database, alone or together with others."""
    return {pid for (pid,) in sql.rows(_HOLDERS, {"id": lock_id})}
