"""A few people with names that are hard to find."""

from __future__ import annotations

from pathlib import Path

from tests import support
from tests.model.house import Hold, day
from tests.plans.house import contact, house, sale

PEOPLE = house(
    contact("1001", last_name="Müller", first_name="Anna", email="Anna.Mueller@Example.org",
            phone="+41 44 123 45 67", country="CH", language="de", town="Zürich"),
    contact("1002", last_name="Muller", first_name="Bernard", mobile="0041 (0)79 765 43 21", country="FR",
            language="fr"),
    contact("1003", last_name="O'Brien-Østergård", first_name="Zoë", country="DK", language="da"),
    contact("1004", last_name="van der Berg", first_name="Müde"),
    contact("A-1", last_name="Иванова", first_name="Ольга", email="olga@example.org"),
    contact("2001", kind="structure", last_name="Schule Straßberg 5", country="CH"),
    contact("2002", kind="relay", structure="2001", last_name="Lehrer", first_name="Lea"),
    contact("3001"),
    contact("3002", last_name="50% \\ Off_", first_name="%"),
    *sale("O1", "1002"),
    Hold(contact_number="1003", reason="court"),
    Hold(contact_number="1004", reason="over", until=day("2026-05-31")),
)  # fmt: skip


def imported(folder: Path) -> None:
    support.imported(PEOPLE, folder)
