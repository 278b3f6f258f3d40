"""Where a run is, for whoever looks from elsewhere; and how long it will take.

What could go wrong, and what prevents it:

- What is shown comes late or never, since it is written within a transaction: a thread with a session of
  its own writes it, once a second.
- A long statement looks like death: the thread writes that the command lives, also while nothing moves.
- What is only shown stops what is done: a failure to write ends the writing, not the run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error, connection, connections

from fadeout.core import sql
from fadeout.runs.models import Run

EVERY_SECONDS = 1.0
#: So many of the last chunks tell the pace.
CHUNKS_OF_PACE = 20


@dataclass
class At:
    """What a run is at; replaced as a whole, so that the writing thread never sees half of it."""

    stage: str
    done: int
    total: int


class Signs:
    """What a run shows of itself while it is worked on."""

    def __init__(self, run_id: int, *, every: float = EVERY_SECONDS) -> None:
        self._run_id = run_id
        self._every = every
        self._at = At("starting", 0, 0)
        self._ended = threading.Event()

    def show(self, stage: str, done: int, total: int) -> None:
        """This is what it is at by now."""
        self._at = At(stage, done, total)

    @contextmanager
    def written(self) -> Iterator[None]:
        """Within the block, what is shown is written to the database; the last of it in the end."""
        thread = threading.Thread(target=self._write, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _write(self) -> None:
        with suppress(Error):
            try:
                while True:
                    has_ended = self._ended.is_set()
                    self._write_once()
                    if has_ended:
                        return
                    self._ended.wait(self._every)
            finally:
                connections.close_all()

    def _write_once(self) -> None:
        sql.execute(
            sql.load("runs", "write_progress"),
            {
                "run": self._run_id,
                "stage": self._at.stage,
                "done": self._at.done,
                "total": self._at.total,
            },
        )


@contextmanager
def shown(run: Run) -> Iterator[Signs]:
    """What is shown within the block is to be seen from elsewhere."""
    signs = Signs(run.pk)
    if connection.in_atomic_block:  # nobody could see the run itself yet
        yield signs
        return
    with signs.written():
        yield signs


@dataclass(frozen=True)
class Step:
    """A committed chunk: when, how many contacts it settled, in which time."""

    at: datetime
    settled: int
    seconds: float


def time_left(steps: Sequence[Step], *, left: int, now: datetime) -> timedelta | None:
    """How long it takes to settle those left at the pace of the last chunks; None if nothing tells.

    Args:
        steps: chunks in the order of their commit.
        left: contacts that wait.
        now: this instant; what passed since the last chunk slows the pace.
    """
    if left <= 0:
        return timedelta(0)
    last = steps[-CHUNKS_OF_PACE:]
    settled = sum(step.settled for step in last)
    if not settled:
        return None
    began = last[0].at - timedelta(seconds=last[0].seconds)
    seconds = max((max(now, last[-1].at) - began).total_seconds(), 0.001)
    return timedelta(seconds=seconds * left / settled)
