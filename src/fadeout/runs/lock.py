"""One run at a time in one database, also across machines.

The lock belongs to the database session: when its holder dies, PostgreSQL drops it as soon as it
notices, so whoever comes next waits a while for a dead predecessor. Its lanes have sessions of their
own, which may end later: a second lock is shared by the chunks that are under way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction

from fadeout.core import advisory, sql
from fadeout.core.errors import DidNotHold

LOCK_ID = 0x6661646F7574  # "fadout": any fixed number will do
CHUNKS_ID = LOCK_ID + 1
PATIENCE_SECONDS = 60.0
LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def only_one(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock of the run.

    Raises:
        DidNotHold: another run still holds it after ``patience`` seconds.
    """
    give_up = time.monotonic() + patience
    while not sql.rows("SELECT pg_try_advisory_lock(%(id)s)", {"id": LOCK_ID})[0][0]:
        if time.monotonic() > give_up:
            raise DidNotHold(
                "Another run is under way in this database.",
                way_out="Wait for it to end (fadeout status), then run again.",
            )
        time.sleep(0.2)
    with sql.ended_by(lambda: sql.rows("SELECT pg_advisory_unlock(%(id)s)", {"id": LOCK_ID})):
        yield


def require_still_held() -> None:
    """Notice that the session with the lock is gone: others may run by now, so this one must end.

    Raises:
        DidNotHold: another session took its place.
        OperationalError: its connection is lost.
    """
    if sql.rows("SELECT pg_backend_pid()")[0][0] not in advisory.holders(LOCK_ID):
        raise DidNotHold(
            "The connection that held the lock of the run was lost.",
            way_out="Nothing half done stays. Give the same command again to go on.",
        )


@contextmanager
def no_chunk_under_way(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold off chunks, and wait for those of a predecessor that died: its lanes may outlive its lock.

    Raises:
        DidNotHold: one is still under way after ``patience`` seconds.
    """
    with transaction.atomic():
        sql.execute(f"SET LOCAL lock_timeout = {int(patience * 1000)}")
        try:
            sql.rows("SELECT pg_advisory_xact_lock(%(id)s)", {"id": CHUNKS_ID})
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise DidNotHold(
                "A chunk of an earlier run is still under way in this database.",
                way_out="Wait until the database has noticed that its command is gone, then run again.",
            ) from error
        yield


def enter_chunk() -> None:
    """Count as a chunk under way until the transaction ends."""
    sql.rows("SELECT pg_advisory_xact_lock_shared(%(id)s)", {"id": CHUNKS_ID})


def is_held() -> bool:
    """Whether somebody runs right now, in this database."""
    return bool(advisory.holders(LOCK_ID))
