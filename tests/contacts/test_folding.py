"""Names are found however they are written; SQL and the search for residue fold alike."""

from __future__ import annotations

import unicodedata

import pytest

from fadeout.contacts import folding
from fadeout.core import sql
from fadeout.residue.folding import fold


def folded(*texts: str) -> list[str]:
    each = "unnest(%(texts)s::text[]) WITH ORDINALITY AS w (t, n)"
    found = sql.rows(f"SELECT contacts_fold(t) FROM {each} ORDER BY n", {"texts": list(texts)})
    return [text for (text,) in found]


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("Müller", "MULLER"),
        ("Mu\u0308ller", "müller"),
        ("Strauß", "STRAUSS"),
        ("STRAUẞ", "strauss"),
        ("Ærøskøbing", "aeroskobing"),
        ("Œuvre", "OEUVRE"),
        ("Łódź", "lodz"),
        ("Đorđević", "dordevic"),
        ("Þórður", "thordur"),
        ("Иванов", "ИВАНОВ"),
        ("Ёлкин", "елкин"),
        ("Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
        ("İpek", "ipek"),
        ("Ｙａｍａｄａ", "yamada"),
        ("ﬁne", "FINE"),
        ("Nguyễn", "nguyen"),
        ("Werk\u00adstatt", "werkstatt"),
    ],
)
def test_what_reads_alike_is_alike(database: str, one: str, another: str) -> None:
    assert one != another
    assert len(set(folded(one, another))) == 1


def test_different_names_stay_different(database: str) -> None:
    names = ["Meier", "Meyer", "Иванов", "Ιβανοφ", "李", "王", ""]
    assert len(set(folded(*names))) == len(names)


def test_every_letter_that_residue_takes_for_another_is_found_as_that_other(database: str) -> None:
    """Of the scripts that people here write: what is one identifier is one name, too."""
    blocks = [(0x20, 0x250), (0x386, 0x3CF), (0x400, 0x588), (0x1E00, 0x1F00), (0xFF00, 0xFF5F)]
    letters = [
        chr(code)
        for first, last in blocks
        for code in range(first, last)
        if unicodedata.category(chr(code))[0] == "L"
    ]
    assert len(letters) > 900
    upper = folded(*letters)
    lower = folded(*(fold(letter) for letter in letters))
    assert [(a, b, c) for a, b, c in zip(letters, upper, lower, strict=True) if b != c] == []


@pytest.mark.parametrize("letter", ["a", "ü", "李", "\ufdfa", "\U0001f600"])
def test_a_name_is_never_too_long_for_an_index(database: str, letter: str) -> None:
    long = letter * 20_000
    sql.execute(
        "INSERT INTO contacts_contact (contact_number, kind, last_name, first_name, email, phone, mobile,"
        " created_at) VALUES ('1', 'individual', %(t)s, %(t)s, %(t)s, %(t)s, %(t)s, now())",
        {"t": long},
    )
    assert sql.rows("SELECT length(last_name) FROM contacts_contact") == [(20_000,)]


def test_indexes_are_those_that_queries_ask_for(database: str) -> None:
    found = {row[0] for row in sql.rows("SELECT indexname FROM pg_indexes")}
    assert set(folding.INDEXES) <= found
