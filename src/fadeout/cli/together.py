"""Several commands side by side, as children of this one, until somebody stops them.

What could go wrong, and what prevents it:

- Ctrl-C reaches every process of a terminal, and the worker, told twice, ends at once: each child has a
  session of its own, and hears of it from here, once for each time.
- One ends by itself, and nobody notices that half of it is gone: the others end with it, as a failure.
- This process is killed, and its children go on: each looks whether its parent is still there.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path

from fadeout.core.errors import DidNotHold

PROCESSES = multiprocessing.get_context("spawn")
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOKS_FOR_PARENT_SECONDS = 1.0
#: Whoever stops a whole group of processes may be heard twice, and means it once.
ONE_WISH_SECONDS = 1.0


def run(*commands: Sequence[str], log: Path) -> None:
    """Run commands of Fadeout until Ctrl-C, SIGTERM, or the end of the terminal.

    Args:
        commands: the words of each, after ``fadeout``.
        log: where their standard error goes.

    Raises:
        DidNotHold: one of them ended by itself; the others were ended then.
    """
    with _heard() as heard:
        children = [
            PROCESSES.Process(target=_child, args=(list(words), os.getpid(), log), name=words[0])
            for words in commands
        ]
        for child in children:
            child.start()
        told = wait([heard, *(child.sentinel for child in children)])
        ended = next((child for child in children if child.sentinel in told), None)
        _end(children, heard)
    if ended is not None and heard not in told:
        raise DidNotHold(
            f"fadeout {ended.name} has ended by itself (exit code {ended.exitcode}).",
            way_out=f"What it said is in {log}.",
        )


def _end(children: Sequence[multiprocessing.process.BaseProcess], heard: int) -> None:
    """Ask all to end and wait for them; ask again whenever somebody insists."""
    asked_at = float("-inf")
    insists = True
    while alive := [child for child in children if child.is_alive()]:
        if insists and time.monotonic() - asked_at > ONE_WISH_SECONDS:
            asked_at = time.monotonic()
            for child in alive:
                child.terminate()
        insists = heard in wait([heard, *(child.sentinel for child in alive)])
        if insists:
            os.read(heard, 64)


@contextmanager
def _heard() -> Iterator[int]:
    """A descriptor that can be read as often as somebody asked this process to end."""
    reading, writing = os.pipe()
    before = {
        number: signal.signal(number, lambda *_: os.write(writing, b"!") and None)
        for number in STOPS
    }
    try:
        yield reading
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


def _child(words: list[str], parent: int, log: Path) -> None:
    from fadeout.cli import main  # noqa: PLC0415 - it knows all commands, also the one that asks

    os.setsid()
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    sys.argv = ["fadeout", *words]
    main.main()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOKS_FOR_PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
