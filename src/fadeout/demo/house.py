"""An invented house, as an exchange folder: the same bytes for the same arguments, everywhere.

Households arrive one by one and are written at once, so that memory does not grow with the house.
Nobody in it exists: names are combined from parts, e-mail is at example.org and its like,
telephone numbers and internet addresses come from ranges that are never given to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from fadeout.demo.audience import Audience
from fadeout.demo.dice import Dice
from fadeout.demo.files import Files
from fadeout.demo.households import Households
from fadeout.demo.people import People
from fadeout.demo.programme import Programme
from fadeout.demo.sales import BoxOffice
from fadeout.demo.times import YEARS_BACK, Times

WALK_UPS = 0.15
"""Sales without a name, for each contact."""

ROWS_IN_MEMORY = 20_000


def invent(
    folder: Path,
    *,
    contacts: int = 20_000,
    today: date,
    seed: int = 20_000,
    progress: Callable[[str, int], None] | None = None,
) -> dict[str, int]:
    """Write a house of so many contacts into the folder; how many rows each file got.

    Files of an earlier house in the folder are replaced. ``progress`` is told "contacts" and how
    many there are, every now and then.

    Raises:
        ValueError: the number of contacts is negative.
    """
    if contacts < 0:
        raise ValueError(f"A house cannot have {contacts} contacts")
    with Files(folder) as files:
        house = _House(files, today, seed)
        while house.people.count < contacts:
            house.grow(contacts)
            if len(files.order_lines) > ROWS_IN_MEMORY:
                files.flush()
                if progress:
                    progress("contacts", house.people.count)
        files.flush()
        if progress:
            progress("contacts", contacts)
        return files.counts()


class _House:
    """The rooms that invent, sharing one pair of dice and one calendar."""

    def __init__(self, files: Files, today: date, seed: int) -> None:
        self.dice = Dice(seed)
        times = Times(today)
        self.programme = Programme(self.dice, times, files)
        self.people = People(self.dice, times, files)
        self.box_office = BoxOffice(self.dice, times, files)
        audience = Audience(self.dice, times, files, self.programme)
        self.households = Households(self.people, self.box_office, audience)

    def grow(self, contacts: int) -> None:
        """One household comes, and meanwhile people without a name buy at the door."""
        before = self.people.count
        self.households.arrive(contacts - before)
        for _ in range(self.people.count - before):
            if self.dice.chance(WALK_UPS):
                self._walk_up()

    def _walk_up(self) -> None:
        year = self.dice.between(0, YEARS_BACK - 1)
        show = self.dice.pick(self.programme.years[year].priced)
        self.box_office.walk_up(show, ("full",) * self.dice.between(1, 3))
