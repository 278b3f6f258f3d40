"""After a run: what was removed is gone from queries, but not yet from the files of the database.

PostgreSQL keeps old versions of rows until a table is vacuumed, and their bytes until a page is
written anew. :func:`tidy` makes room and statistics fresh, beside a live box office. :func:`scrub`
rewrites the tables with their indexes, then the statistics (which hold samples of values), and makes
the server write over its journal. It locks each table while it is rewritten: for quiet hours.

What could go wrong with a scrub, and what prevents it:

- Somebody's transaction is older than the run: PostgreSQL then carries the old rows over into the new
  table. So it waits for such transactions first, and says so if they do not end.
- Somebody holds a table for long: it gives up rather than have the box office queue behind it.
- This user may not do all of it, or the server keeps old journals for a replica or an archive: it
  looks afterwards, and says what is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import NotSupportedError, OperationalError, ProgrammingError, connection
from psycopg.sql import SQL, Identifier

from fadeout.core import sql
from fadeout.core.catalogue import texts
from fadeout.core.catalogue.declaration import Reach, tables
from fadeout.core.errors import DidNotHold

Told = Callable[[str], None]
PATIENCE_SECONDS = 60.0
LOCK_NOT_AVAILABLE = "55P03"


def touched_tables() -> list[str]:
    """The tables that a run changes, those with texts included, and its own."""
    with_texts = {table.name for table in texts.searched()}
    return [
        table.name
        for table in tables().values()
        if table.reach is not Reach.NONE
        or table.room in ("plans", "residue", "runs", "vault")
        or table.name in with_texts
    ]


def tidy(told: Told = lambda _: None) -> None:
    """Vacuum and analyse the tables that a run touched."""
    for table in touched_tables():
        told(f"vacuuming {table}")
        _execute("VACUUM (ANALYZE) {}", table)


def scrub(told: Told = lambda _: None, *, patience: float = PATIENCE_SECONDS) -> None:
    """Rewrite the touched tables, so that the files of the database hold nothing that was removed.

    Raises:
        DidNotHold: an older transaction does not end, so that nothing was rewritten; or the tables
            are rewritten, but not all of the statistics and the journal.
    """
    told("waiting for older transactions")
    _wait_for_older_transactions(patience)
    _rewrite_tables(told, patience)
    told("rewriting the statistics")
    _require_all(statistics=_rewrite_statistics(), journal=_write_over_journal(told))


def _rewrite_tables(told: Told, patience: float) -> None:
    """Give up where somebody holds a table: whoever comes next would queue behind us."""
    sql.rows(
        "SELECT set_config('lock_timeout', %(ms)s, FALSE)",
        {"ms": str(max(1, int(patience * 1000)))},
    )
    try:
        with sql.ended_by(lambda: sql.execute("RESET lock_timeout")):
            for table in touched_tables():
                told(f"rewriting {table}")
                _execute("VACUUM (FULL, ANALYZE) {}", table)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise DidNotHold(
            "Somebody holds a table locked; not all tables were rewritten.",
            way_out="Choose a quiet hour, or end that transaction (pg_stat_activity shows it), then "
            "give the same command again.",
        ) from error


def _require_all(*, statistics: bool, journal: bool) -> None:
    left = [
        *([] if statistics else ["the statistics (pg_statistic) are not: that takes the owner"]),
        *([] if journal else ["the journal (WAL) is not written over: that takes a superuser"]),
    ]
    if left:
        raise DidNotHold(
            f"The tables are rewritten; {', and '.join(left)}.",
            way_out="Ask whoever runs the database to do it, and mind archived journals and backups.",
        )


def _wait_for_older_transactions(patience: float) -> None:
    # A number of its own makes everything that ended until now older than this transaction.
    ours = sql.rows("SELECT pg_current_xact_id()::xid::text")[0][0]
    give_up = time.monotonic() + patience
    while sql.rows(sql.load("runs", "select_older_transactions"), {"ours": ours}):
        if time.monotonic() > give_up:
            raise DidNotHold(
                "Somebody holds a transaction open that is older than this command, so the files "
                "would keep what was removed. Nothing was rewritten.",
                way_out="End it (pg_stat_activity shows it, or pg_prepared_xacts, or "
                "pg_replication_slots), then give the same command again.",
            )
        time.sleep(0.2)


def _execute(statement: str, table: str) -> None:
    sql.execute(SQL(statement).format(Identifier(table)).as_string(connection.connection))


def _rewrite_statistics() -> bool:
    """Whether this user may: PostgreSQL only warns where somebody may not."""
    sql.execute("VACUUM FULL pg_catalog.pg_statistic")
    may: bool = sql.rows(
        "SELECT pg_has_role(datdba, 'USAGE') OR current_setting('is_superuser')::bool"
        " FROM pg_database WHERE datname = current_database()"
    )[0][0]
    return may


def _write_over_journal(told: Told) -> bool:
    """Whether this user may. Raises where the server keeps older journals all the same."""
    told("writing over the journal")
    try:
        first = _use_up_older_files(told)
    except (ProgrammingError, NotSupportedError):  # not allowed to this user, or to nobody here
        return False
    if any(name < first for name in _journal_files()):
        raise DidNotHold(
            "The tables are rewritten; the server keeps older journals (WAL).",
            way_out="A replication slot, wal_keep_size or an archive that lags holds them: see to "
            "that, then give the same command again.",
        )
    return True


def _use_up_older_files(told: Told) -> str:
    """Begin a new file of the journal and let the server write over all older ones; tells its name.

    A checkpoint removes what lies behind, or gives it a new name and keeps it for later, with all that is
    in it: so we go on to the next file until all that were kept are used. Whatever is left of a file when
    the server goes on to the next one it fills with zeros.
    """
    first = _begin_next_file()
    sql.execute("CHECKPOINT")
    last = max(_journal_files())
    while (name := _begin_next_file()) <= last:
        told(f"writing over the journal, {name} of {last}")
    sql.execute("CHECKPOINT")
    return first


def _begin_next_file() -> str:
    sql.rows("SELECT pg_switch_wal()")
    # Before something is written, versions differ in which file they call the current one.
    sql.rows("SELECT pg_logical_emit_message(FALSE, 'fadeout', 'scrub')")
    name: str = sql.rows("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")[0][0]
    return name


def _journal_files() -> list[str]:
    return [name for (name,) in sql.rows(sql.load("runs", "list_journal_files"))]
