"""Reads ahead: while the database takes one block, the next is read and checked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Item = TypeVar("Item")
_DEPTH = 2
_END = object()


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items; a thread of its own gets the next few while one is being used."""
    ready: queue.Queue[object] = queue.Queue(_DEPTH)
    stopped = threading.Event()
    failures: list[BaseException] = []

    def put(item: object) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for item in items:
                put(item)
                if stopped.is_set():
                    return
        except BaseException as error:  # it is raised where the items are used
            failures.append(error)
        finally:
            put(_END)

    reader = threading.Thread(target=read, name="read ahead", daemon=True)
    reader.start()
    try:
        while (item := ready.get()) is not _END:
            yield item  # type: ignore[misc]
        if failures:
            raise failures[0]
    finally:
        stopped.set()
        reader.join()
