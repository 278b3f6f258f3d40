"""What a request sets going and does not wait for: done by this process, after the answer.

What could go wrong, and what prevents it:

- How long an answer takes tells what was found: what would take long is done afterwards.
- Too much waits: two things are done at a time, and beyond some dozens nothing more is taken.
- The process is stopped: it does what waits before it ends.
- An error quotes what was typed: the log has its class and where it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import BoundedSemaphore

from django.db import connections

from fadeout.core import logs

AT_ONCE = 2
MOST_WAITING = 64

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="afterwards")
_room = BoundedSemaphore(MOST_WAITING)


def do(name: str, what: Callable[[], object]) -> bool:
    """Do something after the answer; tells whether it will be."""
    if not _room.acquire(blocking=False):
        logs.log.warning("afterwards_full", what=name)
        return False
    _threads.submit(copy_context().run, _done, name, what)  # with the language of the request
    return True


def _done(name: str, what: Callable[[], object]) -> None:
    try:
        what()
    except Exception as error:
        logs.log.error(
            "afterwards_failed",
            what=name,
            error=type(error).__name__,
            places=logs.places(error.__traceback__),
        )
    finally:
        connections.close_all()
        _room.release()
