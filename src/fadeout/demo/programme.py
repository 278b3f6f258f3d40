"""What the house sells: four organisations, their productions, performances and articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from fadeout.demo.dice import Dice
from fadeout.demo.files import Files, quoted
from fadeout.demo.repertoire import (
    ARTICLES,
    BILLS,
    FREE_SUNDAYS,
    OPEN_REHEARSALS,
    ORGANISATIONS,
    PASSES,
    Bill,
    Organisation,
)
from fadeout.demo.times import YEARS_BACK, Times


@dataclass(frozen=True, slots=True)
class Seat:
    """A product at a price on a day; ``sold`` is the middle of the line of a standing sale."""

    product: str
    cents: int
    price: str
    validity: str
    sold: str


@dataclass(frozen=True, slots=True)
class Show:
    """A performance, a slot or a season pass."""

    organisation: Organisation
    starts: int
    ends: int
    called_off: bool
    seats: Mapping[str, tuple[Seat, ...]]

    def at(self, tariff: str) -> tuple[Seat, ...]:
        """The seats at a tariff, or at the one that stands in for it here."""
        return self.seats.get(tariff) or self.seats[STAND_INS[tariff]]


STAND_INS = {"subscriber": "voucher", "invitation": "voucher", "school": "child"}
CALLED_OFF = 0.025


@dataclass
class Shelf:
    """Shows of one year back from today, or of the time to come."""

    priced: list[Show] = field(default_factory=list)
    free: list[Show] = field(default_factory=list)
    passes: list[Show] = field(default_factory=list)


class Programme:
    """All seasons. What has ended stands by years back from today, so that every day has a past."""

    def __init__(self, dice: Dice, times: Times, files: Files) -> None:
        self.dice = dice
        self.times = times
        self.files = files
        self.years = [Shelf() for _ in range(YEARS_BACK)]
        self.ahead = Shelf()
        for one in ORGANISATIONS:
            files.organisations.append(f"{one.code},{quoted(one.name)}\n")
        # From September on, the season that is coming is the next one.
        coming = times.today.year + (times.today.month > 8)
        for year in range(coming - YEARS_BACK - 1, coming + 1):
            self._season(year)
        self.ahead.priced.sort(key=lambda show: show.starts)
        self.articles = tuple(self._article(*one) for one in self._shop())
        files.flush()

    def after(self, minute: int) -> list[Show]:
        """Shows that were still to come at that moment; none for a time before the records."""
        back = self.times.year_back(minute)
        if back > YEARS_BACK:
            return []
        return self.years[back - 1].priced if back > 0 else self.ahead.priced

    def _season(self, year: int) -> None:
        for bill in BILLS:
            for turn in range(bill.productions):
                work = bill.works[(year * bill.productions + turn) % len(bill.works)]
                self._production(bill, work, year, turn)
        self._production(OPEN_REHEARSALS, "Open rehearsal", year, 0)
        self._production(FREE_SUNDAYS, "Free Sunday", year, 0)
        for organisation, cents in PASSES.items():
            self._pass(organisation, cents, year)

    def _production(self, bill: Bill, work: str, year: int, turn: int) -> None:
        code = f"{bill.organisation.code}/{slug(work)}-{year}"
        for tariff in bill.tariffs:
            self._product(f"{code}/{tariff}", bill.organisation, f"{work} {season(year)}, {tariff}")
        month, day = bill.opens
        opens = date(year + (month < 8), month, day)
        on = opens + timedelta(turn * bill.premiere_every)
        for _ in range(bill.performances):
            self._put_on(bill, code, on)
            spread = 1 if "free" in bill.tariffs else self.dice.between(1, 2)
            on += timedelta(bill.days_between * spread)

    def _put_on(self, bill: Bill, code: str, on: date) -> None:
        """A performance. Some run past midnight, and so end on another day than they began."""
        starts = self.times.local(on, self.dice.pick(bill.clocks))
        ends = starts + bill.minutes
        validity = f"{self.times.sharp(starts)},{self.times.sharp(ends)}"
        seats = {
            tariff: tuple(seat(f"{code}/{tariff}", price, validity) for price in prices)
            for tariff, prices in bill.tariffs.items()
        }
        off = self.dice.chance(CALLED_OFF)
        self._shelve(Show(bill.organisation, starts, ends, off, seats))

    def _pass(self, organisation: Organisation, cents: int, year: int) -> None:
        code = f"{organisation.code}/pass-{year}"
        self._product(code, organisation, f"Season pass {season(year)}")
        starts = self.times.local(date(year, 9, 1), "00:00")
        ends = self.times.local(date(year + 1, 7, 31), "23:59")
        validity = f"{self.times.sharp(starts)},{self.times.sharp(ends)}"
        price = {"pass": (seat(code, cents, validity), seat(code, cents * 4 // 5, validity))}
        self._shelve(Show(organisation, starts, ends, called_off=False, seats=price))

    def _shelve(self, show: Show) -> None:
        back = self.times.year_back(show.ends)
        if back >= YEARS_BACK:
            return
        shelf = self.years[back] if back >= 0 else self.ahead
        kind = "passes" if "pass" in show.seats else "free" if "free" in show.seats else "priced"
        getattr(shelf, kind).append(show)

    def _article(self, organisation: Organisation, name: str, cents: int) -> Show:
        """Something without a date: a show that never begins."""
        code = f"{organisation.code}/{slug(name)}"
        self._product(code, organisation, name, dated=False)
        return Show(organisation, 0, 0, called_off=False, seats={"shop": (seat(code, cents, ","),)})

    def _shop(self) -> list[tuple[Organisation, str, int]]:
        return [
            (one, name, cents) for one, range_ in ARTICLES.items() for name, cents in range_.items()
        ]

    def _product(self, code: str, of: Organisation, name: str, *, dated: bool = True) -> None:
        self.files.products.append(f"{code},{of.code},{quoted(name)},{str(dated).lower()}\n")


def money(cents: int) -> str:
    """An amount as a field; what goes out is negative."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def seat(product: str, cents: int, validity: str) -> Seat:
    """A seat with everything printed that every line of its kind repeats."""
    price = money(cents)
    return Seat(product, cents, price, validity, f"{product},sale,standing,,{price},{validity}")


def season(year: int) -> str:
    """2023 is the season 2023/24."""
    return f"{year}/{(year + 1) % 100:02}"


def slug(title: str) -> str:
    """A title as the part of a code."""
    words = "".join(sign if sign.isalnum() else " " for sign in title.lower()).split()
    return "-".join(words)
