"""Runs a plan and kills itself, with SIGKILL, at a given call of a given step. Not a test.

``python -m tests.runs.killed PLAN STEP N``: no fault is injected into Fadeout; the steps are
wrapped from outside, and the process dies as hard as a process can.
"""

from __future__ import annotations

import os
import signal
import sys

import django

django.setup()

from fadeout.core.database import opened
from fadeout.plans import queries
from tests import support
from tests.runs.stages import disturb, in_small_chunks


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    plan, step, at_call = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    in_small_chunks(3)
    if step != "never":
        disturb(step, at_call, die)
    with opened():
        run = support.run(queries.by_number(plan))
    print(run.state)


if __name__ == "__main__":
    main()
