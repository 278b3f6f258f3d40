"""Chunks side by side: each lane has a database session of its own and takes the next rows that wait.

What could go wrong, and what prevents it:

- Two lanes strike the same contact: a common cursor hands every row out once, and the rows
  themselves are locked besides.
- Two lanes need the same order, of a family, say: the second one leaves it for a later round.
- A lane fails: the others end their chunk, and the failure is told; nothing is half done.
- Somebody asks for a pause: no lane begins another chunk.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from django.db import OperationalError, connections

from fadeout.erasure.operations import ChangedMeanwhileError
from fadeout.runs import chunks
from fadeout.runs.chunks import Outcome, Setting

LANES = 2
FIRST_CHUNK = 200
LARGEST_CHUNK = 5_000
AIM_SECONDS = 0.5
TRIES = 5
#: Deadlock, serialisation, lock not available, statement cancelled by its time limit.
RETRIED_STATES = ("40P01", "40001", "55P03", "57014")


def one_round(
    setting: Setting, *, is_asked_to_stop: Callable[[], bool] = lambda: False, lanes: int = LANES
) -> Iterator[Outcome]:
    """Go once over the rows that wait, each chunk sized by how long the lane's last one took."""
    together = _Round(setting, is_asked_to_stop)
    threads = [
        threading.Thread(target=together.run_lane, name=f"lane-{n}", daemon=True)
        for n in range(lanes)
    ]
    for thread in threads:
        thread.start()
    try:
        yield from together.outcomes(len(threads))
    finally:
        together.stopping.set()
        for thread in threads:
            thread.join()


class _Round:
    """What the lanes of one round share."""

    def __init__(self, setting: Setting, is_asked_to_stop: Callable[[], bool]) -> None:
        self.stopping = threading.Event()
        self._setting = setting
        self._is_asked_to_stop = is_asked_to_stop
        self._cursor = threading.Lock()
        self._after = 0
        self._done: queue.Queue[Outcome | BaseException | None] = queue.Queue()

    def outcomes(self, lanes: int) -> Iterator[Outcome]:
        """What the lanes did, as it comes; raises what one of them failed with."""
        while lanes:
            done = self._done.get()
            if done is None:
                lanes -= 1
            elif isinstance(done, Outcome):
                yield done
            else:
                raise done

    def run_lane(self) -> None:
        """Strike chunk after chunk until no row is left, or somebody asks to stop."""
        size = FIRST_CHUNK
        try:
            while rows := self._next_rows(size):
                for outcome in strike_with_retries(self._setting, rows, self._stops):
                    self._done.put(outcome)
                    size = next_size(outcome.picked, outcome.seconds)
        except BaseException as error:  # told by whoever reads the outcomes
            self.stopping.set()
            self._done.put(error)
        finally:
            connections.close_all()
            self._done.put(None)

    def _stops(self) -> bool:
        if self._is_asked_to_stop():
            self.stopping.set()
        return self.stopping.is_set()

    def _next_rows(self, limit: int) -> list[int]:
        with self._cursor:
            if self._stops():
                return []
            rows = chunks.pick(self._setting.run.plan_id, after=self._after, limit=limit)
            self._after = rows[-1] if rows else self._after
            return rows


def strike_with_retries(
    setting: Setting, rows: Sequence[int], stops: Callable[[], bool] = lambda: False
) -> Iterator[Outcome]:
    """Strike these rows; where others are in the way, in pieces of a quarter, down to single ones.

    A single row that cannot be had is left for a later round, like one that is locked.
    """
    left, size, tries = list(rows), len(rows), 0
    asked = False
    while left and not (asked and stops()):
        asked = True  # a whole chunk was asked for already; a piece of it asks again
        piece = left[:size]
        try:
            outcome = chunks.strike(setting, piece)
        except (OperationalError, ChangedMeanwhileError) as error:
            if not may_pass(error):
                raise
            tries += 1
            time.sleep(min(0.05 * tries, 0.5))
            if len(piece) > 1:
                size, tries = max(1, len(piece) // 4), 0
                continue
            if tries <= TRIES:
                continue
            outcome = Outcome(picked=1, locked_elsewhere=1, seconds=AIM_SECONDS)
        yield outcome
        left, tries = left[len(piece) :], 0
        size = min(size * 2, len(rows))


def may_pass(error: OperationalError | ChangedMeanwhileError) -> bool:
    """Whether the same may succeed when it is tried again."""
    if isinstance(error, ChangedMeanwhileError):
        return True
    return getattr(error.__cause__, "sqlstate", None) in RETRIED_STATES


def next_size(size: int, seconds: float) -> int:
    """So many that the next chunk takes about half a second; at most twice as many as before.

    Args:
        size: rows of the chunk before.
        seconds: how long it took.
    """
    if seconds <= 0:
        return size
    return max(1, min(int(size * AIM_SECONDS / seconds), size * 2, LARGEST_CHUNK))
