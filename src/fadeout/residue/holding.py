"""Who has an identifier: contacts, tickets, and what else has a number.

All that a house has is gone through for a few identifiers. So of most rows a glance must do: what
they have is made out in full only where one of those sought may stand.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

from fadeout.core.catalogue import texts as catalogue
from fadeout.core.catalogue.declaration import Identifier
from fadeout.core.catalogue.texts import TextColumn, TextTable
from fadeout.residue import streaming
from fadeout.residue.folding import APART, fold, fold_all
from fadeout.residue.identifiers import KINDS, SAME_AT_THE_END, TRUNK, Kind, keys_in
from fadeout.residue.known import Holder, Key
from fadeout.residue.matching import Match, phones_in
from fadeout.residue.watching import Watch

#: Of the last rows some may have been on their way when others were seen already.
ROWS_ON_THEIR_WAY = 200
#: What makes an e-mail column more, or less, than one address: see ``identifiers.ADDRESS``.
MORE_THAN_AN_ADDRESS = re.compile(r"[\s;,:<>()\[\]\"/?]|@[^@]*@|^['.]|['.]$")
NO_DIGITS = re.compile(r"[^\d\0]+")
NOT_DIGITS_OF_ASCII = {code: None for code in range(1, 128) if not chr(code).isdecimal()}


def holders(keys: Collection[Key], watch: Watch) -> Iterator[tuple[Key, Holder]]:
    """Who has these identifiers: rows of contacts, of tickets, and of what else has a number.

    Raises:
        Stopped: somebody asked to stop.
    """
    done, sought = 0, Sought(keys)
    with closing(streaming.ahead(_rows_that_may_hold(keys))) as batches:
        for number, table, rows in batches:
            watch.hear(done, done)
            done += len(rows)
            for key, row in sought.held_by(table, rows):
                yield key, (number, row)


def _rows_that_may_hold(
    keys: Collection[Key],
) -> Generator[tuple[int, TextTable, list[tuple[Any, ...]]], None, None]:
    for number, table in enumerate(catalogue.identifying()):
        if _may_hold(table, keys):
            for rows in streaming.batches(table):
                yield number, table, rows


def held_since(keys: Collection[Key], last_keys: Sequence[Any]) -> set[Key]:
    """What rows have that came since the search: somebody bought a ticket a moment ago."""
    held: set[Key] = set()
    sought = Sought(keys)
    for table, last in zip(catalogue.identifying(), last_keys, strict=True):
        if _may_hold(table, keys):
            after = last - ROWS_ON_THEIR_WAY if isinstance(last, int) else last
            rows = streaming.read(table, after=after)
            held.update(key for key, _ in sought.held_by(table, rows))
    return held


class Sought:
    """Identifiers that are looked for in the rows of those who may have them."""

    def __init__(self, keys: Collection[Key]) -> None:
        self._keys = keys
        self._texts = {key for is_phone, key in keys if not is_phone}
        self._ends = {key for is_phone, key in keys if is_phone}
        self._ends.update(_end_of_phone(key) for key in self._texts if key.isdecimal())
        self._lengths = {len(end) for end in self._ends}

    def held_by(self, table: TextTable, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Key, Any]]:
        """Which of them these rows have, each with the key of its row."""
        for place in sorted(self._places(table, rows)):
            for key in keys_of(table, rows[place]):
                if key in self._keys:
                    yield key, rows[place][0]

    def _places(self, table: TextTable, rows: Sequence[Sequence[Any]]) -> set[int]:
        """Where a glance does not tell that a row has none of them."""
        places: set[int] = set()
        for number, column in enumerate(table.columns, start=1):
            if column.identifier in KINDS:
                having = [place for place, row in enumerate(rows) if row[number] is not None]
                texts = fold_all([rows[place][number] for place in having])
                seen = zip(having, self._may_have(column, texts), strict=True)
                places.update(place for place, may_have in seen if may_have)
        return places

    def _may_have(self, column: TextColumn, texts: Sequence[str]) -> list[bool]:
        """Of each text, whether ``keys_of`` may find one of those sought in it."""
        whole, ends = self._texts, self._ends
        if column.identifier is Identifier.PHONE:
            return [
                text in whole or TRUNK in text or self._holds_an_end(digits)
                for text, digits in zip(texts, _digits(texts), strict=True)
            ]
        if column.identifier is Identifier.EMAIL:
            has_more = MORE_THAN_AN_ADDRESS.search
            return [
                text in whole or text[-SAME_AT_THE_END:] in ends or has_more(text) is not None
                for text in texts
            ]
        return [text in whole or text[-SAME_AT_THE_END:] in ends for text in texts]

    def _holds_an_end(self, digits: str) -> bool:
        """Every number that may be read in a row of digits ends with some that follow one another."""
        for length in self._lengths:
            for start in range(len(digits) - length + 1):
                if digits[start : start + length] in self._ends:
                    return True
        return False


def keys_of(table: TextTable, row: Sequence[Any]) -> Iterator[Key]:
    """What a row has: its key first, then the values of the columns that identify.

    Digits count as a phone number and as any other: what is somebody's number may be somebody else's
    phone. Whatever may be read as a phone number in a column for one counts: it is better to leave too
    much than to take out what is somebody else's.
    """
    for column, value in zip(table.columns, row[1:], strict=True):
        if value is not None and column.identifier in KINDS:
            text, kind = fold(value), KINDS[column.identifier]
            yield False, text
            keys = set(keys_in(kind, text))
            if kind is Kind.PHONE:
                keys.update(digits for *_, digits in phones_in(text))
            for key in keys:
                yield False, key
                if key.isdecimal():
                    yield True, _end_of_phone(key)


def key_of(match: Match) -> Key:
    """What tells whether somebody else has an identifier, whatever it is called in the table that has it."""
    return key_for(match.kind, match.key)


def key_for(kind: Kind, key: str) -> Key:
    """The same; a phone number is the same one with its country and without."""
    return (True, _end_of_phone(key)) if kind is Kind.PHONE else (False, key)


def _end_of_phone(digits: str) -> str:
    return digits[-SAME_AT_THE_END:]


def _digits(texts: Sequence[str]) -> list[str]:
    """Of each text its digits alone."""
    if not texts:
        return []
    joined = APART.join(texts)
    if joined.isascii():
        return joined.translate(NOT_DIGITS_OF_ASCII).split(APART)
    return NO_DIGITS.sub("", joined).split(APART)


def _may_hold(table: TextTable, keys: Collection[Key]) -> bool:
    """Whether it is worth reading: contacts always; numbers of orders, say, only if a number is sought."""
    contacts, _ = catalogue.contacts()
    if table.name == contacts:
        return bool(keys)
    identifiers = {column.identifier for column in table.columns}
    return any(
        ("@" in key and Identifier.EMAIL in identifiers)
        or ("@" not in key and not is_phone and Identifier.NUMBER in identifiers)
        for is_phone, key in keys
    )
