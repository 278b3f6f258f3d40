"""What is due and when is what a simulation finds; it says when it is no longer so."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from fadeout.connectors.exchange.problems import ImportRefused
from fadeout.institution import operations as institution
from fadeout.institution import queries as institution_queries
from fadeout.plans import outlook
from fadeout.plans.models import Plan
from fadeout.plans.outlook import Seen, Silence
from fadeout.recency.queries import Question
from tests import support
from tests.model.house import House, at
from tests.plans.house import RECENT, contact, house, sale, three

DAY = timedelta(days=1)


def counted(now: object = support.NOW) -> Seen | None:
    return outlook.count_if_due(
        house=institution_queries.current(),
        policy=institution_queries.policy_in_force(),
        now=now,  # type: ignore[arg-type]
    )


def seen() -> Seen:
    found = outlook.latest()
    assert found is not None
    return found


def one_more_arrives(folder: Path) -> None:
    support.imported(house(contact("new", created_at=RECENT)), folder)


def varied() -> House:
    """Two due, one kept for a reason, three active: one of whom would never fall due."""
    return house(
        contact("prospect"),
        contact("buyer"),
        *sale("O1", "buyer"),
        contact("structure", kind="structure", last_name="School"),
        contact("soon", created_at=at("2023-06-15T12:00:00Z")),
        contact("later", created_at=RECENT),
        contact("supplier", kind="structure", last_name="Wood", created_at=RECENT),
    )


def test_what_is_counted_is_what_a_simulation_finds(database: str, tmp_path: Path) -> None:
    support.imported(varied(), tmp_path / "in")
    first = counted()
    assert first is not None
    assert not Plan.objects.exists()
    plan = support.simulated()
    again = seen()
    assert again.figures == first.figures
    assert again.figures.contacts == plan.totals["contacts"] == 6
    assert again.figures.deleted == plan.totals["outcomes"]["delete"] == 1
    assert again.figures.anonymised == plan.totals["outcomes"]["anonymise"] == 1
    assert again.figures.forecast == plan.totals["forecast"]
    assert {m: n for m, n in again.figures.forecast.items() if n} == {"2026-06": 1, "2029-03": 1}
    assert again.figures.recency == {
        "2001-02": Silence(due=1, kept=1),
        "2015-02": Silence(due=1),
        "2023-06": Silence(active=1),
        "2026-03": Silence(active=2),
    }
    assert (again.figures.due, again.figures.kept) == (2, 1)
    assert (again.cutoff, again.as_of) == (plan.cutoff, support.AS_OF)


def test_anonymised_contacts_are_not_on_file(database: str, tmp_path: Path) -> None:
    support.imported(varied(), tmp_path / "in")
    support.run(support.approved(support.simulated()))
    found = counted()
    assert found is not None
    assert (found.figures.contacts, found.figures.due) == (4, 0)


def test_it_is_counted_once_a_day_and_after_a_change(database: str, tmp_path: Path) -> None:
    assert outlook.latest() is None
    support.imported(three(), tmp_path / "in")
    assert outlook.latest() is None  # changed, but never counted
    assert counted() is not None
    assert counted() is None  # nothing new
    assert counted(support.NOW + DAY) is not None
    assert counted(support.NOW + DAY) is None
    support.import_folder(tmp_path / "in")
    assert not seen().is_outdated  # the same again changes nothing
    one_more_arrives(tmp_path / "more")
    assert seen().is_outdated
    assert counted(support.NOW + DAY) is not None
    assert not seen().is_outdated
    plan = support.approved(support.simulated())
    assert not seen().is_outdated
    assert counted() is None  # the simulation counted
    assert support.run(plan).state == "done"
    assert seen().is_outdated
    assert counted() is not None
    institution.change_policy(changes={"months": 24}, by=support.operator(), now=support.NOW)
    again = counted()
    assert again is not None
    assert again.months == 24


def test_an_import_that_is_refused_changes_nothing(database: str, tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    assert counted() is not None
    (tmp_path / "in" / "contacts.csv").write_text("contact_number,kind\nA,nobody\n")
    with pytest.raises(ImportRefused):
        support.import_folder(tmp_path / "in")
    assert not seen().is_outdated


def test_a_change_committed_while_it_was_counted_is_not_overlooked(
    database: str, tmp_path: Path
) -> None:
    support.imported(three(), tmp_path / "in")
    before = outlook.changes()
    found = counted()
    assert found is not None
    one_more_arrives(tmp_path / "more")  # after it was read, before it is kept
    question = Question(as_of=support.AS_OF, months=36, time_zone=support.TIME_ZONE)
    outlook.keep(found.figures, question, changes=before, now=support.NOW)
    assert seen().is_outdated


@pytest.mark.parametrize(
    "other", [{"as_of": date(2026, 5, 31)}, {"as_of": date(2027, 6, 1)}, {"months": 24}]
)
def test_a_simulation_of_another_day_or_period_is_not_kept(
    other: dict[str, object], database: str, tmp_path: Path
) -> None:
    support.imported(three(), tmp_path / "in")
    support.simulated(**other)  # type: ignore[arg-type]
    assert outlook.latest() is None
    support.simulated()
    assert seen().as_of == support.AS_OF


def test_a_house_without_contacts_is_counted_too(database: str) -> None:
    support.founded()
    found = counted()
    assert found is not None
    assert (found.figures.contacts, found.figures.due, found.figures.recency) == (0, 0, {})
    assert set(found.figures.forecast.values()) == {0}
