"""What is not exactly what somebody approved is refused, and then nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import transaction

from fadeout.core import sql
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution import queries as institution
from fadeout.plans import operations as plans
from fadeout.plans.models import Plan, PlanRow
from fadeout.runs import lock, queries
from fadeout.runs.models import Run
from tests import support
from tests.plans.house import contact, everything, house, sale, three

NOT_A_CHANGE = ("institution_operator", "institution_institution")  # who asked, and the key's name

PROSPECT = "(SELECT id FROM contacts_contact WHERE contact_number = 'prospect')"
BUYER = "(SELECT id FROM contacts_contact WHERE contact_number = 'buyer')"
KEPT = "(SELECT id FROM contacts_contact WHERE contact_number = 'kept')"
ROWS = "UPDATE plans_plan_row SET {} WHERE contact_id = " + PROSPECT
TAMPERING = {
    "another outcome": ROWS.format("outcome = 'anonymise'"),
    "kept instead": ROWS.format("outcome = 'keep', state = 'kept'"),
    "another contact": ROWS.format(f"contact_id = {KEPT}"),
    "no contact": ROWS.format("contact_id = NULL"),
    "another recency": ROWS.format("recency_on = recency_on - 1"),
    "another activity": ROWS.format("activity = 'click'"),
    "reasons": ROWS.format("reasons = 'active'"),
    "two rows exchanged": "UPDATE plans_plan_row SET contact_id = CASE contact_id "
    f"WHEN {PROSPECT} THEN {BUYER} ELSE {PROSPECT} END WHERE contact_id IN ({PROSPECT}, {BUYER})",
    "a row gone": f"DELETE FROM plans_plan_row WHERE contact_id = {PROSPECT}",
    "a kept row gone": f"DELETE FROM plans_plan_row WHERE contact_id = {KEPT}",
    "a row more": "INSERT INTO plans_plan_row"
    " (plan_id, contact_id, outcome, recency_on, activity, reasons, state)"
    f" SELECT plan_id, {KEPT}, outcome, recency_on, activity, reasons, state"
    f" FROM plans_plan_row WHERE contact_id = {PROSPECT}",
    "another day": "UPDATE plans_plan SET as_of = as_of - 1",
    "another period": "UPDATE plans_plan SET months = 35",
    "another cutoff": "UPDATE plans_plan SET cutoff = cutoff + 1",
    "another catalogue": "UPDATE plans_plan SET catalogue_digest = 'x'",
}


def fresh(plan: Plan) -> Plan:
    return Plan.objects.get(pk=plan.pk)


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    support.imported(three(), tmp_path / "in")
    made = support.simulated()
    assert made.totals["outcomes"] == {"delete": 1, "anonymise": 1, "keep": 1}
    return made


def test_a_plan_that_nobody_approved_is_not_run(plan: Plan) -> None:
    before = everything(*NOT_A_CHANGE)
    with pytest.raises(BadInput, match="is not approved"):
        support.run(plan)
    assert everything(*NOT_A_CHANGE) == before
    assert not Run.objects.exists()


@contextmanager
def tampered(statement: str) -> Iterator[dict[str, list[str]]]:
    """The plan changed by a statement, until the block ends; yields what the database then holds."""
    untouched = everything()
    with transaction.atomic():
        assert sql.execute(statement) >= 1
        assert everything() != untouched
        yield everything(*NOT_A_CHANGE)
        transaction.set_rollback(True)
    assert everything() == untouched


def test_a_plan_changed_since_it_was_simulated_is_not_approved(plan: Plan) -> None:
    for name, statement in TAMPERING.items():
        with tampered(statement) as before:
            with pytest.raises(DidNotHold, match="not those that were simulated"):
                support.approved(fresh(plan))
            assert everything(*NOT_A_CHANGE) == before, name
    support.approved(fresh(plan))


def test_a_plan_changed_since_it_was_approved_is_not_run(plan: Plan) -> None:
    support.approved(plan)
    for name, statement in TAMPERING.items():
        with tampered(statement) as before:
            with pytest.raises(DidNotHold, match="not those that were approved"):
                support.run(fresh(plan))
            assert everything(*NOT_A_CHANGE) == before, name
            assert not Run.objects.exists()
    assert support.run(fresh(plan)).state == "done"


def test_an_approval_of_other_rows_does_not_count(plan: Plan) -> None:
    support.approved(plan)
    sql.execute("UPDATE plans_approval SET fingerprint = 'of other rows'")
    with pytest.raises(BadInput, match="is not approved"):
        support.run(plan)


@pytest.mark.parametrize("typed", [0, 1, 3, -2])
def test_a_wrong_number_approves_nothing(plan: Plan, typed: int) -> None:
    with pytest.raises(BadInput, match="is not the number of contacts"):
        plans.approve(
            plan=plan, by=support.operator(), typed=typed, today=support.AS_OF, now=support.NOW
        )
    assert not plan.approvals.exists()


def test_a_plan_that_looks_ahead_can_be_approved_only_once_its_day_has_come(
    database: str, tmp_path: Path
) -> None:
    support.imported(three(), tmp_path / "in")
    ahead = support.simulated(as_of=support.AS_OF + timedelta(days=1))

    def approve_on(today: date) -> None:
        plans.approve(plan=ahead, by=support.operator(), typed=2, today=today, now=support.NOW)

    with pytest.raises(BadInput, match="can be looked at, not approved"):
        approve_on(support.AS_OF)
    assert not ahead.approvals.exists()
    with pytest.raises(BadInput, match="is not approved"):
        support.run(ahead)
    approve_on(support.AS_OF + timedelta(days=1))
    assert ahead.approvals.count() == 1


def test_approving_again_is_harmless_and_a_second_person_may_approve_too(plan: Plan) -> None:
    support.approved(plan)
    support.approved(plan)
    assert plan.approvals.count() == 1
    plans.approve(
        plan=plan, by=support.operator("Bo"), typed=2, today=support.AS_OF, now=support.NOW
    )
    assert plan.approvals.count() == 2


def test_a_plan_whose_contacts_another_run_struck_meanwhile_is_refused(plan: Plan) -> None:
    other = support.simulated()
    support.approved(plan)
    support.approved(other)
    assert support.run(plan).state == "done"
    before = everything(*NOT_A_CHANGE)
    with pytest.raises(DidNotHold, match="another run struck some of these contacts"):
        support.run(fresh(other))
    assert everything(*NOT_A_CHANGE) == before
    assert not PlanRow.objects.filter(plan=other, state="struck").exists()


def test_a_plan_of_others_is_not_disturbed_by_a_run_of_its_neighbour(
    database: str, tmp_path: Path
) -> None:
    support.imported(house(contact("A")), tmp_path / "first")
    first = support.approved(support.simulated())
    assert support.run(first).state == "done"
    support.imported(house(contact("B"), *sale("O1", "B")), tmp_path / "second")
    second = support.approved(support.simulated())
    assert second.totals["outcomes"] == {"delete": 0, "anonymise": 1, "keep": 0}
    assert support.run(second).state == "done"


def test_a_plan_that_is_done_is_not_run_again(plan: Plan) -> None:
    support.approved(plan)
    done = support.run(plan)
    assert done.state == "done"
    before = everything(*NOT_A_CHANGE)
    again = support.run(plan)
    assert again.pk == done.pk
    assert again.state == "done"
    assert everything(*NOT_A_CHANGE) == before


def test_a_plan_that_strikes_nobody_runs_to_its_end(database: str, tmp_path: Path) -> None:
    support.imported(house(), tmp_path / "in")
    plan = support.approved(support.simulated())
    assert plan.totals["contacts"] == 0
    run = support.run(plan)
    assert run.state == "done"
    assert queries.standing(run).struck == 0


def test_one_runs_at_a_time(plan: Plan, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lock.LOCK_ID])
        assert lock.is_held()
        with pytest.raises(DidNotHold, match="Another run is under way"), lock.only_one(0.5):
            pass
    with lock.only_one(20):
        assert lock.is_held()
    assert not lock.is_held()


def test_no_refusal_names_a_contact(plan: Plan) -> None:
    support.approved(plan)
    sql.execute(TAMPERING["a row gone"])
    with pytest.raises(DidNotHold) as refused:
        support.run(fresh(plan))
    assert not re.search("prospect|buyer|kept|Ann", str(refused.value))
    assert institution.current().name == "Theatre"
