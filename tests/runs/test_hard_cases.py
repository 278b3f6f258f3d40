"""What tampering and a busy box office do to a run: nothing that was not approved, nothing lost."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError

from fadeout.core import sql
from fadeout.core.errors import DidNotHold, FadeoutError
from fadeout.erasure import operations as erasure
from fadeout.plans.models import Plan
from fadeout.runs import audits, operations, queries
from tests import support
from tests.model.house import Note
from tests.plans.house import RECENT, contact, contact_ids, house, line, order, sale, three


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds rows here never lets go while a run waits; how long it waits is the same to each test.

    With all its patience a run waits in test_beside_others.
    """
    monkeypatch.setattr(operations, "ROUNDS_WITHOUT_PROGRESS", 2)
    monkeypatch.setattr(audits, "PATIENCE_SECONDS", 0.5)


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    """A prospect to delete, a buyer to anonymise, and somebody kept with a note."""
    people = house(
        contact("prospect"),
        *sale("O1", "buyer"),
        contact("buyer"),
        contact("kept", created_at=RECENT),
        Note(note_number="1", contact_number="kept"),
    )
    support.imported(people, tmp_path / "in")
    return support.approved(support.simulated())


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE plans_plan_row SET state = 'pending' WHERE outcome = 'keep'",
        "UPDATE plans_plan_row SET state = 'kept' WHERE outcome = 'delete'",
    ],
)
def test_a_state_that_does_not_fit_the_outcome_cannot_be_written(
    plan: Plan, tampering: str
) -> None:
    with pytest.raises(IntegrityError, match="plan_row_state_fits_outcome"):
        sql.execute(tampering)


def test_a_row_marked_as_requalified_by_nobody_is_refused(plan: Plan) -> None:
    sql.execute("UPDATE plans_plan_row SET state = 'requalified' WHERE outcome = 'delete'")
    with pytest.raises(DidNotHold, match="not those that were approved"):
        support.run(plan)


def test_only_deletion_and_anonymisation_can_be_struck(plan: Plan) -> None:
    [kept] = [number for name, number in contact_ids().items() if name == "kept"]
    with pytest.raises(ValueError, match="keep"):
        erasure.strike(outcomes={kept: "keep"}, time_zone="UTC", today=support.AS_OF)
    assert sql.rows("SELECT count(*) FROM contacts_note") == [(1,)]


def test_totals_that_were_changed_are_refused(database: str, tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    support.simulated()
    sql.execute("UPDATE plans_plan SET totals = jsonb_set(totals, '{outcomes,delete}', '0')")
    with pytest.raises(FadeoutError):
        support.approved(Plan.objects.get())


@pytest.mark.parametrize("who", ["prospect", "buyer"])
def test_somebody_who_is_buying_at_this_moment_is_not_struck(
    plan: Plan, database: str, who: str
) -> None:
    with psycopg.connect(database) as box_office:
        box_office.execute(
            "INSERT INTO sales_order (order_number, organisation_id, purchase_contact_id,"
            " ordered_at, currency, is_emptied)"
            " SELECT 'new', o.id, c.id, '2026-05-31T12:00Z', 'CHF', FALSE"
            " FROM sales_organisation o, contacts_contact c"
            " WHERE o.code = 'opera' AND c.contact_number = %s",
            [who],
        )
        assert support.run(plan).state == "incomplete"
        box_office.commit()
    assert who in contact_ids()


def test_an_order_that_is_held_for_long_makes_the_run_incomplete_and_the_rest_is_struck(
    plan: Plan, database: str
) -> None:
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM sales_order FOR UPDATE")
        run = support.run(plan)
        assert (run.state, queries.standing(run).struck) == ("incomplete", 1)
    assert support.run(plan).state == "done"


def test_an_old_ticket_that_is_held_for_long_makes_the_run_incomplete(
    database: str, tmp_path: Path
) -> None:
    typed = house(order("O1", None), line("O1", beneficiary_first_name="Zoë"))
    support.imported(typed, tmp_path / "in")
    plan = support.approved(support.simulated())
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM sales_order_line FOR UPDATE")
        assert support.run(plan).state == "incomplete"
    assert support.run(plan).state == "done"


def test_a_correction_between_two_starts_does_not_keep_the_run_from_ending(
    plan: Plan, database: str
) -> None:
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM contacts_contact WHERE contact_number = 'prospect' FOR UPDATE")
        assert support.run(plan).state == "incomplete"
    sql.execute("UPDATE sales_order_line SET price = price + 1")
    assert support.run(plan).state == "done"


def test_tokens_do_not_lie_in_the_order_of_the_contacts(plan: Plan) -> None:
    support.run(plan)
    [block] = support.tokens().blocks()
    assert {name: len(listed) for name, listed in block.lists.items()} == {
        "delete": 1, "anonymise": 1, "numbers": 2,
    }  # fmt: skip
    assert block.lists["numbers"] == sorted(block.lists["numbers"])
