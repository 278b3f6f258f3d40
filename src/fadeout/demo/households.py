"""The people who come to the house, household by household, and how often they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fadeout.demo.audience import Audience
from fadeout.demo.dice import loaded
from fadeout.demo.files import quoted
from fadeout.demo.people import ADULT, PUPIL, RETIRED, People, Person
from fadeout.demo.repertoire import ORGANISATIONS
from fadeout.demo.sales import BoxOffice, Party
from fadeout.demo.times import DAY, YEARS_BACK

LAST_SEEN = loaded({0: 40, 1: 17, 2: 17, 3: 8, 4: 7, 5: 5, 6: 4, 7: 2})
"""Years back in which a customer came for the last time. From 3 on, 36 months have passed."""

LOYALTY = loaded({0: 38, 1: 22, 2: 16, 3: 9, 4: 6, 5: 4, 6: 3, 7: 2})
"""For how many more years they had come before."""

PROSPECT_SINCE = loaded({0: 24, 1: 17, 2: 14, 3: 12, 4: 10, 5: 9, 6: 7, 7: 7})
AWAY_SINCE = loaded({3: 2, 4: 3, 5: 3, 6: 2, 7: 2, 8: 1, 9: 1})
VISITS = loaded({1: 54, 2: 27, 3: 12, 4: 5, 6: 2})
ERRANDS = loaded(
    {"paid": 24, "free": 42, "voucher": 20, "shop": 4, "option": 3, "reservation": 3, "gift": 4}
)
ROLES = loaded(
    {
        "supplier": 5,
        "guide": 6,
        "exhibitor": 2,
        "producer": 3,
        "partner": 4,
        "contractor": 4,
        "guide|contractor": 1,
        "partner|producer": 1,
    }
)
SEATS = loaded({1: 25, 2: 52, 3: 12, 4: 11})
PAID_TARIFFS = loaded({"full": 7, "reduced": 3})
CREDITS = ("Goodwill", quoted("Double payment, to be returned"), "Gift from an aunt: two evenings")
CLASS_SIZES = (16, 29)


class Households:
    """Invents whole households and everything that hangs on them."""

    def __init__(self, people: People, box_office: BoxOffice, audience: Audience) -> None:
        self.people = people
        self.box_office = box_office
        self.audience = audience
        self.dice = audience.dice
        self.times = audience.times
        self.programme = audience.programme
        self._kinds: tuple[tuple[Callable[[], None], int], ...] = loaded(
            {
                (self.visitor, 1): 400,
                (self.prospect, 1): 200,
                (self.family, 4): 104,
                (self.subscribers, 2): 62,
                (self.silent, 1): 30,
                (self.professional, 1): 14,
                (self.company, 3): 5,
                (self.school, 4): 6,
            }
        )

    def arrive(self, room: int) -> None:
        """The next household; one that is larger than the room left sends one visitor."""
        household, size = self.dice.pick(self._kinds)
        if size > room:
            household = self.visitor
        household()

    def visitor(self) -> None:
        """Somebody who comes alone or with friends whom the house does not know."""
        one = self.people.person()
        friends = tuple(self.people.typed() for _ in range(self.dice.between(0, 2)))
        party = Party(one, tickets=(one.own_ticket, *friends))
        self._come(party, VISITS, ERRANDS, SEATS)
        self._leave_traces(one)
        self.people.write(one)

    def prospect(self) -> None:
        """Took the newsletter, or waits for a seat; never bought."""
        one = self.people.person()
        one.seen(self._moment(self.dice.pick(PROSPECT_SINCE)))
        luck = self.dice.random()
        if luck < 0.06:
            self.audience.waiting(one, min(one.first_seen + 3, self.times.now))
        elif luck < 0.22:
            one.seen(self._moment(min(self.dice.pick(PROSPECT_SINCE), 6)))
        self.audience.consents(one, self.dice.between(1, 2), 0.78)
        if luck > 0.65:
            self.audience.clicks(one, self.dice.between(1, 3))
        self._trouble(one, 0.006)
        self.people.write(one)

    def family(self) -> None:
        """A parent buys; the others were created by it, or are only typed on the tickets."""
        parent = self.people.person((26, 55))
        partner = [self.people.relative(parent, ADULT)] if self.dice.chance(0.5) else []
        children = [self.people.relative(parent, PUPIL) for _ in range(self.dice.between(1, 2))]
        typed = [self.people.typed(parent.country.code)] if self.dice.chance(0.4) else []
        linked = tuple(one.own_ticket for one in (parent, *partner, *children))
        together = Party(parent, tickets=(*linked, *typed), named=0.6)
        if self.dice.chance(0.4):
            together.cultural = (partner or children)[0]
        sizes = (3, 3, 4, 4)
        self._come(together, loaded({1: 3, 2: 4, 3: 2, 5: 1}), ERRANDS, sizes, children=True)
        self._leave_traces(parent)
        self.people.write(parent)
        for one in (*partner, *children):
            one.seen(parent.first_seen + self.dice.between(0, 200) * DAY)
            one.first_seen = min(one.first_seen, parent.last_seen)
            self.people.write(one)

    def subscribers(self) -> None:
        """Come season after season on their pass; the seats themselves cost nothing."""
        one = self.people.person(RETIRED)
        party = Party(one, tickets=(one.own_ticket,), named=0.25)
        other = None
        if self.dice.chance(0.35):
            other = self.people.relative(one, RETIRED)
            party.tickets = (one.own_ticket, other.own_ticket)
        last, first = self._years()
        for year in range(first, last - 1, -1):
            shelf = self.programme.years[year]
            if shelf.passes:
                self.box_office.visit(party, self.dice.pick(shelf.passes), ("pass",) * 2)
            for _ in range(self.dice.between(2, 6)):
                self.box_office.visit(party, self.dice.pick(shelf.priced), ("subscriber",) * 2)
        if last == 0 and self.dice.chance(0.6):
            self._renew(party)
        self._leave_traces(one)
        self.people.write(one)
        if other:
            other.seen(one.first_seen)
            self.people.write(other)

    def silent(self) -> None:
        """On file for years, and nothing ever happened: an old list, a raffle at the open day."""
        one = self.people.person()
        one.seen(self._moment(self.dice.pick(AWAY_SINCE)))
        if self.dice.chance(0.1):
            self.audience.note(one)
        self.people.write(one)

    def professional(self) -> None:
        """Has a function in the house; some of them also buy."""
        one = self.people.person()
        one.roles = self.dice.pick(ROLES)
        if self.dice.chance(0.5):
            self._come(Party(one), VISITS, ERRANDS, SEATS)
        else:
            one.seen(self._moment(self.dice.between(0, 7)))
        self._leave_traces(one)
        self.people.write(one)

    def company(self) -> None:
        """A structure that pays; its relay and sometimes a guest of the firm come."""
        firm = self.people.company()
        if self.dice.chance(0.4):
            firm.roles = self.dice.pick(ROLES)
        relays = [self.people.relay(firm) for _ in range(self.dice.between(1, 2))]
        guests = tuple(self.people.typed() for _ in range(4))
        party = Party(firm, relays[0], tickets=(relays[0].own_ticket, *guests), named=0.5)
        self._come(party, VISITS, ERRANDS, (5, 8, 12))
        for one in (firm, *relays):
            one.seen(firm.first_seen)
            self._trouble(one, 0.02)
            self.people.write(one)

    def school(self) -> None:
        """Teachers buy for classes, in their own name or in the school's."""
        school = self.people.school()
        teachers = [self.people.relay(school) for _ in range(self.dice.between(1, 3))]
        if self.dice.chance(0.12):
            teachers[0].structure = ""  # moved on, and the office has not noted where
        last, first = self._years()
        for year in range(first, last - 1, -1):
            for teacher in teachers:
                self._school_year(school, teacher, year)
        for one in (school, *teachers):
            one.seen(school.first_seen or self._moment(first))
            self._trouble(one, 0.02)
            self.people.write(one)

    def _school_year(self, school: Person, teacher: Person, year: int) -> None:
        for _ in range(self.dice.between(1, 3)):
            party = Party(school, teacher) if self.dice.chance(0.45) else Party(teacher, teacher)
            show = self.dice.pick(self.programme.years[year].priced)
            size = self.dice.between(*CLASS_SIZES)
            self.box_office.class_trip(party, show, self.people.pupil, size)

    def _years(self) -> tuple[int, int]:
        """The last and the first year back in which a customer came."""
        last = self.dice.pick(LAST_SEEN)
        return last, min(last + self.dice.pick(LOYALTY), YEARS_BACK - 1)

    def _come(
        self,
        party: Party,
        often: Sequence[int],
        errands: Sequence[str],
        sizes: Sequence[int],
        *,
        children: bool = False,
    ) -> None:
        """Year after year, so and so often."""
        last, first = self._years()
        for year in range(first, last - 1, -1):
            if year not in (first, last) and self.dice.chance(0.2):
                continue
            for _ in range(self.dice.pick(often)):
                self._errand(self.dice.pick(errands), party, year, self.dice.pick(sizes), children)
        if last == 0 and self.dice.chance(0.22):
            self._look_ahead(party, self._tariffs(self.dice.pick(sizes), children))

    def _errand(self, errand: str, party: Party, year: int, size: int, children: bool) -> None:
        shelf, box_office = self.programme.years[year], self.box_office
        if errand == "paid":
            box_office.visit(party, self.dice.pick(shelf.priced), self._tariffs(size, children))
        elif errand == "free":
            box_office.visit(party, self.dice.pick(shelf.free), ("free",) * size)
        elif errand == "voucher":
            tariff = "voucher" if self.dice.chance(0.7) else "invitation"
            box_office.visit(party, self.dice.pick(shelf.priced), (tariff,) * size)
        elif errand in ("option", "reservation"):
            show = self.dice.pick(shelf.priced)
            box_office.hold(party, show, errand, self._tariffs(size, children))
        else:
            article = self.dice.pick(self.programme.articles)
            box_office.buy(party, article, self._moment(year), 1 if errand == "gift" else size)

    def _renew(self, party: Party) -> None:
        """The pass for the season to come, and a first evening."""
        if self.programme.ahead.passes:
            self.box_office.visit(party, self.dice.pick(self.programme.ahead.passes), ("pass",) * 2)
        self._look_ahead(party, ("subscriber",) * 2)

    def _look_ahead(self, party: Party, tariffs: Sequence[str]) -> None:
        """Seats for what is still to come, the near evenings first."""
        coming = self.programme.ahead.priced
        show = coming[int(self.dice.random() * self.dice.random() * len(coming))]
        luck = self.dice.random()
        if luck < 0.72:
            self.box_office.visit(party, show, tariffs)
        elif luck < 0.86:
            self.box_office.hold(party, show, "option", tariffs)
        elif luck < 0.96:
            self.box_office.hold(party, show, "reservation", tariffs)
        else:
            article = self.dice.pick(self.programme.articles)
            self.box_office.reserve_article(party, article, self._moment(0))

    def _tariffs(self, size: int, children: bool) -> tuple[str, ...]:
        if children:
            return ("full",) + ("child",) * (size - 1)
        return (self.dice.pick(PAID_TARIFFS),) * size

    def _moment(self, year: int) -> int:
        """A moment of a year back."""
        begins, ends = self.times.years_ago[year + 1], self.times.years_ago[year]
        return min(begins + int(self.dice.random() * (ends - begins)), self.times.now - DAY)

    def _leave_traces(self, one: Person) -> None:
        """What a customer leaves behind besides orders."""
        luck = self.dice.random()
        if luck < 0.56:
            agreed = self.audience.consents(one, self.dice.between(1, 2), 0.55)
            if agreed and luck < 0.2:
                self.audience.clicks(one, self.dice.between(1, 3))
        if luck > 0.75:
            self.audience.interests(one, self.dice.between(1, 3))
        elif luck > 0.70:
            self.audience.note(one)
        elif luck > 0.67:
            self.audience.waiting(one, one.last_seen)
        self._trouble(one, 0.02)

    def _trouble(self, one: Person, share: float) -> None:
        """Holds, requests, old credit and old debts."""
        luck = self.dice.random() / share
        if luck < 0.55:
            self.audience.guard(one)
        elif luck < 1:
            cents = self.dice.pick((1000, 2500, 4200, -450, -1200))
            label = self.dice.pick(CREDITS) if cents > 0 else "Fee for a reminder"
            organisation = self.dice.pick(ORGANISATIONS)
            self.box_office.credit(one, organisation, one.last_seen, cents, label)
