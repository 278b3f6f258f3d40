"""What the database does while a command runs: the running statement, sampled."""

from __future__ import annotations

import threading
from collections import Counter
from types import TracebackType

import psycopg

EVERY = 0.2
KINDS = (
    ("COPY", "COPY into staging"),
    ("INSERT INTO", "merge: insert"),
    ("CREATE TEMPORARY TABLE", "merge: resolve keys"),
    ("UPDATE", "merge: update"),
    ("ALTER TABLE", "constraints put up"),
    ("CREATE INDEX", "indexes put up"),
    ("CREATE UNIQUE INDEX", "indexes put up"),
    ("ANALYZE", "statistics"),
    ("SELECT", "checks"),
)
RUNNING = """
SELECT query FROM pg_stat_activity
WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class Profile:
    """Samples the running statements of a server in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._samples: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Profile:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def shares(self) -> list[tuple[str, float]]:
        """Kind of work -> its share of all samples, the largest first."""
        total = self._samples.total() or 1
        return [(name, count / total) for name, count in self._samples.most_common()]

    def _sample(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.wait(EVERY):
                found = connection.execute(RUNNING).fetchall()
                self._samples[_kind(found[0][0]) if found else "Fadeout's own process"] += 1


def _kind(query: str) -> str:
    text = query.lstrip().upper()
    return next((name for start, name in KINDS if text.startswith(start)), "other")
