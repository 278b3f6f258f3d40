"""The real command in a process of its own, disturbed at a stage or not."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fadeout.cli import main as command_line
from tests import forked
from tests.forked import Ended
from tests.runs.faults import FAULTS
from tests.runs.stages import disturb, in_small_chunks

#: So few that several chunks are left when one is disturbed, so many that their tokens fill a disk.
ROWS_AT_ONCE = 25


@dataclass(frozen=True)
class Disturbance:
    """A fault at a call of a stage."""

    fault: str
    stage: str
    at_call: int


def fadeout(
    *arguments: str,
    environment: Mapping[str, str],
    heard: Path,
    disturbed: Disturbance | None = None,
) -> Ended:
    """Give a command and wait for its end."""
    around = {name: value for name, value in os.environ.items() if name != "FADEOUT_DATABASE_URL"}
    return forked.process(
        _carry_out, arguments, disturbed, environment={**around, **environment}, heard=heard
    )


def _carry_out(arguments: tuple[str, ...], disturbed: Disturbance | None) -> None:
    sys.argv = ["fadeout", *arguments]
    in_small_chunks(ROWS_AT_ONCE)
    if disturbed is not None:
        disturb(disturbed.stage, disturbed.at_call, FAULTS[disturbed.fault])
    command_line.main()
