"""Keeps the recency of those who clicked, beside the clicks: soon, several at once, by this process.

What decides reads the clicks themselves, from the moment they are on file; what is kept answers questions
about many contacts.

What could go wrong, and what prevents it:

- Keeping takes longer than clicking, and clicks wait for it: it is done afterwards, for many together, and
  rests in between.
- It is not done, since too much waits or the process ended: whoever clicks next brings it along, and the
  nightly count decides everybody anew.
"""

from __future__ import annotations

import threading
import time

from fadeout.core import afterwards, clock
from fadeout.institution import queries as institution
from fadeout.recency import operations as recency

#: So long others are waited for, to be done together.
GATHERS_SECONDS = 0.5
MOST_TOGETHER = 1_000
#: While many click, they come first: for so many times as long as it took, nothing is kept.
RESTS = 4


class _Moved:
    """Whose recency moved and is not kept yet."""

    def __init__(self) -> None:
        self._contacts: set[int] = set()
        self._is_begun = False
        self._lock = threading.Lock()

    def note(self, contact: int) -> None:
        with self._lock:
            self._contacts.add(contact)
            if not self._is_begun:
                self._is_begun = afterwards.do("keep recency", self._keep)

    def _keep(self) -> None:
        try:
            zone = institution.current().time_zone
            time.sleep(GATHERS_SECONDS)
            while contacts := self._some():
                began = time.monotonic()
                recency.refresh(contacts, now=clock.now(), time_zone=zone)
                time.sleep(GATHERS_SECONDS + RESTS * (time.monotonic() - began))
        except BaseException:
            self._end()
            raise

    def _some(self) -> list[int]:
        with self._lock:
            some = sorted(self._contacts)[:MOST_TOGETHER]
            self._contacts.difference_update(some)
            self._is_begun = bool(some)
            return some

    def _end(self) -> None:
        with self._lock:
            self._is_begun = False


_moved = _Moved()


def note(contact: int) -> None:
    """Remember that the recency of a contact may have moved; it is kept soon."""
    _moved.note(contact)
