"""Clicks that come at the same time are written together: by one thread of the process, in one commit.

What could go wrong, and what prevents it:

- A commit waits for the disk, and each click would wait for its own: whatever came meanwhile goes with the
  next commit. Each answer waits for the commit of its own click.
- Somebody else works on a contact (a run, an operator): everybody behind would wait. Such a click is left out
  and written alone, by the thread that answers it.
- The database was started anew: the connection is made anew, and what was asked is asked once more. A click
  that was committed just then may be written twice; none is lost.
- The database does not answer: whoever waits is told after some seconds, and nothing piles up.
- PostgreSQL knows little of a young table and reads all of it: these statements go by indexes alone.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any

import psycopg

from fadeout.core import database
from fadeout.links import clicks
from fadeout.links.clicks import ENDED, Clicked, Opened

MOST_TOGETHER, PATIENCE_SECONDS = 64, 10
BY_INDEX = (
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;"
    " SET enable_mergejoin = off; SET jit = off; SET plan_cache_mode = force_generic_plan"
)

Line = psycopg.Connection[Any]
Asked = tuple[Opened, "Future[Clicked | None]"]


def written(opened: Opened) -> Clicked:
    """What became of a click; it is on disk on return.

    Raises:
        psycopg.OperationalError: the database does not answer.
    """
    writer = _begun()
    found = writer.ask(opened)
    if found is None:
        with connected(writer.conninfo) as line:
            [found] = clicks.write(line, [opened], waits=True)
    return found or ENDED


def connected(conninfo: str) -> Line:
    """A connection for clicks."""
    line = psycopg.connect(
        conninfo,
        autocommit=True,
        application_name="fadeout clicks",
        connect_timeout=PATIENCE_SECONDS,
    )
    line.execute(BY_INDEX, prepare=False)
    return line


class Writer:
    """The thread that writes, and whoever waits for it."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._line: Line | None = None
        self._thread = threading.Thread(target=self._work, name="clicks", daemon=True)
        self._thread.start()

    def ask(self, opened: Opened) -> Clicked | None:
        """What became of a click; nothing if it was left out.

        Raises:
            psycopg.OperationalError: the database does not answer.
        """
        answer: Future[Clicked | None] = Future()
        self._asked.put((opened, answer))
        try:
            return answer.result(PATIENCE_SECONDS)
        except TimeoutError as error:
            answer.cancel()
            raise psycopg.OperationalError("clicks are not written") from error

    def end(self) -> None:
        """Write what waits, and no more."""
        self._asked.put(None)
        self._thread.join()

    def _work(self) -> None:
        while waiting := self._next():
            asked = [one for one in waiting if one[1].set_running_or_notify_cancel()]
            try:
                found = self._write([opened for opened, _ in asked])
            except Exception as error:
                for _, answer in asked:
                    answer.set_exception(error)
            else:
                for (_, answer), clicked in zip(asked, found, strict=True):
                    answer.set_result(clicked)
        if self._line is not None:
            self._line.close()

    def _next(self) -> list[Asked]:
        """Whatever waits, at least one; none once it is to end."""
        waiting = []
        one = self._asked.get()
        with suppress(Empty):
            while one is not None:
                waiting.append(one)
                if len(waiting) == MOST_TOGETHER:
                    return waiting
                one = self._asked.get_nowait()
            if waiting:
                self._asked.put(None)  # what waits goes first
        return waiting

    def _write(self, opened: list[Opened]) -> list[Clicked | None]:
        if self._line is not None:
            with suppress(psycopg.OperationalError):
                return clicks.write(self._line, opened, waits=False)
            self._line.close()
        self._line = None
        line = connected(self.conninfo)
        self._line = line
        return clicks.write(line, opened, waits=False)


_making = threading.Lock()


def end() -> None:
    """Write what waits, and close what is open; whoever clicks next begins anew."""
    with _making:
        if _writer.cache_info().currsize:
            _writer().end()
        _writer.cache_clear()


@lru_cache(maxsize=1)
def _writer() -> Writer:
    """That of this process, for the database that it was set up with."""
    return Writer(database.conninfo())


def _begun() -> Writer:
    with _making:
        return _writer()
