"""The box office: orders and their lines, from the first call to the last refund."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fadeout.demo.answers import Questions
from fadeout.demo.dice import Dice, loaded
from fadeout.demo.files import Files, quoted
from fadeout.demo.network import ADDRESSES
from fadeout.demo.people import Person
from fadeout.demo.programme import Seat, Show, money
from fadeout.demo.repertoire import Organisation
from fadeout.demo.times import DAY, Times

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODES = tuple(a + b + c for a in LETTERS for b in LETTERS for c in LETTERS)
SHUFFLE = 0x2545F491
"""Odd, so that order codes come once each, in no visible order."""

LEADS = loaded(
    {0: 9, 1: 9, 2: 7, 3: 6, 5: 6, 7: 8, 10: 6, 14: 10, 21: 10, 30: 9, 45: 8, 60: 6, 90: 4, 120: 2}
)
SHOPPING = loaded(
    {6: 1, 7: 3, 8: 5, 9: 8, 10: 9, 11: 8, 12: 6, 13: 7, 14: 8, 15: 7, 16: 7}
    | {17: 6, 18: 7, 19: 7, 20: 6, 21: 3, 22: 2, 23: 1}
)
"""Hours in UTC: an order at 22:40 is one of the next day in the house's time zone."""

NOBODY = (",,,,,",)
WALK_UPS = (",,,,,", ",,,,,DE", ",,,,,CH", ",,,,,AT")
REMARKS = tuple(
    quoted(text)
    for text in (
        "Tickets at the door, name on the envelope",
        "Birthday surprise, please do not call at home",
        'Called: "two seats together, else none"',
        "Invoice to the office, not to the private address",
        "Comes with a guide dog",
        "Changed from Friday to Saturday\nby phone",
    )
)
PAST_FATES = loaded({"lapsed": 55, "standing": 25, "cancelled": 12, "returned": 8})
COMING_FATES = loaded({"standing": 80, "cancelled": 9, "lapsed": 11})
MISHAPS = loaded({"lapsed": 35, "returned": 40, "cancelled": 25})
MISHAP = 0.05
LARGE = 25_000
"""Cents. From here on one in five pays in two instalments."""


@dataclass(slots=True)
class Party:
    """Who buys, for whom, and what is written on the tickets when names are asked for."""

    buyer: Person | None
    cultural: Person | None = None
    tickets: tuple[str, ...] = NOBODY
    named: float = 0.3


class BoxOffice:
    """Sells, holds seats, calls off and pays back."""

    def __init__(self, dice: Dice, times: Times, files: Files) -> None:
        self.dice = dice
        self.random = dice.random
        self.times = times
        self.files = files
        self.sold = 0
        self.questions = Questions(dice, files)

    def visit(self, party: Party, show: Show, tariffs: Sequence[str]) -> None:
        """Tickets for a performance, and almost always the money for them."""
        at = self._booked(show)
        number = self._order(show.organisation, party, at)
        seats = [self.dice.pick(show.at(tariff)) for tariff in tariffs]
        if show.called_off:
            self._call_off(number, party, show, seats, at)
        elif self.random() < MISHAP:
            self._mishap(number, party, seats, at)
        else:
            self._sell(number, party, seats, at, show.organisation)

    def buy(self, party: Party, article: Show, at: int, pieces: int = 1) -> None:
        """Something without a date, over the counter or in the shop."""
        number = self._order(article.organisation, party, at)
        seats = [self.dice.pick(article.seats["shop"])] * pieces
        self._sell(number, party, seats, at, article.organisation)

    def hold(self, party: Party, show: Show, kind: str, tariffs: Sequence[str]) -> None:
        """An option or a reservation, and what became of it."""
        dice = self.dice
        at = self._booked(show)
        number = self._order(show.organisation, party, at)
        fate = dice.pick(COMING_FATES if show.ends >= self.times.now else PAST_FATES)
        answered = dice.chance(0.15 if fate == "lapsed" else 0.6)
        confirmed = ""
        if kind == "option" and answered:
            confirmed = self.times.stamp(self._after(at, 9))
        who = self._who(party)
        for line, tariff in enumerate(tariffs):
            seat = dice.pick(show.at(tariff))
            state = fate if line == 0 or fate != "returned" else "standing"
            self.files.order_lines.append(
                f"{number},{line + 1},{seat.product},{kind},{state},{confirmed},{seat.price},"
                f"{seat.validity},{who[line % len(who)]}\n"
            )

    def reserve_article(self, party: Party, article: Show, at: int) -> None:
        """Put aside without a date: it stays open for as long as nobody fetches it."""
        number = self._order(article.organisation, party, at)
        seat = article.seats["shop"][0]
        state = "lapsed" if self.dice.chance(0.3) else "standing"
        self.files.order_lines.append(
            f"{number},1,{seat.product},reservation,{state},,{seat.price},,,{NOBODY[0]}\n"
        )

    def class_trip(self, party: Party, show: Show, pupil: Callable[[], str], size: int) -> None:
        """A class: every pupil is typed, and some cannot eat what there is."""
        at = self._booked(show)
        number = self._order(show.organisation, party, at)
        seat = self.dice.pick(show.at("school"))
        luck = self.random()
        paid = luck < 0.4 and not show.called_off
        sold = seat.sold if paid else f"{seat.product},{self._trip(show, luck)},{seat.validity}"
        append = self.files.order_lines.append
        for line in range(1, size + 1):
            append(f"{number},{line},{sold},{pupil()}\n")
        self.questions.about_class(number, size, party.cultural or party.buyer)
        if paid:
            self._settle(number, party, show.organisation, at, seat.cents * size)

    def walk_up(self, show: Show, tariffs: Sequence[str]) -> None:
        """A sale at the door to somebody who gives no name."""
        at = show.starts - 1 - int(self.random() * 90)
        party = Party(None, tickets=WALK_UPS, named=0.2)
        number = self._order(show.organisation, party, at)
        seats = [self.dice.pick(show.at(tariff)) for tariff in tariffs]
        self._sell(number, party, seats, at, show.organisation)

    def _trip(self, show: Show, luck: float) -> str:
        """Kind, state, confirmation and price of a trip without payment: most are sponsored."""
        if show.called_off:
            return "sale,cancelled,,0.00"
        if luck < 0.85:
            return "sale,standing,,0.00"
        coming = show.ends >= self.times.now
        return f"reservation,{'standing' if coming else 'lapsed'},,0.00"

    def _sell(
        self, number: str, party: Party, seats: Sequence[Seat], at: int, of: Organisation
    ) -> None:
        who = self._who(party)
        names = len(who)
        append = self.files.order_lines.append
        due = 0
        for line, seat in enumerate(seats):
            append(f"{number},{line + 1},{seat.sold},{who[line % names]}\n")
            due += seat.cents
        if who is not NOBODY:
            self.questions.about_evening(number, len(seats))
        if due and party.buyer:
            self._settle(number, party, of, at, due)
        elif due:
            self._pay(number, at, due, "1")  # at the door, nobody goes in on credit

    def _mishap(self, number: str, party: Party, seats: Sequence[Seat], at: int) -> None:
        """Never paid and so lapsed, or called off by the buyer, or one ticket given back."""
        state = self.dice.pick(MISHAPS)
        states = [state] + ["standing" if state == "returned" else state] * (len(seats) - 1)
        self._lines(number, party, seats, states)
        if state != "returned":
            return
        due = sum(seat.cents for seat in seats)
        if not due:
            return
        self._pay(number, at, due, "1")
        back = seats[0].cents
        if back and self.dice.chance(0.94):
            self._pay(number, self._after(at, 20), -back, "2")

    def _call_off(
        self, number: str, party: Party, show: Show, seats: Sequence[Seat], at: int
    ) -> None:
        """The house cancels: it pays back, is given the money, or still owes it."""
        self._lines(number, party, seats, ["cancelled"] * len(seats))
        due = sum(seat.cents for seat in seats)
        if not due:
            return
        self._pay(number, at, due, "1")
        later = self._after(max(show.starts, at), 40)
        luck = self.random()
        if luck < 0.74:
            self._pay(number, later, -due, "2")
        elif luck < 0.88 and party.buyer:
            label = "Donated to the house" if luck < 0.82 else "Turned into a voucher"
            self._book(party.buyer, show.organisation, later, -due, label)

    def _lines(
        self, number: str, party: Party, seats: Sequence[Seat], states: Sequence[str]
    ) -> None:
        who = self._who(party)
        for line, (seat, state) in enumerate(zip(seats, states, strict=True)):
            self.files.order_lines.append(
                f"{number},{line + 1},{seat.product},sale,{state},,{seat.price},{seat.validity},"
                f"{who[line % len(who)]}\n"
            )

    def _settle(self, number: str, party: Party, of: Organisation, at: int, due: int) -> None:
        """Nearly everybody pays at once; the few who do not are the house's debtors."""
        luck = self.random()
        in_one = 0.8 if due >= LARGE else 0.975
        if luck < in_one:
            self._pay(number, at + 1, due, "1")
        elif luck < 0.985:
            self._pay(number, at + 1, due // 2, "1")
            self._pay(number, at + 30 * DAY, due - due // 2, "2")  # perhaps a debit still to come
        elif luck < 0.991:
            self._pay(number, at + 1, due // 2, "1")
        elif luck < 0.9935:
            self._pay(number, self._after(at, 9), due + 500, "1")
        elif luck < 0.995 and party.buyer:
            self._pay(number, at + 1, due - 300, "1")
            self._book(party.buyer, of, self._after(at, 60), 300, "Small difference written off")

    def _pay(self, number: str, at: int, cents: int, turn: str) -> None:
        self.files.payments.append(
            f"{number}-P{turn},{number},{self.times.stamp(at)},{money(cents)}\n"
        )

    def _book(self, who: Person, of: Organisation, at: int, cents: int, label: str) -> None:
        entries = self.files.account_entries
        entries.append(
            f"{of.prefix}-K{entries.written + len(entries) + 1},{who.number},{of.code},"
            f"{self.times.stamp(at)},{of.currency},{money(cents)},{label}\n"
        )

    def credit(self, who: Person, of: Organisation, at: int, cents: int, label: str) -> None:
        """An entry on the account of a contact: what the house owes, or is owed."""
        self._book(who, of, min(at, self.times.now), cents, label)

    def _order(self, of: Organisation, party: Party, at: int) -> str:
        """The order's row. It also tells since when its people are known."""
        self.sold += 1
        mixed = self.sold * SHUFFLE & 0x3FFFFFFF
        number = f"{of.prefix}-{CODES[mixed >> 15]}{CODES[mixed & 0x7FFF]}"
        purchase = cultural = ""
        if party.buyer:
            party.buyer.seen(at)
            purchase = party.buyer.number
        if party.cultural:
            party.cultural.seen(at)
            cultural = party.cultural.number
        luck = self.random()
        online = ADDRESSES[int(luck * 1400)] if luck < 0.7 and purchase else ""
        remark = self.dice.pick(REMARKS) if luck > 0.985 else ""
        self.files.orders.append(
            f"{number},{of.code},{purchase},{cultural},{self.times.stamp(at)},{of.currency},"
            f"{online},{remark}\n"
        )
        return number

    def _booked(self, show: Show) -> int:
        """When the tickets were ordered: before the show, and before this morning."""
        days = LEADS[int(self.random() * len(LEADS))]
        if not days:
            at = show.starts - 20 - int(self.random() * 600)
        else:
            hour = SHOPPING[int(self.random() * len(SHOPPING))]
            at = (show.starts // DAY - days) * DAY + hour * 60 + int(self.random() * 60)
        if at < self.times.now:
            return at
        return self.times.now - 60 - int(self.random() * 75 * DAY)

    def _after(self, at: int, days: int) -> int:
        """Some days later, if that has happened yet."""
        return max(min(at + int((0.1 + self.random()) * days * DAY), self.times.now - 1), at)

    def _who(self, party: Party) -> tuple[str, ...]:
        return party.tickets if self.random() < party.named else NOBODY
