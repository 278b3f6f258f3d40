"""How often something was tried from somewhere, without keeping who tried it.

What could go wrong: a list of addresses and machines is kept for the sake of a limit. So what is kept is a
digest under the key of the house, which nobody can turn back, and only until the limit is over.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from fadeout.accounts import sealing
from fadeout.contacts.models import Attempt
from fadeout.core import sql


def forget(*, now: datetime) -> int:
    """Remove what is over; how many."""
    return Attempt.objects.filter(until__lte=now).delete()[0]


@dataclass(frozen=True)
class Limit:
    """What is limited, and to how often in which time."""

    name: str
    times: int
    within: timedelta

    def allows(self, what: str, *, now: datetime) -> bool:
        """Count once more, and tell whether that is still within the limit."""
        forget(now=now)
        parameters = {"digest": self._digest(what), "now": now, "until": now + self.within}
        [(count,)] = sql.rows(sql.load("contacts", "count_attempt"), parameters)
        return int(count) <= self.times

    def is_used_up(self, what: str, *, now: datetime) -> bool:
        """Whether once more would be too often; counts nothing."""
        counted = Attempt.objects.filter(digest=self._digest(what), until__gt=now)
        return counted.filter(count__gte=self.times).exists()

    def _digest(self, what: str) -> str:
        key = sealing.key(b"attempts " + self.name.encode())
        return hmac.digest(key, what.encode("utf-8", "replace"), sha256).hex()
