"""Simulations that are under way: they hold on to every contact until their plan is stored.

Storing a plan points at all contacts, and whoever points at a contact locks it (``FOR KEY SHARE``). A run
beside it finds them locked and waits for the simulation, rather than give up.
"""

from __future__ import annotations

from fadeout.core import advisory, sql

LOCK_ID = 0x66616473696D  # "fadsim": any fixed number will do


def begin() -> None:
    """Count as a simulation under way until the transaction ends."""
    sql.rows("SELECT pg_advisory_xact_lock_shared(%(id)s)", {"id": LOCK_ID})


def any_is() -> bool:
    """Whether somebody simulates right now, in this database."""
    return bool(advisory.holders(LOCK_ID))
