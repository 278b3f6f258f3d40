"""Contacts are found by number, names, e-mail and phone, page by page; nobody anonymised ever is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.contacts import records
from fadeout.contacts import search as searching
from fadeout.contacts.models import Contact, ContactKind
from fadeout.contacts.refusals import Refused
from fadeout.contacts.search import Filters, FoundContact, Page, Place, search
from fadeout.core import sql
from fadeout.recency import queries as recency
from fadeout.recency.sheets import sheet
from tests import support
from tests.contacts import people
from tests.plans.house import contact, house

TODAY = support.AS_OF


@pytest.fixture
def here(database: str, tmp_path: Path) -> None:
    people.imported(tmp_path / "in")


def found(typed: str = "", **more: Any) -> list[str]:
    return [row.contact_number for row in search(typed, today=TODAY, **more).rows]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("müller", ["1001", "1002"]),
        ("MULLER", ["1001", "1002"]),
        ("mu", ["1001", "1002", "1004"]),  # who is called so by last name comes first
        ("anna muller", ["1001"]),
        ("Muller, A", ["1001"]),
        ("berg", ["1004"]),
        ("brien", ["1003"]),
        ("o'brien", ["1003"]),
        ("ostergard zoe", ["1003"]),
        ("ИВАН", ["A-1"]),
        ("strassberg", ["2001"]),
        ("SCHULE 5", ["2001"]),
        ("100", ["1001", "1002", "1003", "1004"]),
        ("1002", ["1002"]),
        ("a-1", ["A-1"]),
        ("anna.mueller@EXAMPLE.org", ["1001"]),
        ("anna.m", ["1001"]),
        ("olga@", ["A-1"]),
        ("044 123 45 67", ["1001"]),
        ("+41441234567", ["1001"]),
        ("0041 44 1234567", ["1001"]),
        ("079 765 43 21", ["1002"]),
        ("+41 (0)79 765 43 21", ["1002"]),
        ("nobody", []),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("50%", ["3002"]),
        ("a:* & !b", []),
        ("\0", ["3001", "3002", "2002", "1002", "1001", "1003", "2001", "1004", "A-1"]),
        ("", ["3001", "3002", "2002", "1002", "1001", "1003", "2001", "1004", "A-1"]),
    ],
)
def test_somebody_is_found_by(here: None, typed: str, numbers: list[str]) -> None:
    if typed.strip("\0"):
        assert found(typed) == numbers
    else:
        assert sorted(found(typed)) == sorted(numbers)


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(kind=ContactKind.STRUCTURE), {"2001"}),
        (Filters(kind=ContactKind.RELAY), {"2002"}),
        (Filters(country="CH"), {"1001", "2001"}),
        (Filters(country="CH", kind=ContactKind.INDIVIDUAL), {"1001"}),
        (Filters(language="fr"), {"1002"}),
        (Filters(is_held=True), {"1003"}),
        (Filters(is_prospect=False), {"1002"}),
        (Filters(is_prospect=True, country="CH"), {"1001", "2001"}),
        (Filters(country="IS"), set()),
    ],
)
def test_filters(here: None, filters: Filters, numbers: set[str]) -> None:
    assert set(found(filters=filters)) == numbers
    assert len(found(filters=Filters(is_held=False))) == 8


def test_a_line_tells_who_it_is(here: None) -> None:
    [line] = search("Lehrer", today=TODAY).rows
    assert (line.structure, line.kind, line.is_held) == ("Schule Straßberg 5", "relay", False)
    [line] = search("brien", today=TODAY).rows
    assert line.is_held


def test_prospects_are_those_of_the_decision(here: None) -> None:
    decided = recency.decide(as_of=TODAY, months=36, time_zone=support.TIME_ZONE)
    bought = {one.contact_number for one in decided if one.bought_or_benefited}
    assert set(found(filters=Filters(is_prospect=False))) == bought != set()


def test_nobody_anonymised_is_found_by_anything(here: None) -> None:
    public_id = Contact.objects.get(contact_number="1002").public_id
    assert found("bernard") == ["1002"]
    assert sheet(public_id, today=TODAY, months=36, time_zone=support.TIME_ZONE)
    support.run(support.approved(support.simulated()))
    left = Contact.objects.get(anonymised_on__isnull=False)
    new = left.public_id
    for typed in (
        "bernard",
        "XXXX",
        "xxxxxxxx xxxxxxxx",
        "1002",
        left.contact_number,
        "0797654321",
        "",
    ):
        assert left.contact_number not in found(typed)
        assert "1002" not in found(typed)
    for filters in (Filters(is_prospect=False), Filters(country="FR"), Filters(is_held=False)):
        assert left.contact_number not in found(filters=filters)
    for id_ in (public_id, new):
        with pytest.raises(Refused, match="no such contact"):
            sheet(id_, today=TODAY, months=36, time_zone=support.TIME_ZONE)
        with pytest.raises(Refused):
            records.on_file(id_)
        assert search(today=TODAY, place=Place(after=id_)).began_anew
    tied = records.ties(Contact.objects.get(contact_number="1003"))
    assert tied.created_by is None


def test_nobody_anonymised_is_a_tie(database: str, tmp_path: Path) -> None:
    support.imported(
        house(contact("S", kind="structure"), contact("R", kind="relay", structure="S")),
        tmp_path / "in",
    )
    structure = Contact.objects.get(contact_number="S")
    assert records.ties(structure).relay_count == 1
    assert records.ties(Contact.objects.get(contact_number="R")).structure is not None
    support.run(support.approved(support.simulated()))
    assert records.ties(structure) == records.Ties(None, None, (), 0, (), 0)


FIRST = ("Ann", "Änne", "Bo", "Anders", None)
LAST = ("Ångström", "Anders", "anders", "Bo-Ann", "Zorn", None)
PERSON = st.tuples(st.sampled_from(FIRST), st.sampled_from(LAST), st.sampled_from(("CH", "FR")))


@pytest.mark.parametrize("walk", [2, 10_000])
@pytest.mark.parametrize("few", [3, 10_000])
def test_pages_show_everybody_once_in_both_directions(
    database: str, monkeypatch: pytest.MonkeyPatch, walk: int, few: int
) -> None:
    """Whatever way is taken, and however small the pieces are that one looks at."""
    monkeypatch.setattr(searching, "STEPS", max(1, walk // 2))
    monkeypatch.setattr(searching, "WALK", walk)
    monkeypatch.setattr(searching, "FEW", few)
    monkeypatch.setattr(searching, "FEW_BY_FILTERS", few)

    @settings(max_examples=25, deadline=None)
    @given(
        persons=st.lists(PERSON, max_size=14),
        typed=st.sampled_from(["", "an", "ann bo", "a", "z", "1", "12"]),
        country=st.sampled_from([None, "CH"]),
        limit=st.integers(1, 5),
    )
    def check(persons: list[Any], typed: str, country: str | None, limit: int) -> None:
        sql.execute("TRUNCATE contacts_contact CASCADE")
        Contact.objects.bulk_create(
            Contact(contact_number=str(n), kind="individual", first_name=first, last_name=last,
                    country=where, created_at=support.NOW)
            for n, (first, last, where) in enumerate(persons)
        )  # fmt: skip
        filters = Filters(country=country)
        forward = walked(typed, filters, limit, Place())
        backward = walked(typed, filters, limit, Place(at_end=True))
        assert forward == backward[::-1]
        assert len(forward) == len(set(forward))
        assert set(forward) == {
            str(n)
            for n, (first, last, where) in enumerate(persons)
            if country in (None, where) and matches(typed, str(n), first, last)
        }

    check()


def matches(typed: str, number: str, first: str | None, last: str | None) -> bool:
    """As plain as can be: each word begins a word of the names, or all of it the number."""
    if typed.isdigit():
        return number.startswith(typed)
    plain = (
        f"{last or ''} {first or ''}".lower().replace("å", "a").replace("ä", "a").replace("ö", "o")
    )
    words = re.split(r"[ -]", plain)
    return all(any(word.startswith(one) for word in words) for one in typed.split())


def walked(typed: str, filters: Filters, limit: int, place: Place) -> list[str]:
    """All numbers, page by page, in the order met."""
    numbers: list[str] = []
    backward = place.backward
    following: Place | None = place
    while following is not None:
        page = search(typed, filters, today=TODAY, place=following, limit=limit)
        assert not page.began_anew
        rows = [row.contact_number for row in page.rows]
        numbers += rows[::-1] if backward else rows
        following = page.preceding if backward else page.following
        assert len(numbers) < 100
    return numbers


def test_one_goes_back_to_where_one_came_from(here: None) -> None:
    first = search(today=TODAY, limit=4)
    second = search(today=TODAY, limit=4, place=first.following)
    assert second.preceding
    assert shown(search(today=TODAY, limit=4, place=second.preceding)) == shown(first)
    assert first.preceding is None


def shown(page: Page[FoundContact]) -> list[UUID]:
    return [row.public_id for row in page.rows]


def test_a_place_that_is_nowhere_begins_anew(here: None) -> None:
    somebody = Contact.objects.get(contact_number="3001").public_id
    assert search("müller", today=TODAY, place=Place(after=somebody, stream=99)).began_anew
    page = search(
        "anna@", today=TODAY, place=Place(after=somebody)
    )  # has no e-mail to be sorted by
    assert page.began_anew


@pytest.mark.parametrize(
    ("typed", "queries"), [("", 2), ("müller", 5), ("1001", 3), ("anna@x", 3), ("nobody", 5)]
)
def test_a_list_asks_a_fixed_number_of_queries(here: None, typed: str, queries: int) -> None:
    with CaptureQueriesContext(connection) as caught:
        search(typed, today=TODAY)
    assert len(statements(caught)) == queries


def statements(caught: CaptureQueriesContext) -> list[str]:
    """What reads, without savepoints and settings."""
    return [
        q["sql"] for q in caught.captured_queries if q["sql"].startswith(("SELECT", "WITH", "--"))
    ]
