"""Round numbers for the axis of a chart, and whether they have room."""

from __future__ import annotations

from itertools import count

STEPS = (1, 2, 5)
MOST_STEPS = 5
LETTER = 6.9  # of a digit at the size that charts are written in


def ticks(largest: int) -> list[int]:
    """Whole, round numbers from 0 to at least ``largest``; 0 and 1 if there is nothing."""
    step = next(
        step * 10**power
        for power in count()
        for step in STEPS
        if step * 10**power * MOST_STEPS >= largest
    )
    steps = max(-(-largest // step), 1)
    return [n * step for n in range(steps + 1)]


def fits(text: str, room: float) -> bool:
    """Whether a number has room above a bar without touching its neighbours."""
    return len(text) * LETTER <= room
