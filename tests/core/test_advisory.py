"""Who holds an advisory lock: in this database, of this very number."""

from __future__ import annotations

import threading

import psycopg
from psycopg.conninfo import make_conninfo

from fadeout.core import advisory

NUMBER = 0x6661646F7574
UPPER, LOWER = NUMBER >> 32, NUMBER & 0xFFFFFFFF


def test_whoever_holds_it_is_found_alone_or_with_others(database: str) -> None:
    assert advisory.holders(NUMBER) == set()
    with (
        psycopg.connect(database, autocommit=True) as one,
        psycopg.connect(database, autocommit=True) as other,
    ):
        for session in (one, other):
            session.execute("SELECT pg_advisory_lock_shared(%s)", [NUMBER])
        both = {one.info.backend_pid, other.info.backend_pid}
        assert advisory.holders(NUMBER) == both
        assert advisory.holders(NUMBER + 1) == set()
        other.execute("SELECT pg_advisory_unlock_shared(%s)", [NUMBER])
        assert advisory.holders(NUMBER) == {one.info.backend_pid}


def test_whoever_waits_for_it_does_not_hold_it(database: str) -> None:
    with (
        psycopg.connect(database, autocommit=True) as holder,
        psycopg.connect(database, autocommit=True) as waiter,
    ):
        holder.execute("SELECT pg_advisory_lock(%s)", [NUMBER])
        taking = threading.Thread(
            target=waiter.execute, args=["SELECT pg_advisory_lock(%s)", [NUMBER]]
        )
        taking.start()
        while not _waits(holder, waiter.info.backend_pid):
            assert taking.is_alive()
        assert advisory.holders(NUMBER) == {holder.info.backend_pid}
        holder.execute("SELECT pg_advisory_unlock(%s)", [NUMBER])
        taking.join()
        assert advisory.holders(NUMBER) == {waiter.info.backend_pid}


def _waits(session: psycopg.Connection, backend: int) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
    return session.execute(query, [backend]).fetchone() == (1,)


def test_neither_another_database_nor_a_pair_of_numbers_counts(database: str, server: str) -> None:
    elsewhere = make_conninfo(server, dbname="postgres")
    with (
        psycopg.connect(elsewhere, autocommit=True) as other,
        psycopg.connect(database, autocommit=True) as pair,
    ):
        other.execute("SELECT pg_advisory_lock(%s)", [NUMBER])
        pair.execute("SELECT pg_advisory_lock(%s, %s)", [UPPER, LOWER])
        assert advisory.holders(NUMBER) == set()
        pair.execute("SELECT pg_advisory_lock_shared(%s)", [NUMBER + 1])
        assert advisory.holders(NUMBER + 1) == {pair.info.backend_pid}
