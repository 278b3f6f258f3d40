"""Goes through all texts with a matcher, and tells who else has what was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from fadeout.core.catalogue import texts as catalogue
from fadeout.core.catalogue.declaration import Identifier
from fadeout.core.catalogue.texts import TextTable
from fadeout.residue import streaming
from fadeout.residue.folding import fold
from fadeout.residue.identifiers import KINDS, SAME_AT_THE_END, Kind, keys_in
from fadeout.residue.known import Holder, Key
from fadeout.residue.matching import Match, Matcher, phones_in
from fadeout.residue.redaction import strings_of_json

STAGE = "searching for residue"
#: Of the last rows some may have been on their way when others were seen already.
ROWS_ON_THEIR_WAY = 200

Shown = Callable[[str, int, int], None]


class Stopped(Exception):  # noqa: N818 - nothing failed
    """Somebody asked to stop; nothing was changed."""


class Watch(NamedTuple):
    """Who sees how far a search is, and may stop it."""

    is_asked_to_stop: Callable[[], bool] = lambda: False
    progress: Shown = lambda _stage, _done, _total: None

    def hear(self, done: int, total: int) -> None:
        """Show how far it is.

        Raises:
            Stopped: somebody asked to stop.
        """
        if self.is_asked_to_stop():
            raise Stopped
        self.progress(STAGE, done, max(done, total))


class Hit(NamedTuple):
    """A match, and where it stands: table and column by their places in what was searched."""

    table: int
    column: int
    row: Any
    match: Match


def search(tables: Sequence[TextTable], matcher: Matcher, watch: Watch) -> Iterator[Hit]:
    """Every match in every text, table by table, column by column.

    Raises:
        Stopped: somebody asked to stop.
    """
    done, total = 0, streaming.estimated_rows(tuple(tables))
    for number, table in enumerate(tables):
        for rows in streaming.batches(table):
            watch.hear(done, total)
            done += len(rows)
            for column in range(len(table.columns)):
                yield from _in_column(number, table, column, rows, matcher)
    watch.hear(done, done)


def holders(keys: Collection[Key], watch: Watch) -> Iterator[tuple[Key, Holder]]:
    """Who has these identifiers: rows of contacts, of tickets, and of what else has a number.

    Raises:
        Stopped: somebody asked to stop.
    """
    done = 0
    for number, table in enumerate(catalogue.identifying()):
        if not _may_hold(table, keys):
            continue
        for rows in streaming.batches(table):
            watch.hear(done, done)
            done += len(rows)
            for row in rows:
                for key in keys_of(table, row):
                    if key in keys:
                        yield key, (number, row[0])


def held_since(keys: Collection[Key], last_keys: Sequence[Any]) -> set[Key]:
    """What rows have that came since the search: somebody bought a ticket a moment ago."""
    held: set[Key] = set()
    for table, last in zip(catalogue.identifying(), last_keys, strict=True):
        if _may_hold(table, keys):
            after = last - ROWS_ON_THEIR_WAY if isinstance(last, int) else last
            rows = streaming.read(table, after=after)
            held.update(key for row in rows for key in keys_of(table, row))
    return held


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


def matches_in(
    table: TextTable, column: int, text: str | None, matcher: Matcher
) -> Iterator[Match]:
    """Every match in one text."""
    if text is not None:
        yield from (
            hit.match for hit in _in_column(0, table, column, [_padded(column, text)], matcher)
        )


def key_of(match: Match) -> Key:
    """What tells whether somebody else has an identifier, whatever it is called in the table that has it."""
    return key_for(match.kind, match.key)


def key_for(kind: Kind, key: str) -> Key:
    """The same; a phone number is the same one with its country and without."""
    return (True, _end_of_phone(key)) if kind is Kind.PHONE else (False, key)


def _end_of_phone(digits: str) -> str:
    return digits[-SAME_AT_THE_END:]


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


def _in_column(
    number: int, table: TextTable, column: int, rows: Sequence[Sequence[Any]], matcher: Matcher
) -> Iterator[Hit]:
    having: dict[
        str, list[Any]
    ] = {}  # a wording of consent stands in thousands of rows: once is enough
    for row in rows:
        if row[column + 1] is not None:
            having.setdefault(row[column + 1], []).append(row[0])
    texts: Sequence[str] = list(having)
    if table.columns[column].is_json:
        texts = [strings_of_json(text) for text in texts]
    holding = list(having.values())
    for place, match in matcher.find_in_all(texts):
        for row in holding[place]:
            yield Hit(number, column, row, match)


def _padded(column: int, text: str) -> tuple[Any, ...]:
    return (*(None for _ in range(column + 1)), text)
