"""What tells who somebody is, in the form in which it is searched for.

What could go wrong: a word of ordinary language, a year or an amount is taken for somebody's login or
number, and taken out of texts that are none of theirs. So only what cannot well mean something else
is *exact*; the rest is only listed, for a person to judge. Names always are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import IntEnum
from itertools import pairwise

from fadeout.core import phones
from fadeout.core.catalogue.declaration import Identifier
from fadeout.residue.folding import fold_all

SHORTEST = 3
SHORTEST_EXACT = 6
SHORTEST_PHONE = 5
SHORTEST_EXACT_NUMBER = phones.SHORTEST
LONGEST_PHONE = 15  # ITU-T E.164
SAME_AT_THE_END = phones.SAME_AT_THE_END
LONGEST_WRITTEN = len("00") + LONGEST_PHONE + len("0")  # with "(0)"

#: Five digits or more as people write them, with what they write between them. It begins with a digit,
#: not with a sign: so Python finds the next place by a table.
PHONE = re.compile(r"\d(?:[\s/().\u2010-\u2015-]{0,3}\d){4,}")
TRUNK = phones.TRUNK
#: Three digits or more: in "041 234 56 00", 00 is the end of one.
AREA = re.compile(r"0\d\d")
DIGITS = re.compile(r"\(0\)|\d+")
#: An address within a column: "Dora <dora@…>", "mailto:dora@…", "dora@…/eric@…".
ADDRESS = re.compile(r"[^\s@;,:<>()\[\]\"]+@[^\s@;,:<>()\[\]\"/?]+")
AROUND_ADDRESSES = "./'"
#: "music-lover", "sold_out", "www.theatre.example".
LIKE_WORDS = re.compile(r"[^\W\d_]+(?:['’._\- ]+[^\W\d_]+)*")
#: "covid-19", "season_2027": no login of one person alone.
LIKE_A_WORD_AND_A_YEAR = re.compile(r"[^\W\d_]+(?:['’._\- ]+[^\W\d_]+)*[._\-]\d{1,4}")
#: "2.11.15", "2015-11-02".
LIKE_A_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|\d{4}[./-]\d{1,2}[./-]\d{1,2}")
#: "1'234'567", "12345.00".
LIKE_AN_AMOUNT = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,2})?|\d+[.,]\d{1,2}")
NO_DIGITS = re.compile(r"\D")
HAS_LETTERS = re.compile(r"[^\W\d_]")


class Kind(IntEnum):
    """What an identifier is."""

    EMAIL = 0
    PHONE = 1
    LOGIN = 2
    NUMBER = 3
    NAME = 4

    @property
    def word(self) -> str:
        """Its name for people and for the list of findings."""
        return self.name.lower()


KINDS = {
    Identifier.EMAIL: Kind.EMAIL,
    Identifier.PHONE: Kind.PHONE,
    Identifier.LOGIN: Kind.LOGIN,
    Identifier.NUMBER: Kind.NUMBER,
}


def of_contact(
    values: Mapping[str, Identifier], row: Mapping[str, str | None]
) -> set[tuple[Kind, str]]:
    """All identifiers of a contact, folded.

    Args:
        values: column -> what it identifies by.
        row: column -> value.
    """
    found: set[tuple[Kind, str]] = set()
    names: dict[Identifier, str] = {}
    texts = fold_all([row[column] or "" for column in values])
    for text, identifier in zip(texts, values.values(), strict=True):
        if not text:
            continue
        kind = KINDS.get(identifier)
        if kind is None:
            names[identifier] = text
        else:
            for key in keys_in(kind, text):
                found.add((kind, key))
    if len(names) == 2:
        first, last = names[Identifier.FIRST_NAME], names[Identifier.LAST_NAME]
        forms = (f"{first} {last}", f"{last} {first}", f"{last}, {first}")
        found.update((Kind.NAME, form) for form in forms)
    return found


def is_exact(kind: Kind, key: str) -> bool:
    """Whether an identifier cannot well mean anything else, so that it is taken out wherever it stands."""
    if kind is Kind.NAME:
        return False
    if not HAS_LETTERS.search(key):
        return _are_exact_figures(key)
    if kind is Kind.LOGIN and LIKE_A_WORD_AND_A_YEAR.fullmatch(key):
        return False
    return len(key) >= SHORTEST_EXACT and " " not in key and not LIKE_WORDS.fullmatch(key)


def _are_exact_figures(key: str) -> bool:
    """Whether what has no letters is too long for a figure, and is no day and no amount."""
    digits = NO_DIGITS.sub("", key)
    if len(digits) < SHORTEST_EXACT_NUMBER or " " in key or _is_a_day(digits):
        return False
    return not (LIKE_A_DATE.fullmatch(key) or LIKE_AN_AMOUNT.fullmatch(key))


def digits_of(groups: Sequence[str]) -> str:
    """The digits of a phone number, from groups of them, without ``00`` in front and without "(0)"."""
    kept = [group for group in groups[1:] if group != TRUNK]
    return "".join((groups[0].strip("()"), *kept)).removeprefix("00")


def keys_in(kind: Kind, text: str) -> list[str]:
    """What one looks for, of the folded value of a column."""
    if kind is Kind.PHONE:
        return [number for row in PHONE.finditer(text) for number in _numbers_in(text, row)]
    addresses = ADDRESS.findall(text) if kind is Kind.EMAIL and "@" in text else []
    parts = [address.strip(AROUND_ADDRESSES) for address in addresses] if addresses else [text]
    return [part for part in parts if len(part) >= SHORTEST]


def _numbers_in(text: str, row: re.Match[str]) -> list[str]:
    """The numbers in a row of digits; one, unless several stand there."""
    written = row[0]
    digits = NO_DIGITS.sub("", written).removeprefix("00")
    if len(digits) > LONGEST_PHONE or "/" in written or TRUNK in written:
        numbers = map(digits_of, _groups_of_numbers(text, row))
        return [number for number in numbers if SHORTEST_PHONE <= len(number) <= LONGEST_PHONE]
    return [digits] if len(digits) >= SHORTEST_PHONE else []


def _groups_of_numbers(text: str, row: re.Match[str]) -> Iterator[list[str]]:
    """The same in groups of digits. Each part is as long as a number, or it is none."""
    groups = list(DIGITS.finditer(text, row.start(), row.end()))
    written = [group[0] for group in groups]
    is_several = len(digits_of(written)) > LONGEST_PHONE
    starts = [0]
    for place in range(1, len(groups)):
        between = text[groups[place - 1].end() : groups[place].start()]
        begins = "/" in between or (is_several and AREA.match(written[place]))
        parts = (written[starts[-1] : place], written[place:])
        if begins and all(map(_is_long_enough, parts)):
            starts.append(place)
    for first, last in pairwise([*starts, len(groups)]):
        yield written[first:last]


def _is_long_enough(groups: Sequence[str]) -> bool:
    return len(digits_of(groups)) >= SHORTEST_EXACT_NUMBER


def _is_a_day(digits: str) -> bool:
    """Whether eight digits read like a day of our time, as in the names of files."""
    if len(digits) != 8:
        return False
    for year, month, day in (
        (digits[:4], digits[4:6], digits[6:]),
        (digits[4:], digits[2:4], digits[:2]),
        (digits[4:], digits[:2], digits[2:4]),
    ):
        try:
            if 1900 <= date(int(year), int(month), int(day)).year < 2100:
                return True
        except ValueError:
            continue
    return False
