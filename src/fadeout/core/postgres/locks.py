"""Locks between processes that the kernel releases, also after a ``kill -9``.

A counter in a file would stay wrong after a crash; a lock of ``flock`` is gone with the process
that held it. Each lock opens the file anew, so that threads and nested blocks of one process
count one by one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """One hold on a lock file; nothing is held before :meth:`share` or :meth:`take`."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Hold it together with others; waits for whoever has it alone."""
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def wait(self) -> None:
        """Hold it alone; waits for everybody else."""
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def take(self) -> bool:
        """Hold it alone if nobody else holds it, without waiting."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let it go, for the copies of this descriptor in other processes too."""
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Forget the file; the lock goes with the last copy of the descriptor."""
        os.close(self.descriptor)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock file alone for a block."""
    lock = Lock(path)
    try:
        lock.wait()
        yield
    finally:
        lock.close()
