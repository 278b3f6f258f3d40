"""Runs a plan and kills itself, with SIGKILL, at a given call of a given step: work for a forked process.

No fault is injected into Fadeout; the steps are wrapped from outside, and the process dies as hard as a
process can.
"""

from __future__ import annotations

import os
import signal

from fadeout.core.database import opened
from fadeout.plans import queries
from tests import support
from tests.runs.stages import disturb, in_small_chunks


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run(plan: int, step: str, at_call: int, rows: int = 3) -> None:
    """Run it in chunks of so few rows; at the step "never" it lives, and says how the run ended."""
    in_small_chunks(rows)
    if step != "never":
        disturb(step, at_call, die)
    with opened():
        print(support.run(queries.by_number(plan)).state, flush=True)
