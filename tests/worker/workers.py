"""Workers in processes of their own, and what they log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0


@contextmanager
def worker(log: Path, *, seconds: float = 0.0) -> Iterator[subprocess.Popen[bytes]]:
    """A worker, each chunk of which takes so long; killed in the end if it still lives."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.worker.quick", str(seconds)],
            stderr=file,
            stdout=file,
            env=dict(os.environ),
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(holds: Callable[[], Any], what: str, log: Path | None = None) -> Any:
    """Wait until something holds; what it gave."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        if found := holds():
            return found
        time.sleep(0.1)
    raise AssertionError(f"never: {what}\n{log.read_text() if log else ''}")


def told(log: Path) -> list[dict[str, Any]]:
    """The lines of a log; each is JSON."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def events(log: Path) -> list[str]:
    return [line["event"] for line in told(log)]
