"""The page of faults: what was seen, as text, and what the page says, as cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"

HEAD = """\
# When something breaks

This page is made by a test, which carries out every fault for real at every stage of a run and compares
what it sees with what stands here: `FADEOUT_WRITE_DOCS=1 python -m pytest tests/runs/test_faults.py`
writes the page anew.

Each row is one run of a small house. At the given stage the fault is carried out; then the run goes on
and meets what it left behind. *The command* is how that command ended by itself, with the first sentence
of what it said; *status* is what `fadeout status` said after that, and *started again* is what became of it
when the same command was given once more, after a full disk with room again. *Same rows* means: row for
row, the audits and the tokens included, what a run leaves that nothing happened to.

A full disk of the key folder goes unnoticed once the run has ended and nothing is left to be recorded.
"""
TABLE = """\
## {fault}

| stage | the command | status | started again |
| --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Seen:
    """What was seen of one fault at one stage, in words."""

    command: str
    status: str
    again: str


Cells = Mapping[tuple[str, str], Seen]


def written(cells: Cells) -> str:
    """The page that tells these cells, in their order."""
    faults = dict.fromkeys(fault for fault, _ in cells)
    return "\n".join([HEAD, *(_section(fault, cells) for fault in faults)])


def read(text: str) -> dict[tuple[str, str], Seen]:
    """The cells that a page tells."""
    cells = {}
    for section in text.split("\n## ")[1:]:
        fault = section.splitlines()[0]
        for row in re.findall(r"^\| (.+) \| (.+) \| (.+) \| (.+) \|$", section, re.MULTILINE)[2:]:
            cells[fault, row[0]] = Seen(*row[1:])
    return cells


def _section(fault: str, cells: Cells) -> str:
    rows = [
        f"| {' | '.join([stage, *astuple(seen)])} |\n"
        for (of, stage), seen in cells.items()
        if of == fault
    ]
    return TABLE.format(fault=fault) + "".join(rows)
