"""What a list tells of each contact, and the filters that it offers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import uuid4

from fadeout.contacts import operations, search
from fadeout.contacts.models import Contact, Note
from fadeout.policy import periods
from fadeout.recency.lists import standings, stays_until
from tests import support
from tests.plans.house import RECENT, contact, contact_ids, house, sale


def test_everybody_on_file_has_a_standing(database: str, tmp_path: Path) -> None:
    rows = (
        contact("silent"),
        contact("buyer"),
        *sale("O1", "buyer"),
        contact("kept", created_at=RECENT),
    )
    support.imported(house(*rows), tmp_path / "in")
    ids = contact_ids()

    def told() -> dict[str, tuple[str, bool]]:
        known = standings(
            list(ids.values()), today=support.AS_OF, months=36, time_zone=support.TIME_ZONE
        )
        return {
            name: (known[number].outcome, known[number].is_prospect)
            for name, number in ids.items()
            if number in known
        }

    assert told() == {
        "silent": ("delete", True),
        "buyer": ("anonymise", False),
        "kept": ("keep", True),
    }
    support.run(support.approved(support.simulated()))
    assert told() == {"kept": ("keep", True)}
    assert standings([], today=support.AS_OF, months=36, time_zone=support.TIME_ZONE) == {}


def test_the_last_day_is_the_one_before_the_due_day() -> None:
    assert stays_until(date(2026, 3, 14), 36) == date(2029, 3, 14)
    assert stays_until(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert periods.due_on(date(2026, 1, 31), 1) == date(2026, 3, 1)
    assert stays_until(date(9999, 12, 30), 1) is None


def test_countries_and_languages_are_those_of_contacts_on_file(
    database: str, tmp_path: Path
) -> None:
    rows = (
        contact("1", country="CH", language="de"),
        contact("2", country="FR", language="fr", created_at=RECENT),
        contact("3", country="FR", created_at=RECENT),
        contact("4"),
        *sale("O1", "1"),
    )
    support.imported(house(*rows), tmp_path / "in")
    assert (search.countries(), search.languages()) == (("CH", "FR"), ("de", "fr"))
    support.run(support.approved(support.simulated()))
    assert Contact.objects.filter(country="CH").exists()  # anonymised: the country stays
    assert (search.countries(), search.languages()) == (("FR",), ("fr",))


def test_a_note_with_a_mark_is_written_once(database: str, tmp_path: Path) -> None:
    support.imported(house(contact("A")), tmp_path / "in")
    who, once = Contact.objects.get().public_id, uuid4()
    first, second = (
        operations.add_note(who, text=text, now=support.NOW, once=once) for text in ("a", "b")
    )
    assert first == second
    assert [note.text for note in Note.objects.all()] == ["a"]
