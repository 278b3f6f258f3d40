"""A glance passes over no row that has what is sought: the plain way finds the same, in any texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from fadeout.core.catalogue import texts as catalogue
from fadeout.residue.folding import fold, fold_all
from fadeout.residue.holding import Sought, key_for, keys_of
from fadeout.residue.identifiers import KINDS, Kind
from fadeout.residue.known import Key

#: As people type them, several in a column too.
PARTS = some.one_of(
    some.sampled_from(
        (
            "anna@example.org", "Anna@EXAMPLE.org", "'anna@example.org'", "mailto:anna@example.org", "@",
            "anna@example.org@x", "ben@example.org/", "straße@example.org", "+41 44 123 45 67",
            "0041 (0)44/123-45-67", "044 123 45 67", "(0)44 123 45 67", "1234567", "00441234567", "12345",
            "KN-100123", "90001234", "٠٤٤ ١٢٣ ٤٥ ٦٧", "０４４１２３４５６７", "benny77",
            "<", ">", ";", ",", ".",
            "/", " ", "  ", "\n", "\u00ad", "\u2011", "(", ")", "0", "00",
        )
    ),
    some.text("0123456789 +-/().@ab'ß\u00a0", max_size=12),
)  # fmt: skip
VALUES = some.none() | some.lists(PARTS, max_size=4).map("".join)
NAME, COLUMNS = catalogue.contacts()
[CONTACTS] = [table for table in catalogue.identifying() if table.name == NAME]


def plainly(keys: set[Key], rows: Sequence[Sequence[Any]]) -> list[tuple[Key, Any]]:
    return [(key, row[0]) for row in rows for key in keys_of(CONTACTS, row) if key in keys]


@given(some.data())
def test_a_glance_finds_what_the_plain_way_finds(data: some.DataObject) -> None:
    row = some.tuples(*[VALUES] * len(CONTACTS.columns))
    rows = [(n, *values) for n, values in enumerate(data.draw(some.lists(row, max_size=6)))]
    theirs = sorted({key for row in rows for key in keys_of(CONTACTS, row)})
    keys = set(data.draw(some.lists(some.sampled_from(theirs), max_size=4))) if theirs else set()
    keys |= {key_for(Kind.LOGIN, "benny77"), key_for(Kind.PHONE, "0441234567")}

    found = list(Sought(keys).held_by(CONTACTS, rows))

    assert found == plainly(keys, rows)
    assert keys.intersection(theirs) == {key for key, _ in found}


def test_a_glance_passes_over_most() -> None:
    """Else the test above would hold of one that passes over nothing."""
    values = {
        Kind.EMAIL: "kay@example.org", Kind.PHONE: "+41 31 111 22 33", Kind.LOGIN: "kay",
        Kind.NUMBER: "K-1",
    }  # fmt: skip
    kinds = [KINDS[column.identifier] for column in CONTACTS.columns if column.identifier]
    row = (1, *(values[kind] for kind in kinds))
    sought = Sought({(False, "anna@example.org"), (True, "41234567")})
    assert sought._places(CONTACTS, [row]) == set()
    assert sought._places(CONTACTS, [row, (2, *["anna@example.org"] * len(kinds))]) == {1}


@given(some.lists(some.text(some.characters(exclude_characters="\0"))))
def test_many_are_folded_like_each(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]


@given(some.lists(some.text("aB \n\t\x1c.@", max_size=6)))
def test_many_plain_ones_are_folded_like_each(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]
