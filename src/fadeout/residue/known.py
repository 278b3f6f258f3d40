"""What a run knows from its search on: who was on the plan, where their identifiers stand, who shares them.

Held in arrays, since a run knows hundreds of thousands of contacts; and written block by block, to
be read again after a crash.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

CONTACTS_IN_A_BLOCK = 1_000
HITS_IN_A_BLOCK = 20_000

#: Whether it is a phone number, and the identifier, folded; of a phone number, its end.
Key = tuple[bool, str]
#: Table (its place among those that identify) and row.
Holder = tuple[int, Any]


@dataclass
class Contacts:
    """The contacts that were on the plan, in the order of their ids, each with a hash of its identifiers."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    hashes: array[int] = field(default_factory=lambda: array("q"))

    def add(self, row: Sequence[Any]) -> None:
        """Id first, then the columns that identify; larger ids after smaller ones."""
        self.ids.append(row[0])
        self.hashes.append(hash(tuple(row)))

    def has(self, row: Sequence[Any]) -> bool:
        """Whether a contact is known as it stands here."""
        place = bisect_left(self.ids, row[0])
        is_known = place < len(self.ids) and self.ids[place] == row[0]
        return is_known and self.hashes[place] == hash(tuple(row))


@dataclass
class Hits:
    """In which rows the identifiers of which contacts stand; tables by their place among those searched."""

    contacts: array[int] = field(default_factory=lambda: array("q"))
    tables: array[int] = field(default_factory=lambda: array("H"))
    rows: list[Any] = field(default_factory=list)

    def add(self, contact: int, table: int, row: Any) -> None:
        """One more; the same again does no harm."""
        self.contacts.append(contact)
        self.tables.append(table)
        self.rows.append(row)

    def sort(self) -> None:
        """By contact, so that those of one stand together."""
        order = sorted(range(len(self.contacts)), key=self.contacts.__getitem__)
        self.tables = array("H", (self.tables[place] for place in order))
        self.rows = [self.rows[place] for place in order]
        self.contacts = array("q", sorted(self.contacts))

    def of(self, contact: int, most: int) -> list[tuple[int, Any]]:
        """Table and row of the first so many hits of a contact."""
        first = bisect_left(self.contacts, contact)
        if first == len(self.contacts) or self.contacts[first] != contact:
            return []
        last = min(bisect_right(self.contacts, contact, first), first + most)
        return list(zip(self.tables[first:last], self.rows[first:last], strict=True))


@dataclass
class Known:
    """All of it. ``exact``: identifiers that stand somewhere and are to be taken out.

    Who else has those is not kept but looked up when a run begins or goes on. ``last_keys``: the last
    row of each table that identifies, when that was.
    """

    contacts: Contacts = field(default_factory=Contacts)
    hits: Hits = field(default_factory=Hits)
    exact: set[Key] = field(default_factory=set)
    holders: dict[Key, list[Holder]] = field(default_factory=dict)
    last_keys: list[Any] = field(default_factory=list)


def contact_block(rows: Sequence[Sequence[Any]]) -> bytes:
    """Contacts with their identifiers, as a block to be kept."""
    return json.dumps({"contacts": rows}).encode()


def found_blocks(known: Known) -> Iterator[bytes]:
    """What the search found, as blocks to be kept."""
    hits = known.hits
    for first in range(0, len(hits.rows), HITS_IN_A_BLOCK):
        part = slice(first, first + HITS_IN_A_BLOCK)
        columns = [list(hits.contacts[part]), list(hits.tables[part]), hits.rows[part]]
        yield json.dumps({"hits": columns}, default=str).encode()
    yield json.dumps({"exact": sorted(known.exact)}).encode()


def contacts_of(block: bytes) -> list[list[Any]]:
    """The contacts in a block, with their identifiers; none if it is of another kind."""
    contacts: list[list[Any]] = json.loads(block).get("contacts", [])
    return contacts


def read(blocks: Iterable[bytes]) -> Known:
    """What was kept, without the identifiers themselves."""
    known = Known()
    for block in blocks:
        content = json.loads(block)
        for row in content.get("contacts", []):
            known.contacts.add(row)
        for contact, table, row in zip(*content.get("hits", [[], [], []]), strict=True):
            known.hits.add(contact, table, row)
        known.exact.update((is_phone, key) for is_phone, key in content.get("exact", []))
    return known
