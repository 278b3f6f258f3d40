"""The ticket part: what people typed on lines and orders that are older than the cutoff.

Whatever the contact's own recency (rule book, section 3). It repeats harmlessly. Its transactions are
sized by time, like the chunks that strike.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import OperationalError, transaction

from fadeout.core import sql
from fadeout.erasure import operations as erasure
from fadeout.erasure.operations import ChangedMeanwhileError, Expiry
from fadeout.runs import chunks, lanes
from fadeout.runs.chunks import Account, Setting
from fadeout.runs.models import Stage

TRIES = 5
ROUNDS = 10


@dataclass(frozen=True)
class Step:
    """What one transaction cleared, in which time, and how many rows all did so far, of how many."""

    rows: int
    seconds: float
    done: int
    of: int


@dataclass(frozen=True)
class Cleared:
    """Rows that one transaction cleared, up to which id (0: none was left), in which time."""

    rows: int
    last: int
    seconds: float


def clear(setting: Setting) -> Iterator[Step]:
    """Round after round, since somebody may hold a line for a moment; the audits tell what is left."""
    expiry = Expiry(cutoff=setting.run.plan.cutoff, time_zone=setting.time_zone)
    done = 0
    for round_number in range(ROUNDS):
        with transaction.atomic():
            found = erasure.find_expired(expiry)
        if not found:
            return
        if round_number:
            time.sleep(0.5)  # somebody holds what is left
        of = done + found
        for cleared in _one_round(setting, expiry):
            done += cleared.rows
            yield Step(cleared.rows, cleared.seconds, done, of)


def _one_round(setting: Setting, expiry: Expiry) -> Iterator[Cleared]:
    for kind in erasure.EXPIRE:
        after, size = 0, lanes.FIRST_CHUNK
        while (cleared := _clear_next(setting, kind, expiry, after, size)).last:
            yield cleared
            after, size = cleared.last, lanes.next_size(size, cleared.seconds)


def _clear_next(setting: Setting, kind: str, expiry: Expiry, after: int, size: int) -> Cleared:
    for attempt in range(1, TRIES + 1):
        began = time.monotonic()
        try:
            with transaction.atomic():
                sql.execute(chunks.SETTINGS)
                account = Account(Stage.TICKETS)
                account.removed, last = erasure.clear_expired(
                    kind,
                    expiry,
                    after=after,
                    limit=max(1, size // attempt**2),
                    seal=setting.sealing(account),
                )
                seconds = time.monotonic() - began
                if account.removed:
                    chunks.write_account(setting.run, account, seconds=seconds)
                return Cleared(account.removed.total(), last, seconds)
        except (OperationalError, ChangedMeanwhileError) as error:
            if not lanes.may_pass(error):
                raise
            time.sleep(0.2 * attempt)
    return Cleared(0, 0, 0.0)  # the audits tell what is left
