"""Small houses for Hypothesis, aimed at the edges of the rules.

A case is drawn in one order: time zone, as of and period; from these the *days* that matter (around
the cutoff and the as-of day, around clock changes, month ends); then contacts, orders and the rest,
all of whose instants lie on those days, close to local midnight.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.model.house import (
    AccountEntry,
    Answer,
    Authorisation,
    Click,
    Contact,
    Criterion,
    Hold,
    House,
    Note,
    Order,
    OrderLine,
    Organisation,
    Payment,
    Product,
    WaitingListEntry,
    key,
)
from tests.model.rules import cutoff, falls_due_on

Draw = Callable[[st.SearchStrategy[Any]], Any]
#: A number below the given one.
Choose = Callable[[int], int]

#: Years in which time zone databases agree.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2027, 12, 30)

#: Days on which the clocks of a zone do something; several of them at midnight itself.
CLOCK_CHANGES = {
    "UTC": (date(2016, 12, 31),),
    "Europe/Zurich": (date(2024, 3, 31), date(2024, 10, 27), date(2021, 3, 28)),
    "America/St_Johns": (date(2010, 11, 7), date(2011, 3, 13), date(2006, 10, 29)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 18), date(2017, 10, 15)),
    "America/Havana": (date(2022, 3, 13), date(2022, 11, 6)),
    "Asia/Beirut": (date(2021, 3, 28), date(2021, 10, 31)),
    "Asia/Kathmandu": (date(2020, 2, 29),),
    "Australia/Lord_Howe": (date(2019, 10, 6), date(2020, 4, 5)),
    "Pacific/Apia": (date(2011, 12, 30), date(2011, 12, 31), date(2020, 4, 5)),
    "Pacific/Kiritimati": (date(1995, 1, 2), date(2022, 1, 1)),
    "Pacific/Chatham": (date(2022, 4, 3), date(2022, 9, 25)),
    "Pacific/Pago_Pago": (date(2023, 3, 31),),
}
MONTH_ENDS = (
    date(2024, 2, 29),
    date(2023, 2, 28),
    date(2024, 3, 31),
    date(2023, 3, 31),
    date(2024, 1, 31),
    date(2025, 5, 31),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2025, 3, 1),
    date(2026, 7, 30),
    date(2022, 6, 15),
)
MONTHS = (36, 1, 12, 24, 13, 48, 2, 3, 35, 120)

#: Told apart byte by byte, but not by a spreadsheet, a COPY or a UTF-16 order that tidies up.
CONTACT_NUMBERS = (
    "A",
    "a",
    "B",
    "Z",
    "z",
    "10",
    "9",
    "007",
    "7",
    "Ä",
    "ä",
    "é",
    "e\u0301",
    "ß",
    "ss",
    "\uff21",
    "\U0001d400",
    "A ",
    " A",
    "A-1",
    "A1",
    "A_1",
    "A,1",
    'A"1',
    "A\n1",
    "NULL",
    "NA",
    "nan",
    "\\N",
    "\\.",
    "true",
    "1e3",
    "İ",
    "ı",
)
TEXTS = (
    None,
    "Ann",
    "Zoë d'Été",
    "a, b",
    'said "hello"',
    "two\nlines",
    "two\r\nlines",
    " spaces ",
    "\\.",
    "NULL",
    "\U0001f3ad | mask",
    "=1+1",
)
SIZES = tuple(map(range, (1, 2, 3, 4, 5, 6)))
DAY = timedelta(days=1)
ORGANISATIONS = (Organisation(code="opera"), Organisation(code="shop", name="Museum, shop"))
PRODUCTS = tuple(
    Product(code=f"{organisation.code}/{name}", organisation=organisation.code, dated=dated)
    for organisation in ORGANISATIONS
    for name, dated in (("performance", True), ("voucher", False))
)
CURRENCIES = ("CHF", "EUR", "JPY")
ORIGINS = ("contact", "operator", "import", "system")
KINDS = ("sale", "option", "reservation")
STATES = ("standing", "lapsed", "cancelled", "returned")
PRICES = tuple(map(Decimal, ("0", "10", "10.00", "0.01", "20", "-10", "12.50", "999999999999.99")))
#: What is written, not what is meant: the same instant at another offset.
OFFSETS = tuple(timezone(timedelta(minutes=n)) for n in (0, 60, -210, 345, 840, -660, 7))
#: From local midnight of a day.
SHIFTS = (
    timedelta(0),
    timedelta(microseconds=-1),
    timedelta(hours=12),
    timedelta(microseconds=1),
    timedelta(minutes=-1),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(hours=22, minutes=59, seconds=59),
    timedelta(hours=23, minutes=1),
)


@dataclass(frozen=True)
class Case:
    """A house and the parameters of a simulation of it."""

    house: House
    as_of: date
    months: int
    time_zone: str

    @property
    def parameters(self) -> dict[str, Any]:
        return {"as_of": self.as_of, "months": self.months, "time_zone": self.time_zone}


@st.composite
def cases(draw: Draw) -> Case:
    """A house with one to six contacts, and a day and a period that cut right through it."""
    return _case(lambda size: int(draw(_index(size))))


def seeded_case(seed: int) -> Case:
    """The case of a number: it does not shrink, but a row of numbers spreads more evenly over what
    may meet in one house than Hypothesis does, which likes to repeat itself."""
    return _case(random.Random(seed).randrange)  # noqa: S311 - no secret


@lru_cache
def _index(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


def _case(choose: Choose) -> Case:
    def pick(options: Any) -> Any:
        return options[choose(len(options))]

    time_zone = pick(sorted(CLOCK_CHANGES))
    months = pick(MONTHS)
    anchor = pick((*MONTH_ENDS, *CLOCK_CHANGES[time_zone]))
    as_of = falls_due_on(anchor - DAY, months)  # so that the anchor is the cutoff
    if as_of > LAST_DAY or pick((False, True)):
        as_of = anchor
    builder = _Builder(choose, as_of=as_of, limit=cutoff(as_of, months), time_zone=time_zone)
    return Case(builder.house(), as_of, months, time_zone)


class _Builder:
    """Draws row after row. ``pick`` shrinks to the first option, so the plainest comes first."""

    def __init__(self, choose: Choose, *, as_of: date, limit: date, time_zone: str) -> None:
        self._choose = choose
        self._zone = ZoneInfo(time_zone)
        old = [limit - DAY * n for n in (1, 2, 31, 400)]
        edges = [limit, limit + DAY]
        now = [as_of - DAY, as_of, as_of + DAY, as_of + DAY * 300]
        clocks = list(CLOCK_CHANGES[time_zone])
        pools = (old, old * 3 + edges, old + edges + now, old * 2 + edges + now + clocks)
        self._days = list(map(_within_years, self.pick(pools)))
        ends = [old[0], *edges, *now, old[3]]
        self._ends = list(map(_within_years, self.pick((ends, old, now))))
        self._currency = self.pick(CURRENCIES)
        self._hold_ends = (None, as_of - DAY, as_of, as_of + DAY, limit)
        self._numbers: list[str] = []

    def house(self) -> House:
        left = list(CONTACT_NUMBERS)
        self._numbers = [left.pop(self._choose(len(left))) for _ in self.pick(SIZES)]
        contacts = tuple(self._contact(number) for number in self._numbers)
        orders = tuple(self._order(f"O{n}") for n in range(self.pick((1, 2, 3, 4, 6, 8, 0))))
        lines = tuple(
            self._line(order, n + 1) for order in orders for n in range(self.pick((1, 2, 3, 0)))
        )
        return House(
            currency=self._currency,
            organisations=ORGANISATIONS,
            products=PRODUCTS,
            contacts=contacts,
            orders=orders,
            order_lines=lines,
            answers=tuple(self._answer(line) for line in lines if self.rarely()),
            payments=tuple(self._payments(orders, lines)),
            account_entries=tuple(self._account_entries(orders, lines)),
            waiting_list=tuple(self._waiting(f"W{n}") for n in range(self.pick((0, 1, 0, 2, 3)))),
            clicks=tuple(self._click(f"K{n}") for n in range(self.pick((0, 1, 0, 2, 3)))),
            criteria=_once(self._criterion() for _ in range(self.pick((0, 1, 0, 2, 3)))),
            authorisations=_once(
                row for _ in range(self.pick((0, 1, 0, 2, 3))) for row in self._authorisations()
            ),
            holds=_once(self._hold() for _ in range(self.pick((0, 0, 0, 1, 2)))),
            notes=tuple(self._note(f"N{n}") for n in range(self.pick((0, 0, 1)))),
        )

    # -- Draws -----------------------------------------------------------------------------------

    def pick(self, options: Any) -> Any:
        return options[self._choose(len(options))]

    def rarely(self) -> bool:
        return bool(self.pick((False, False, False, False, True)))

    def count(self, at_most: int) -> int:
        return self._choose(at_most + 1)

    def instant(self, days: Sequence[date] | None = None) -> datetime:
        """Close to the local midnight that a day of the pool begins with, at any offset."""
        on = self.pick(days or self._days)
        midnight = datetime(on.year, on.month, on.day, tzinfo=self._zone, fold=self.count(1))
        shifted = midnight.astimezone(UTC) + self.pick(SHIFTS)
        return shifted.astimezone(self.pick(OFFSETS))  # type: ignore[no-any-return]

    def maybe_instant(self, days: Sequence[date] | None = None) -> datetime | None:
        return self.instant(days) if self.pick((True, False, True)) else None

    def maybe_day(self) -> date | None:
        return self.pick((None, *self._days))  # type: ignore[no-any-return]

    def contact(self) -> str:
        return self.pick(self._numbers)  # type: ignore[no-any-return]

    def maybe_contact(self) -> str | None:
        return self.pick((None, *self._numbers))  # type: ignore[no-any-return]

    def text(self) -> str | None:
        return self.pick(TEXTS)  # type: ignore[no-any-return]

    # -- Rows ------------------------------------------------------------------------------------

    def _contact(self, number: str) -> Contact:
        kind = self.pick(("individual",) * 5 + ("relay", "relay", "structure"))
        others: list[str | None] = [other for other in self._numbers if other != number]
        bare = Contact(
            contact_number=number,
            kind=kind,
            structure=self.pick([None, *others]) if kind == "relay" else None,
            roles=self.pick(((),) * 10 + (("guide",), ("supplier", "guide"))),
            created_at=self.instant(),
            created_by=self.pick([None, *others]) if self.rarely() else None,
        )
        if not self.rarely():
            return bare
        return replace(
            bare,
            title=self.text(),
            first_name=self.text(),
            last_name=self.text(),
            birth_date=self.maybe_day(),
            language=self.pick((None, "fr", "de-CH", "pt-BR")),
            email=self.pick((None, "ann@example.org", "zoë@example.org")),
            street=self.text(),
            postcode=self.pick((None, "1200", "01200")),
            town=self.text(),
            country=self.pick((None, "CH", "FR")),
            email_validated_at=self.maybe_instant(),
            remark=self.text(),
        )

    def _order(self, number: str) -> Order:
        return Order(
            order_number=number,
            organisation=self.pick(ORGANISATIONS).code,
            purchase_contact=self.maybe_contact(),
            cultural_contact=self.maybe_contact(),
            ordered_at=self.instant(),
            currency=self.pick((self._currency, *CURRENCIES)),
            ip_address=self.pick((None, "192.0.2.1", "2001:db8::1")),
            remark=self.text(),
        )

    def _line(self, order: Order, number: int) -> OrderLine:
        kind = self.pick((*KINDS, "sale"))
        bare = OrderLine(
            order_number=order.order_number,
            line=number,
            product=self.pick(PRODUCTS).code,
            kind=kind,
            state=self.pick((*STATES, "standing", "standing", "standing")),
            confirmed_at=self.maybe_instant() if kind == "option" or self.rarely() else None,
            price=self.pick(PRICES),
            valid_until=self.maybe_instant(self._ends),
            beneficiary_contact=self.maybe_contact(),
        )
        if not self.rarely():
            return bare
        return replace(
            bare,
            valid_from=self.maybe_instant(),
            beneficiary_first_name=self.text(),
            beneficiary_last_name=self.text(),
            beneficiary_email=self.text(),
            beneficiary_birth_date=self.maybe_day(),
            beneficiary_country=self.pick((None, "CH", "Suisse")),
        )

    def _answer(self, line: OrderLine) -> Answer:
        return Answer(
            order_number=line.order_number,
            line=line.line,
            question=self.pick(("Diet?", "Class, school")),
            type=self.pick(("text", "address", "email", "choice")),
            answer=self.text(),
        )

    def _payments(self, orders: Sequence[Order], lines: Sequence[OrderLine]) -> Iterator[Payment]:
        """Mostly to the cent, or else nearly every contact would be a debtor or a creditor."""
        for order in orders:
            due = _due(order, lines)
            ways: tuple[list[Decimal], ...] = (
                due,
                due,
                due,
                [],
                [*due, Decimal(10), Decimal(-10)],
                [*due, Decimal("0.01")],
            )
            for n, amount in enumerate(self.pick(ways)):
                yield Payment(
                    payment_number=f"{order.order_number}-{n}",
                    order_number=order.order_number,
                    paid_at=self.instant(),
                    amount=amount,
                )

    def _account_entries(
        self, orders: Sequence[Order], lines: Sequence[OrderLine]
    ) -> Iterator[AccountEntry]:
        """Some make up for an order, or nearly: with another organisation, in another currency."""
        amounts = [
            (order.purchase_contact, order.organisation, order.currency, amount)
            for order in orders
            if order.purchase_contact is not None
            for amount in _due(order, lines)
        ]
        amounts.append((self.contact(), "opera", self._currency, Decimal(10)))
        for n in range(self.pick((0, 1, 0, 2))):
            contact, organisation, currency, amount = self.pick(amounts)
            unsaid = currency == self._currency and self.count(1)
            yield AccountEntry(
                entry_number=f"E{n}",
                contact_number=contact,
                organisation=self.pick((organisation, organisation, "opera", "shop")),
                booked_at=self.instant(),
                currency=None if unsaid else self.pick((currency, currency, None, *CURRENCIES)),
                amount=amount * self.pick((1, 1, -1)),
                label=self.text(),
            )

    def _waiting(self, number: str) -> WaitingListEntry:
        return WaitingListEntry(
            entry_number=number,
            contact_number=self.contact(),
            organisation=self.pick(ORGANISATIONS).code,
            product=self.pick((None, PRODUCTS[0].code)),
            added_at=self.instant(),
        )

    def _click(self, number: str) -> Click:
        return Click(
            click_number=number,
            contact_number=self.contact(),
            clicked_at=self.instant(),
            automated=self.pick((False, True)),
        )

    def _criterion(self) -> Criterion:
        return Criterion(
            contact_number=self.contact(),
            criterion=self.pick(("likes", "Likes", "segment")),
            changed_at=self.instant(),
            value=self.text(),
            origin=self.pick(ORIGINS),
        )

    def _authorisations(self) -> Iterator[Authorisation]:
        """A history of one contact, several rows of which share an instant."""
        contact = self.contact()
        instants = [self.instant(), self.instant()]
        for _ in range(self.pick((1, 2, 3, 4))):
            yield Authorisation(
                contact_number=contact,
                purpose=self.pick(("institution", "partners")),
                channel=self.pick(("email", "sms")),
                changed_at=self.pick(instants),
                value=self.pick(("yes", "no", "unanswered")),
                origin=self.pick(ORIGINS),
                wording=self.text(),
            )

    def _hold(self) -> Hold:
        return Hold(
            contact_number=self.contact(),
            reason=self.pick(("request", "restriction", "court", "Request")),
            until=self.pick(self._hold_ends),
            owner=self.pick((None, "DPO")),
            created_at=self.maybe_instant(),
        )

    def _note(self, number: str) -> Note:
        return Note(
            note_number=number,
            contact_number=self.contact(),
            written_at=self.instant(),
            text=self.text() or "called",
        )


def _within_years(on: date) -> date:
    return min(max(on, FIRST_DAY), LAST_DAY)


def _due(order: Order, lines: Sequence[OrderLine]) -> list[Decimal]:
    """The prices of the standing sale lines of an order."""
    return [
        line.price
        for line in lines
        if line.order_number == order.order_number
        and (line.kind, line.state) == ("sale", "standing")
    ]


def _once(rows: Iterable[Any]) -> tuple[Any, ...]:
    """The rows without those whose key was there already: "The same key twice … is an error"."""
    kept: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        kept.setdefault(key(row), row)
    return tuple(kept.values())
