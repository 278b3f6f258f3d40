"""After a run: what was removed is gone from queries, but not yet from the files of the database.

PostgreSQL keeps old versions of rows until a table is vacuumed, and their bytes until a page is
written anew. :func:`tidy` makes room and statistics fresh, beside a live box office. :func:`scrub`
rewrites the tables with their indexes, then the statistics (which hold samples of values), and makes
the server write over its journal. It locks each table while it is rewritten: for quiet hours.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import NotSupportedError, OperationalError, ProgrammingError, connection
from psycopg.sql import SQL, Identifier

from fadeout.core import sql
from fadeout.core.catalogue.declaration import Reach, tables
from fadeout.core.errors import DidNotHold

Told = Callable[[str], None]
JOURNAL_SETTINGS = ("wal_recycle", "min_wal_size")


def touched_tables() -> list[str]:
    """The tables that a run changes, and its own."""
    return [
        table.name
        for table in tables().values()
        if table.reach is not Reach.NONE or table.room in ("plans", "runs")
    ]


def tidy(told: Told = lambda _: None) -> None:
    """Vacuum and analyse the tables that a run touched."""
    for table in touched_tables():
        told(f"vacuuming {table}")
        _execute("VACUUM (ANALYZE) {}", table)


def scrub(told: Told = lambda _: None) -> None:
    """Rewrite the touched tables, so that the files of the database hold nothing that was removed.

    Raises:
        DidNotHold: the tables are rewritten, but this user may not have the journal written over.
    """
    for table in touched_tables():
        told(f"rewriting {table}")
        _execute("VACUUM (FULL, ANALYZE) {}", table)
    try:
        told("rewriting the statistics")
        sql.execute("VACUUM FULL pg_catalog.pg_statistic")
        told("writing over the journal")
        _write_over_journal()
    except (ProgrammingError, OperationalError, NotSupportedError) as error:
        raise DidNotHold(
            "The tables are rewritten; the statistics or the journal (WAL) of the database are not: "
            "that takes a superuser.",
            way_out="Ask whoever runs the database to do it, and mind archived journals and backups.",
        ) from error


def _execute(statement: str, table: str) -> None:
    sql.execute(SQL(statement).format(Identifier(table)).as_string(connection.connection))


def _write_over_journal() -> None:
    """Use up the segments that were kept for later, and let a checkpoint remove what lies behind."""
    sql.execute("ALTER SYSTEM SET wal_recycle = off")
    sql.execute("ALTER SYSTEM SET min_wal_size = '32MB'")
    try:
        sql.rows("SELECT pg_reload_conf()")
        sql.execute("CHECKPOINT")
        for _ in range(_segments_ahead() + 1):
            # Something has to be written, or the switch does nothing.
            sql.rows("SELECT pg_logical_emit_message(FALSE, 'fadeout', 'scrub')")
            sql.rows("SELECT pg_switch_wal()")
        sql.execute("CHECKPOINT")
        sql.execute("CHECKPOINT")
    finally:
        for name in JOURNAL_SETTINGS:
            sql.execute(f"ALTER SYSTEM RESET {name}")
        sql.rows("SELECT pg_reload_conf()")


def _segments_ahead() -> int:
    found: int = sql.rows(
        "SELECT count(*) FROM pg_ls_waldir()"
        " WHERE name ~ '^[0-9A-F]{24}$' AND name > pg_walfile_name(pg_current_wal_lsn())"
    )[0][0]
    return found
