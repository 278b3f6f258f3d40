"""Round numbers for the axis of a chart, how they are written, and whether they have room."""

from __future__ import annotations

from itertools import count

from django.utils.formats import number_format

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


def written(value: int) -> str:
    """A number as people of the language write it."""
    return str(number_format(value, use_l10n=True, force_grouping=True))
