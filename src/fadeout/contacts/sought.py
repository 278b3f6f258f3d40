"""What is looked for: a text that somebody typed, and filters, as conditions of SQL.

What somebody types is an e-mail address, a phone, a number or names. It makes *streams*, one behind the
other, each in an order that an index has: of names first those whose last name begins with one of the
words, then all others. Nobody is in two of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from fadeout.contacts import folding
from fadeout.contacts.models import ContactKind
from fadeout.core import phones, sql

LONGEST_TYPED = 200
MOST_WORDS = 6
#: Behind every text that begins with another: the last character that there is.
END = "\U0010ffff"
PHONE_CHARACTERS = frozenset("0123456789+()/.- \u2010\u2011\u2012\u2013\u00a0")


@dataclass(frozen=True)
class Filters:
    """What else must hold; None does not ask.

    ``is_prospect``: never bought and never benefited. ``is_held``: a hold counts today.
    """

    kind: ContactKind | None = None
    country: str | None = None
    language: str | None = None
    is_prospect: bool | None = None
    is_held: bool | None = None

    def conditions(self) -> tuple[str, ...]:
        """Those that a contact and its holds tell."""
        asked = [f"c.{n} = %({n})s" for n in ("country", "language") if getattr(self, n)]
        asked += self.ordered()
        if self.is_held is not None:
            held = sql.load("contacts", "is_held")
            asked.append(held if self.is_held else f"NOT ({held})")
        return tuple(asked)

    def ordered(self) -> tuple[str, ...]:
        """The one that has an index of its own in the order of names."""
        return ("c.kind = %(kind)s",) if self.kind else ()

    def costly(self) -> str:
        """The one that orders tell: asked last, of few."""
        if self.is_prospect is None:
            return "TRUE"
        prospect = sql.load("contacts", "is_prospect")
        return f"({prospect})" if self.is_prospect else f"NOT ({prospect})"

    @property
    def are_many(self) -> bool:
        """Whether they are known to find more than can be sorted."""
        return False

    def fewer(self, rows: int) -> int:
        """How many rows can be looked at in the time of so many, with what is asked of each."""
        return rows if self.is_prospect is None else rows // 2

    def parameters(self, today: date) -> dict[str, Any]:
        """The values of the conditions."""
        kind = self.kind.value if self.kind else None
        return {"kind": kind, "country": self.country, "language": self.language, "today": today}


@dataclass(frozen=True)
class Order:
    """Two expressions that an index is sorted by; after them comes the id."""

    first: str
    second: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the index."""
        return tuple(filter(None, (self.first, self.second, "id")))


BY_NAME = Order(folding.LAST_NAME, folding.FIRST_NAME)
BY_NUMBER = Order(folding.NUMBER)
BY_EMAIL = Order(folding.EMAIL)


@dataclass(frozen=True)
class Stream:
    """Contacts that are found for one reason, in the order of one index.

    ``span`` are conditions on the first key of the order: all that is found lies in one piece of it.
    ``conditions`` have indexes of their own; ``apart`` tells it from the streams before it, row by row.
    """

    order: Order
    span: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_scattered(self) -> bool:
        """Whether what is found can lie anywhere in the order, few and far between."""
        return bool(self.compared) and not self.span

    @property
    def compared(self) -> tuple[str, ...]:
        """What is asked of each row of the span."""
        return (*self.conditions, *self.apart)

    def own(self) -> tuple[str, ...]:
        """What is asked of all that is found."""
        return (*self.span, *self.compared)


def streams_of(typed: str, order: Order | None = None) -> tuple[Stream, ...]:
    """What a text asks for, the likeliest first; one stream of all, so sorted, if nothing was typed."""
    text = " ".join(typed.replace("\0", " ").split())[:LONGEST_TYPED]
    if not text:
        return (Stream(order or BY_NAME),)
    folded, words = _folded(text)
    if "@" in folded:
        return (_begins(BY_EMAIL, "email", folded, ("c.email IS NOT NULL",)),)
    found: list[Stream] = []
    if any(character.isdecimal() for character in folded):
        found = [*_phones(folded), _begins(BY_NUMBER, "number", folded)]
    if not found or not _is_phone_like(folded):
        found += _names(words[:MOST_WORDS])
    return _apart(found)


def _folded(text: str) -> tuple[str, list[str]]:
    statement = f"SELECT btrim(contacts_fold(%(text)s)), {folding.words('contacts_fold(%(text)s)')}"
    [(folded, words)] = sql.rows(statement, {"text": text})
    return str(folded), list(words)


def _is_phone_like(folded: str) -> bool:
    return PHONE_CHARACTERS.issuperset(folded)


def _phones(folded: str) -> list[Stream]:
    digits = "".join(c for c in folded.replace(phones.TRUNK, "") if c.isascii() and c.isdigit())
    if not _is_phone_like(folded) or len(digits) < phones.SHORTEST:
        return []
    same = [f"({column} IS NOT NULL AND {key} = %(phone)s)" for column, key in _PHONES.items()]
    key = digits[-phones.SAME_AT_THE_END :]
    return [Stream(BY_NAME, (), (f"({' OR '.join(same)})",), parameters={"phone": key})]


_PHONES = {f"c.{column}": key for column, key in folding.PHONES.items()}


def _begins(order: Order, name: str, start: str, more: tuple[str, ...] = ()) -> Stream:
    """Those whose first key begins so."""
    span = (f"{order.first} >= %({name})s", f"{order.first} < %({name}_end)s")
    return Stream(order, (*more, *span), parameters={name: start, f"{name}_end": start + END})


def _names(words: list[str]) -> list[Stream]:
    """Each word begins one of the names; first those where it begins the last name."""
    if not words:
        return []
    query = " & ".join(f"'{word}':*" for word in words)  # words hold neither quotes nor backslashes
    match = (f"{folding.NAME_WORDS} @@ %(words)s::tsquery",)
    lasts = [_begins(BY_NAME, f"last{n}", word) for n, word in enumerate(words)]
    more = match if len(words) > 1 else ()  # the only word is found by its span
    return [
        *(
            Stream(BY_NAME, s.span, more, parameters={**s.parameters, "words": query})
            for s in lasts
        ),
        Stream(BY_NAME, (), match, parameters={"words": query}),
    ]


def _apart(found: list[Stream]) -> tuple[Stream, ...]:
    """Each without those of the streams before it."""
    apart: list[Stream] = []
    others: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    for stream in found:
        parameters |= stream.parameters
        apart.append(replace(stream, apart=others, parameters=dict(parameters)))
        others = (*others, f"({' AND '.join(stream.own())}) IS NOT TRUE")
    return tuple(apart)
