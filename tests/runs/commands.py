"""The real command in a process of its own, forked from one that has loaded Fadeout already.

Some hundred commands in a row would spend most of their time on loading it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fadeout.cli import main as command_line
from tests.runs.faults import FAULTS
from tests.runs.stages import disturb, in_small_chunks

#: More than any patience that the command itself has.
LONGEST_SECONDS = 180
#: So few that several chunks are left when one is disturbed, so many that their tokens fill a disk.
ROWS_AT_ONCE = 25

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Disturbance:
    """A fault at a call of a stage."""

    fault: str
    stage: str
    at_call: int


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said on both outputs."""

    code: int
    said: str


def fadeout(
    *arguments: str,
    environment: Mapping[str, str],
    heard: Path,
    disturbed: Disturbance | None = None,
) -> Ended:
    """Give a command and wait for its end."""
    process = processes.Process(
        target=_carry_out, args=(arguments, dict(environment), heard, disturbed)
    )
    process.start()
    process.join(LONGEST_SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"fadeout {' '.join(arguments)} hangs: {heard.read_text()}")
    return Ended(process.exitcode, heard.read_text())


def _carry_out(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    heard: Path,
    disturbed: Disturbance | None,
) -> None:
    output = os.open(heard, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.pop("FADEOUT_DATABASE_URL", None)
    os.environ.update(environment)
    sys.argv = ["fadeout", *arguments]
    in_small_chunks(ROWS_AT_ONCE)
    if disturbed is not None:
        disturb(disturbed.stage, disturbed.at_call, FAULTS[disturbed.fault])
    command_line.main()
