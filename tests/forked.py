"""A process of its own, forked from one that has loaded Fadeout already.

It is real to the last signal: memory, connections and locks are its own. Only loading is shared, on which some
hundred processes in a row would spend most of their time.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fadeout.cli import main  # noqa: F401 - loads whatever a command needs

#: More than any patience that a command itself has.
LONGEST_SECONDS = 180

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said on both outputs."""

    code: int
    said: str


def process(
    work: Callable[..., None], *arguments: Any, environment: Mapping[str, str], heard: Path
) -> Ended:
    """Let a process do this work and wait for its end; what it says goes to the file ``heard``."""
    begun = processes.Process(target=_do, args=(work, arguments, dict(environment), heard))
    begun.start()
    begun.join(LONGEST_SECONDS)
    if begun.exitcode is None:
        begun.kill()
        begun.join()
        raise AssertionError(f"{work.__name__} {arguments} hangs: {heard.read_text()}")
    return Ended(begun.exitcode, heard.read_text())


def _do(
    work: Callable[..., None], arguments: tuple[Any, ...], environment: dict[str, str], heard: Path
) -> None:
    output = os.open(heard, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(environment)
    work(*arguments)
