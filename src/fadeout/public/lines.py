"""Connections for clicks: kept open, with their statements prepared, apart from those of pages.

What could go wrong, and what prevents it:

- The database was started anew, and every connection that is open is dead: whoever meets the first dead one
  has all of them looked at, and asks once more. A click that was committed just then may be written twice;
  none is lost.
- The database does not answer: after some seconds whoever waits is told, and nothing piles up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from psycopg_pool import ConnectionPool

from fadeout.core import database

MOST, PATIENCE_SECONDS = 16, 5.0

Line = psycopg.Connection[Any]
Answer = TypeVar("Answer")


def asked(question: Callable[[Line], Answer]) -> Answer:
    """What somebody finds out, or writes down, on such a connection.

    Raises:
        psycopg.OperationalError: the database does not answer.
    """
    pool = _pool(database.conninfo())
    try:
        with pool.connection() as line:
            return question(line)
    except psycopg.OperationalError:
        pool.check()
        with pool.connection() as line:
            return question(line)


@lru_cache(maxsize=1)
def _pool(conninfo: str) -> ConnectionPool[Line]:
    return ConnectionPool(
        conninfo,
        kwargs={"autocommit": True, "application_name": "fadeout clicks"},
        min_size=1,
        max_size=MOST,
        timeout=PATIENCE_SECONDS,
        open=True,
    )
