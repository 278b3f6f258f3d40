"""What clicks add to what is counted, and what is taken back again of those that were a program's: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fadeout.links.human import Earlier

Place = tuple[int, UUID | None, datetime]


class Tally:
    """What some clicks add: people, programs, and contacts who clicked for the first time."""

    def __init__(self) -> None:
        self._added: dict[Place, list[int]] = defaultdict(lambda: [0, 0, 0])

    def __bool__(self) -> bool:
        return bool(self._added)

    def add(self, click: Earlier, issued_for: UUID | None) -> None:
        """A click as it is judged now."""
        self._at(click, issued_for)[int(click.automated)] += 1

    def turn(self, clicks: Iterable[Earlier], issued_for: UUID | None) -> None:
        """Clicks that were a human's so far, and are a program's from now on."""
        for click in clicks:
            added = self._at(click, issued_for)
            added[0] -= 1
            added[1] += 1

    def recount(
        self, before: Sequence[Earlier], after: Sequence[Earlier], issued_for: UUID | None
    ) -> None:
        """A contact is counted by the first click of its own on a link, and by no other."""
        had, has = _firsts(before), _firsts(after)
        for click in had - has:
            self._at(click, issued_for)[2] -= 1
        for click in has - had:
            self._at(click, issued_for)[2] += 1

    def columns(self) -> dict[str, list[Any]]:
        """Column by column, as the statements take them."""
        links, mailings, instants = zip(*self._added, strict=True) if self._added else ((), (), ())
        people, programs, contacts = (
            zip(*self._added.values(), strict=True) if self._added else ((), (), ())
        )
        return {
            "link": list(links), "issued_for": list(mailings), "at": list(instants),
            "human": list(people), "program": list(programs), "contact": list(contacts),
        }  # fmt: skip

    def _at(self, click: Earlier, issued_for: UUID | None) -> list[int]:
        return self._added[click.link, issued_for, click.at]


def without(clicks: Iterable[Earlier], turned: Collection[Earlier]) -> list[Earlier]:
    """What is left of clicks."""
    return [click for click in clicks if click not in turned]


def _firsts(clicks: Sequence[Earlier]) -> set[Earlier]:
    found: dict[int, Earlier] = {}
    for click in clicks:
        first = found.get(click.link)
        is_earlier = first is None or (click.at, click.key) < (first.at, first.key)
        if is_earlier and not click.automated:
            found[click.link] = click
    return set(found.values())
