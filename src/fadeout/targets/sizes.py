"""How much a target asks in all, with the targets that it asks about.

What could go wrong: ten targets, each of which asks twice about the one before, ask a thousand times about
the first, and no database answers that. So what is asked in all is limited, not just what one target says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fadeout.targets.conditions import Node, On, conditions_of

MOST_IN_ALL = 500
MOST_IN_A_ROW = 10


@dataclass(frozen=True)
class Size:
    """``conditions`` in all; ``levels`` are targets in a row."""

    conditions: int = 1
    levels: int = 0

    @property
    def is_too_much(self) -> bool:
        return self.conditions > MOST_IN_ALL or self.levels > MOST_IN_A_ROW


def largest(trees: Mapping[str, Node]) -> Size:
    """The most that any of these targets asks in all, and the longest row.

    Args:
        trees: of all that are not frozen, by their ids; none leads back to itself.
    """
    known: dict[str, Size] = {}
    for one in trees:
        if one in known:
            continue
        for each in reversed(_in_order(one, trees)):
            known.setdefault(each, _sum(known.get(asked, Size()) for asked in _asked(trees[each])))
    return Size(
        max((size.conditions for size in known.values()), default=0),
        max((size.levels for size in known.values()), default=0),
    )


def _in_order(one: str, trees: Mapping[str, Node]) -> list[str]:
    """A target, then all that it asks about: each before whatever it asks about itself."""
    row, following = [], [one]
    while following:
        row += following
        named = {asked for each in following for asked in _asked(trees[each]) if asked in trees}
        following = sorted(named)
    return row


def _asked(tree: Node) -> list[str]:
    """What a tree asks, condition by condition: the id of a target, or nothing."""
    return [c.value if c.on is On.TARGET else "" for c in conditions_of(tree)]


def _sum(sizes: Iterable[Size]) -> Size:
    found = list(sizes)
    return Size(
        sum(size.conditions for size in found), 1 + max((size.levels for size in found), default=0)
    )
