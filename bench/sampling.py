"""What the database does while a command runs: the running statement, sampled."""

from __future__ import annotations

import threading
from collections import Counter
from types import TracebackType

import psycopg

EVERY = 0.2
#: How a statement of an import begins -> what it does.
IMPORTING = (
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
#: The same of a run.
STRIKING = (
    ("-- LOCK", "lock"),
    ("-- FIND THE ROWS", "find what to take"),
    ("-- WHAT WAS FOUND", "seal"),
    ("COPY VAULT", "seal"),
    ("-- THE ORDERS THAT REACH", "lock"),
    ("WITH", "decide again"),
    ("-- WHAT THE TOKENS", "tokens"),
    ("-- THE ROWS OF A PLAN AS TWO", "fingerprint"),
    ("-- THE LINES OF", "reach orders and lines"),
    ("-- WHO OF THE CONTACTS", "reach orders and lines"),
    ("-- THE ORDERS", "reach orders and lines"),
    ("ANALYZE", "reach orders and lines"),
    ('UPDATE "SALES_ORDER_LINE"', "empty lines"),
    ('UPDATE "SALES_ORDER"', "empty orders"),
    ('UPDATE "SALES_ANSWER"', "empty answers"),
    ('UPDATE "CONTACTS_CONTACT"', "anonymise contacts"),
    ('UPDATE "PLANS_PLAN_ROW"', "rows of plans"),
    ("-- THE ROWS OF CONTACTS THAT WERE STRUCK", "rows of plans"),
    ('DELETE FROM "CONTACTS_CONTACT"', "delete contacts"),
    ("(SELECT", "see that nothing refers to them"),
    ("DELETE", "delete what is only about them"),
    ("COMMIT", "commit"),
)
RUNNING = """
SELECT query FROM pg_stat_activity
WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND application_name = 'fadeout'
"""

Kinds = tuple[tuple[str, str], ...]


class Profile:
    """Samples the running statements of a server in a thread of its own."""

    def __init__(self, url: str, kinds: Kinds = IMPORTING) -> None:
        self._url = url
        self._kinds = kinds
        self._samples: Counter[str] = Counter()

    def __enter__(self) -> Profile:
        """Sample; entered again, it goes on where it stopped."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
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
                for (query,) in found or [(None,)]:
                    self._samples[self._kind(query)] += 1

    def _kind(self, query: str | None) -> str:
        if query is None:
            return "Fadeout's own process"
        text = query.lstrip().upper()
        return next((name for start, name in self._kinds if text.startswith(start)), "other")
