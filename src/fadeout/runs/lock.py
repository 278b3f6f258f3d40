"""One run at a time in one database, also across machines.

The lock belongs to the database session: when its holder dies, PostgreSQL drops it as soon as it
notices, so whoever comes next waits a while for a dead predecessor.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fadeout.core import sql
from fadeout.core.errors import DidNotHold

LOCK_ID = 0x6661646F7574  # "fadout": any fixed number will do
PATIENCE_SECONDS = 60.0


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
    try:
        yield
    finally:
        sql.rows("SELECT pg_advisory_unlock(%(id)s)", {"id": LOCK_ID})


def is_held() -> bool:
    """Whether somebody runs right now, in this database: pg_locks shows those of its neighbours too."""
    return bool(
        sql.rows(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
            " AND (classid::bigint << 32 | objid::bigint) = %(id)s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            {"id": LOCK_ID},
        )
    )
