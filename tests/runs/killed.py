"""Runs a plan and kills itself, with SIGKILL, at a given call of a given step. Not a test.

``python -m tests.runs.killed PLAN STEP N``: no fault is injected into Fadeout; the steps are
wrapped from outside, and the process dies as hard as a process can.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from fadeout.core.database import opened
from fadeout.erasure import operations as erasure
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import queries
from fadeout.runs import audits, chunks, lanes
from tests import support

STEPS: dict[str, tuple[Any, str]] = {
    "before the locks": (chunks, "_lock"),
    "before the decision": (chunks, "_decide_again"),
    "before the tokens": (ErasedTokens, "write"),
    "before the stroke": (erasure, "strike"),
    "after the stroke": (chunks, "_mark_struck"),
    "before the commit": (chunks, "write_account"),
    "after the commit": (ErasedTokens, "confirm"),
    "in the ticket part": (erasure, "clear_expired_lines"),
    "before the audits": (audits, "audit"),
}


def deadly(step: Callable[..., Any], at_call: int) -> Callable[..., Any]:
    calls = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at_call:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **named)

    return wrapped


def main() -> None:
    plan, step, at_call = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    lanes.FIRST_CHUNK = lanes.LARGEST_CHUNK = 3
    if step != "never":
        owner, name = STEPS[step]
        setattr(owner, name, deadly(getattr(owner, name), at_call))
    with opened():
        run = support.run(queries.by_number(plan))
    print(run.state)


if __name__ == "__main__":
    main()
