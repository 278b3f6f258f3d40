"""Runs a plan and kills itself, with SIGKILL, at a given call of a given step of the search."""

from __future__ import annotations

from fadeout.erasure import texts as erasure
from fadeout.keys.run_files import RunFiles
from fadeout.residue import findings, operations, watching
from fadeout.runs import remains
from tests.runs import killed, stages

STEPS: dict[str, tuple[object, str]] = {
    "before the first search": (operations, "begin"),
    "while contacts are written down": (RunFiles, "_encrypted"),
    "in a search": (watching.Watch, "hear"),
    "before a stroke": (operations, "before_stroke"),
    "in a stroke, before a text is replaced": (erasure, "write"),
    "in a stroke, before its findings are listed": (findings, "add"),
    "before the last search": (operations, "settle"),
    "in the last search": (operations, "_of_all"),
    "between taking out and proof": (operations, "_take_out_everywhere"),
    "before files are destroyed": (remains, "sweep"),
}


def run(plan: int, step: str, at_call: int) -> None:
    """Run it, contact by contact; at the step "never" it lives, and says how the run ended."""
    stages.STEPS |= STEPS
    operations.MOST_HITS = 1  # the rest of them is for the end
    killed.run(plan, step, at_call, rows=1)
