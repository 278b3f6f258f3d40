"""The faults: each is carried out for real, by the very process that meets it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
from django.db import connection

from fadeout.core import paths
from fadeout.runs.lock import LOCK_ID
from tests.runs import disks

#: More than PostgreSQL keeps ready of its journal on a small disk.
SEGMENTS = 50


def kill_the_command() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def end_own_connection() -> None:
    """The connection of the lane, or of the command itself, whichever is at this stage."""
    _end_connection(_own_backend())


def end_connection_with_the_lock() -> None:
    _end_connection(_backend_with_the_lock())


def kill_own_backend() -> None:
    """As hard as a connection can end: PostgreSQL restarts all of its processes after that."""
    _kill_and_wait([_own_backend()])


def kill_backend_with_the_lock() -> None:
    _kill_and_wait([_backend_with_the_lock()])


def kill_the_server() -> None:
    """All of PostgreSQL at once, as when a machine dies; the command itself lives on."""
    server = int((paths.home() / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    _kill_and_wait([server, *_children(server)])


def fill_the_disk() -> None:
    """And keep it full: a checkpoint may give back old journals, enough for a small house's whole run."""
    disks.keep_full(paths.home().parent)


def fill_the_disk_and_journal() -> None:
    """No room is left, and what was kept ready of the journal is used up."""
    disks.fill(paths.home().parent)
    with suppress(psycopg.OperationalError), _another_connection() as another:
        for _ in range(SEGMENTS):
            another.execute("SELECT pg_logical_emit_message(FALSE, 'test', 'full')")
            another.execute("SELECT pg_switch_wal()")


def fill_the_key_disk() -> None:
    disks.fill(paths.keys().parent)


FAULTS: dict[str, Callable[[], None]] = {
    "The command is killed": kill_the_command,
    "The connection at this stage is ended": end_own_connection,
    "The connection that holds the run's lock is ended": end_connection_with_the_lock,
    "The server's process for this connection is killed": kill_own_backend,
    "The server's process for the connection with the lock is killed": kill_backend_with_the_lock,
    "The server is killed": kill_the_server,
    "The disk of the database is full": fill_the_disk,
    "The disk of the database is full, also for its journal": fill_the_disk_and_journal,
    "The disk of the key folder is full": fill_the_key_disk,
}
ON_A_FULL_DISK = tuple(fault for fault in FAULTS if "full" in fault)


def _own_backend() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def _another_connection() -> psycopg.Connection:
    connection.ensure_connection()
    return psycopg.connect(connection.connection.info.dsn, autocommit=True)


def _backend_with_the_lock() -> int:
    with _another_connection() as another:
        found = another.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"
            " AND (classid::bigint << 32 | objid::bigint) = %s",
            [LOCK_ID],
        ).fetchone()
    return int(found[0]) if found else _own_backend()  # after the run nobody holds it


def _end_connection(backend: int) -> None:
    with _another_connection() as another:
        another.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


def _kill_and_wait(processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    while any(map(_lives, processes)):
        time.sleep(0.005)


def _children(process: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
