"""Chance, the same on every machine.

Everything is drawn from ``random()``, the one method whose sequence Python promises to keep from
version to version. ``choice``, ``shuffle`` and the like may change, and with them every byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


class Dice:
    """A seeded source of chance with the few questions that inventing a house asks."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random  # noqa: S311 - an invented house guards no secret

    def chance(self, share: float) -> bool:
        """Whether something that happens in this share of all cases happens now."""
        return self.random() < share

    def pick(self, things: Sequence[Thing]) -> Thing:
        """One of the things, all equally likely."""
        return things[int(self.random() * len(things))]

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))


def loaded(shares: Mapping[Thing, int]) -> tuple[Thing, ...]:
    """A die that shows each thing as often as its share says: for ``pick``."""
    return tuple(thing for thing, share in shares.items() for _ in range(share))
