"""Keeps the recency of those who clicked, beside the clicks: soon, several at once, by this process.

What decides reads the clicks themselves, from the moment they are on file; what is kept answers questions
about many contacts.

What could go wrong, and what prevents it:

- Keeping takes longer than clicking, and clicks wait for it: it is done afterwards, for all together.
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
        time.sleep(GATHERS_SECONDS)
        with self._lock:
            contacts, self._contacts = sorted(self._contacts), set()
            self._is_begun = False
        zone = institution.current().time_zone
        for first in range(0, len(contacts), MOST_TOGETHER):
            part = contacts[first : first + MOST_TOGETHER]
            recency.refresh(part, now=clock.now(), time_zone=zone)


_moved = _Moved()


def note(contact: int) -> None:
    """Remember that the recency of a contact may have moved; it is kept soon."""
    _moved.note(contact)
