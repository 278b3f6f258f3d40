"""Finds contacts on file, a page at a time, forward and back, in an order that stays.

What could go wrong, and what prevents it:

- Somebody anonymised is found: every statement asks for those on file alone, and the indexes hold no others.
- A list reads a million rows: a page goes through an index in its order, ``STEPS`` rows. If that does
  not fill it, what is found at all is taken together and sorted, unless it is more than ``FEW``. Then
  ``WALK`` rows are looked at, and a page that is not full says so, and where to go on.
- Somebody is erased between two pages: a page begins behind or before a contact, known by public id. If that
  one is gone, the list begins anew, and says so.
- Names in addresses and logs: a page is named by public ids alone; what was typed never is in an error.

Statements are put together from the expressions of ``folding`` and ``sought``; values are parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import transaction

from fadeout.contacts import folding
from fadeout.contacts.sought import Filters, Order, Stream, streams_of
from fadeout.core import sql

STEPS = 500
WALK = 2_800
FEW = 3_500
#: Where no words are compared, more are as fast.
FEW_BY_FILTERS = 8_000
PAGE = 50
#: The way is chosen here, whatever the planner thinks of how many there are.
_PLAIN = "SET LOCAL jit = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
_IN_ORDER = (
    "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off"
)
_TOGETHER = (
    "SET LOCAL enable_bitmapscan = on; SET LOCAL enable_sort = on; SET LOCAL enable_seqscan = off"
)
_AS_BEFORE = "; ".join(
    f"SET LOCAL {name} TO DEFAULT"
    for name in (
        "jit", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan", "enable_sort", "enable_seqscan",
    )
)  # fmt: skip


@dataclass(frozen=True)
class FoundContact:
    """A line of the list. ``structure`` is the name of the structure that a relay acts for."""

    public_id: UUID
    contact_id: int
    contact_number: str
    kind: str
    last_name: str | None
    first_name: str | None
    structure: str | None
    email: str | None
    phone: str | None
    postcode: str | None
    town: str | None
    country: str | None
    language: str | None
    is_held: bool


@dataclass(frozen=True)
class Place:
    """Where a page begins: behind a contact of a stream, before one, or at the end of the list.

    At the beginning otherwise. It is made of public ids and figures alone, and may stand in an address.
    """

    after: UUID | None = None
    before: UUID | None = None
    stream: int = 0
    at_end: bool = False

    @property
    def backward(self) -> bool:
        """Whether the page is filled from its last line."""
        return self.at_end or self.before is not None

    @property
    def contact(self) -> UUID | None:
        """The contact that the page begins at."""
        return self.after or self.before


Line = TypeVar("Line")


@dataclass(frozen=True)
class Page(Generic[Line]):
    """Lines of a list, and where its neighbours begin.

    ``is_cut_short``: only a part was looked at; the neighbour goes on from there.
    ``began_anew``: the contact that the page was to begin at is gone.
    """

    rows: tuple[Line, ...]
    following: Place | None
    preceding: Place | None
    is_cut_short: bool = False
    began_anew: bool = False


@dataclass
class _Gathered:
    """What a page is filled with, as it was met: streams and contacts, one more than it shows."""

    wanted: int
    met: list[tuple[int, int]]
    #: How far was looked, where that was not to the end: stream and contact.
    looked_until: tuple[int, Any] | None = None
    #: What indexes told of the words that several streams ask for; None where they told too much.
    known: dict[tuple[str, ...], list[int] | None] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        return self.wanted - len(self.met)


def search(  # noqa: PLR0913 - what a list is asked by
    typed: str = "",
    filters: Filters | None = None,
    *,
    today: date,
    place: Place | None = None,
    limit: int = PAGE,
    order: Order | None = None,
) -> Page[FoundContact]:
    """Contacts on file that a text and filters ask for.

    Args:
        typed: number, names, e-mail or phone, or the beginning of them; accents and case do not matter.
        filters: what else must hold.
        today: the institution's day; holds count through their last one.
        place: where the page begins.
        limit: lines of a page.
        order: how all are sorted if nothing was typed; by name if left out.
    """
    at = place or Place()
    with transaction.atomic(), _planned():
        streams = streams_of(typed, order)
        keys = _keys(streams, at)
        began_anew = keys is None and at.contact is not None
        if began_anew:
            at = Place()
        gathered = _Gathered(limit + 1, [])
        for number in _order(len(streams), at):
            is_begun = at.contact is not None and number == at.stream
            asked = _Asked(
                number, streams[number], filters or Filters(), today, at.backward,
                keys if is_begun else None,
            )  # fmt: skip
            asked.fill(gathered)
            if gathered.missing == 0 or gathered.looked_until:
                break
        return replace(_page(gathered, at, limit, today), began_anew=began_anew)


def lines(contact_ids: Sequence[int], *, today: date) -> list[FoundContact]:
    """These contacts as lines of a list, in this order; those who are not on file are left out."""
    parameters = {"ids": list(contact_ids), "today": today}
    return [FoundContact(*row) for row in sql.rows(sql.load("contacts", "list_found"), parameters)]


def countries() -> tuple[str, ...]:
    """The codes of the countries that contacts on file have."""
    return tuple(code for (code,) in sql.rows(sql.load("contacts", "list_countries")))


def languages() -> tuple[str, ...]:
    """The languages that contacts on file have."""
    return tuple(tag for (tag,) in sql.rows(sql.load("contacts", "list_languages")))


def _order(streams: int, at: Place) -> range:
    """The streams from the one that the page begins in."""
    if at.backward:
        return range(streams - 1 if at.at_end else at.stream, -1, -1)
    return range(at.stream, streams)


def _keys(streams: Sequence[Stream], at: Place) -> tuple[Any, ...] | None:
    """What the contact that a page begins at is sorted by; nothing if it is gone, or cannot be there."""
    if at.contact is None or not 0 <= at.stream < len(streams):
        return None
    found = sql.rows(
        f"SELECT {', '.join(streams[at.stream].order.keys)} FROM contacts_contact"  # noqa: S608
        f" WHERE public_id = %(contact)s AND {folding.ON_FILE}",
        {"contact": at.contact},
    )
    return found[0] if found and found[0][0] is not None else None


def _page(gathered: _Gathered, at: Place, limit: int, today: date) -> Page[FoundContact]:
    shown = gathered.met[:limit]
    further = _further(gathered, limit)
    rows = lines([contact for _, contact in shown], today=today)
    streams = {contact: stream for stream, contact in shown}
    ends = [(streams[row.contact_id], row.public_id) for row in rows]
    ahead = gathered.looked_until or (ends[-1] if further and ends else None)
    behind = (ends[0] if ends else gathered.looked_until) if at.contact or at.at_end else None
    cut = gathered.looked_until is not None
    if at.backward:
        # Behind the end of the list there is nothing.
        following = Place(after=behind[1], stream=behind[0]) if behind and not at.at_end else None
        preceding = Place(before=ahead[1], stream=ahead[0]) if ahead else None
        return Page(tuple(reversed(rows)), following, preceding, is_cut_short=cut)
    following = Place(after=ahead[1], stream=ahead[0]) if ahead else None
    preceding = Place(before=behind[1], stream=behind[0]) if behind else None
    return Page(tuple(rows), following, preceding, is_cut_short=cut)


def _further(gathered: _Gathered, limit: int) -> bool:
    return len(gathered.met) > limit


@dataclass(frozen=True)
class _Asked:
    """One stream, from a place on, in one direction."""

    number: int
    stream: Stream
    filters: Filters
    today: date
    backward: bool
    keys: tuple[Any, ...] | None

    def fill(self, gathered: _Gathered) -> None:
        """Add what is found; if only a part could be looked at, say how far.

        What is common is met at the first steps in the order of an index; what is rare is few enough to
        be taken together; what is neither is met on a longer walk.
        """
        is_known = gathered.known.get(self.stream.conditions) is not None
        if not self.stream.is_scattered and not is_known and self._walk(gathered, STEPS):
            return
        is_known_to_be_many = self.filters.are_many and not self.stream.own()
        if is_known_to_be_many or not self._together(gathered):
            self._walk(gathered, self.filters.fewer(WALK), to_the_end=True)

    def _walk(self, gathered: _Gathered, steps: int, *, to_the_end: bool = False) -> bool:
        """Look at so many rows at most, in the order of the index; False if that is not enough.

        Args:
            gathered: what is met is added.
            steps: how many rows to look at.
            to_the_end: keep what was met also if it is not enough, and how far was looked.
        """
        sql.execute(_IN_ORDER)
        asked = (*self.stream.compared, *self.filters.conditions(), self.filters.costly())
        found = sql.rows(
            "WITH looked AS MATERIALIZED (SELECT c.*, row_number() OVER () AS place FROM ("  # noqa: S608
            "SELECT c.* FROM contacts_contact AS c"
            f" WHERE {self._where((*self.stream.span, *self.filters.ordered()))}"
            f" ORDER BY {self._sorted(self.stream.order.keys)} LIMIT {steps}) AS c)"
            " SELECT * FROM ("
            f"(SELECT c.id, c.public_id, c.place, TRUE FROM looked AS c WHERE {' AND '.join(asked)}"
            f" ORDER BY c.place LIMIT {gathered.missing})"
            f" UNION ALL SELECT id, public_id, place + 1, FALSE FROM looked WHERE place = {steps}"
            ") AS f ORDER BY 3",
            self._parameters,
        )
        met = [(self.number, contact) for contact, _, _, is_met in found if is_met]
        last = next((contact for _, contact, _, is_met in found if not is_met), None)
        is_enough = last is None or len(met) == gathered.missing
        if is_enough or to_the_end:
            gathered.met = [*gathered.met, *met]
        if not is_enough and to_the_end:
            gathered.looked_until = (self.number, last)
        return is_enough

    def _together(self, gathered: _Gathered) -> bool:
        """All that are found, sorted; False if they are too many for that."""
        sql.execute(_TOGETHER)
        indexed, rest = self.stream.conditions, (*self.stream.span, *self.stream.apart)
        if not indexed:
            indexed, rest = self.stream.span, self.stream.apart
        found = self._few(indexed, gathered)
        if found is None:
            return False
        sorted_ = sql.rows(
            "WITH met AS MATERIALIZED"  # noqa: S608
            " (SELECT c.* FROM contacts_contact AS c WHERE c.id = ANY(%(found)s))"
            f" SELECT c.id FROM met AS c WHERE {self._where(rest)} AND {self.filters.costly()}"
            f" ORDER BY {self._sorted(self.stream.order.keys)} LIMIT {gathered.missing}",
            {**self._parameters, "found": found},
        )
        gathered.met = [*gathered.met, *((self.number, contact) for (contact,) in sorted_)]
        return True

    def _few(self, indexed: tuple[str, ...], gathered: _Gathered) -> list[int] | None:
        """All that an index tells; None if they are too many. Streams that ask for the same share them."""
        if indexed not in gathered.known:
            few = self.filters.fewer(FEW if self.stream.compared else FEW_BY_FILTERS)
            asked = (*indexed, *self.filters.conditions())
            # Words are not asked together with a place: comparing names costs more than it leaves out.
            where = (
                " AND ".join((folding.ON_FILE, *asked))
                if self.stream.conditions
                else self._where(asked)
            )
            found = sql.rows(
                f"SELECT c.id FROM contacts_contact AS c WHERE {where} LIMIT {few + 1}",  # noqa: S608
                self._parameters,
            )
            gathered.known[indexed] = [one for (one,) in found] if len(found) <= few else None
        return gathered.known[indexed]

    def _sorted(self, keys: Sequence[str]) -> str:
        return ", ".join(f"{key} DESC" if self.backward else key for key in keys)

    def _where(self, conditions: Sequence[str]) -> str:
        keys = self.stream.order.keys
        begun: tuple[str, ...] = ()
        if self.keys is not None:
            values = ", ".join(f"%(key{n})s" for n in range(len(keys)))
            begun = (f"({', '.join(keys)}) {'<' if self.backward else '>'} ({values})",)
        return " AND ".join((folding.ON_FILE, *conditions, *begun))

    @property
    def _parameters(self) -> dict[str, Any]:
        keys = {f"key{n}": key for n, key in enumerate(self.keys or ())}
        return {**self.stream.parameters, **self.filters.parameters(self.today), **keys}


@contextmanager
def _planned() -> Iterator[None]:
    """With the settings of a search; those of the session come back, also if nothing is committed."""
    sql.execute(_PLAIN)
    with sql.ended_by(lambda: sql.execute(_AS_BEFORE)):
        yield
