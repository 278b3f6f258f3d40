"""What waits is told to those who can see to it, and to nobody else."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.batches import operations as batches
from fadeout.batches.models import Batch, BatchStart, Mode, Outcome
from fadeout.core import clock, paths, sql
from fadeout.institution import operations as institution
from fadeout.residue.models import Finding
from fadeout.runs.models import Run, RunState
from fadeout.vault.models import VaultKey
from fadeout.worker import jobs
from tests import support
from tests.console import house_of_plans
from tests.console.today import houses
from tests.console.visitors import signed_in, somebody
from tests.model.house import Hold
from tests.plans.house import contact, house

DAY = timedelta(days=1)
DECIDE = {Role.DPO, Role.ADMINISTRATOR}
PLAN = DECIDE | {Role.MARKETER, Role.SUPPORT}


@pytest.fixture(autouse=True)
def a_worker(database: str) -> None:
    """One that lives however slow the test is, so that nothing is said of it."""
    support.founded()
    sql.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')"
    )


def waits(client: Client) -> list[str]:
    page = client.get("/").content.decode()
    [section] = re.findall(r"<h2>Waiting for you</h2>(.*?)</section>", page, re.DOTALL)
    found = re.findall(r"<li><div>.*?>(.*?)</(?:a|strong)>", section)
    assert bool(found) != ("Nothing waits for you." in section)
    return [html.unescape(what) for what in found]


def of_all() -> dict[Role, list[str]]:
    """What each role is told, by people who made none of it."""
    return {role: waits(signed_in(somebody(role, name=f"New{role}"))) for role in Role}


def told_to(roles: set[Role], what: str) -> dict[Role, list[str]]:
    return {role: [what] if role in roles else [] for role in Role}


def test_nothing_waits(database: str) -> None:
    assert of_all() == told_to(set(), "")


def test_no_worker_is_told_to_those_whose_work_it_does(database: str) -> None:
    sql.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert of_all() == told_to(PLAN, "No worker is at work")


def test_a_vault_without_recipient(database: str) -> None:
    (paths.keys() / "vault" / "recipient").unlink()
    assert of_all() == told_to(DECIDE | {Role.SUPPORT}, "Set the vault up")


def test_a_plan_waits_for_approval_then_for_its_run(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    house_of_plans.fresh()
    plan = house_of_plans.fresh()  # takes the place of the one before
    assert of_all() == told_to(DECIDE, f"Look at plan {plan.pk} and approve it")
    house_of_plans.approved(plan)
    client = signed_in(somebody(Role.DPO, name="Bo"))
    assert waits(client) == [f"Run plan {plan.pk}"]
    assert jobs.start_run(plan, support.operator())
    assert waits(client) == []  # handed to the worker


def test_where_two_people_are_asked_for_nobody_approves_what_is_their_own(
    database: str, tmp_path: Path
) -> None:
    institution.change_policy(changes={"two_people": True}, by=support.operator(), now=clock.now())
    houses.imported(tmp_path)
    author, other = somebody(Role.DPO, name="Bo"), somebody(Role.DPO, name="Cy")
    plan = house_of_plans.fresh(by=author.operator)
    assert waits(signed_in(author)) == []
    assert waits(signed_in(other)) == [f"Look at plan {plan.pk} and approve it"]
    house_of_plans.approved(plan, by=author.operator)
    assert waits(signed_in(author)) == []
    assert waits(signed_in(other)) == [f"Approve plan {plan.pk}, as the second of two"]
    house_of_plans.approved(plan, by=other.operator)
    assert waits(signed_in(author)) == waits(signed_in(other)) == [f"Run plan {plan.pk}"]


def test_a_plan_that_is_too_old_or_strikes_nobody_waits_for_nothing(
    database: str, tmp_path: Path
) -> None:
    houses.imported(tmp_path)
    plan = house_of_plans.fresh()
    client = signed_in(somebody(Role.DPO, name="Bo"))
    assert len(waits(client)) == 1
    plan.created_at = clock.now() - 31 * DAY
    plan.save()
    assert waits(client) == []
    assert (
        support.run(house_of_plans.approved(house_of_plans.fresh()), now=clock.now()).state
        == "done"
    )
    strikes_nobody = house_of_plans.fresh()
    assert strikes_nobody.totals["outcomes"]["keep"] == strikes_nobody.totals["contacts"] == 7
    assert waits(client) == []


def test_a_brake_on_size_is_for_whoever_may_lift_it(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    institution.change_policy(changes={"largest_share": 1}, by=support.operator(), now=clock.now())
    plan = house_of_plans.approved(house_of_plans.fresh())
    assert of_all() == {
        Role.DPO: [f"Plan {plan.pk} cannot run"],
        Role.ADMINISTRATOR: [f"Decide about plan {plan.pk}"],
        Role.MARKETER: [], Role.OPERATOR: [], Role.SUPPORT: [],
    }  # fmt: skip


def test_a_plan_made_by_hand_waits_too(database: str, tmp_path: Path) -> None:
    houses.imported(tmp_path)
    plan = support.forgotten("prospect", now=clock.now())
    assert waits(signed_in(somebody(Role.DPO, name="Bo"))) == [
        f"Look at plan {plan.pk} and approve it"
    ]


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (RunState.PAUSED, "Resume or cancel run {}"),
        (RunState.RUNNING, "Resume run {}"),
        (RunState.INCOMPLETE, "Look at run {}"),
        (RunState.DONE, None),
        (RunState.CANCELLED, None),
    ],
)
def test_a_run_that_stands_still_waits(
    state: RunState, what: str | None, database: str, tmp_path: Path
) -> None:
    houses.imported(tmp_path)
    run = support.run(house_of_plans.approved(house_of_plans.fresh()), now=clock.now())
    Run.objects.update(state=state)
    assert of_all() == told_to(DECIDE if what else set(), (what or "").format(run.pk))


def test_an_incomplete_run_waits_no_longer_once_a_later_one_is_done(
    database: str, tmp_path: Path
) -> None:
    houses.imported(tmp_path)
    first = support.run(house_of_plans.approved(house_of_plans.fresh()), now=clock.now())
    Run.objects.filter(pk=first.pk).update(state=RunState.INCOMPLETE)
    client = signed_in(somebody(Role.DPO, name="Bo"))
    assert waits(client) == [f"Look at run {first.pk}"]
    support.import_folder(house(contact("late")).write_csv(tmp_path / "late"))
    assert (
        support.run(house_of_plans.approved(house_of_plans.fresh()), now=clock.now()).state
        == "done"
    )
    assert waits(client) == []


def test_residue_is_judged_by_those_who_decide(database: str) -> None:
    for row, done in (("7", "listed"), ("8", "shared"), (None, "listed"), ("9", "redacted")):
        Finding.objects.create(
            run_number=4, kind="name", table_name="contacts_note", column_name="text", row=row,
            done=done, count=1,
        )  # fmt: skip
    assert of_all() == told_to(DECIDE, "Judge 2 texts that run 4 left")


def failing(user: User) -> Batch:
    batch = batches.create(
        schedule="0 3 * * *", told=[user.operator], by=user.operator, now=clock.now()
    )
    for days, outcome in ((2, Outcome.SIMULATED), (1, Outcome.FAILED)):
        at = clock.now() - days * DAY
        BatchStart.objects.create(
            batch=batch, due_at=at, started_at=at, mode=Mode.SIMULATION, months=36,
            by=user.operator, ended_at=at, outcome=outcome,
        )  # fmt: skip
    return batch


def test_a_batch_that_failed_when_it_was_due_last(database: str) -> None:
    batch = failing(somebody(Role.ADMINISTRATOR, name="Bo"))
    assert of_all() == told_to(PLAN, "A batch failed")
    BatchStart.objects.create(
        batch=batch, due_at=clock.now(), started_at=clock.now(), mode=Mode.SIMULATION, months=36,
        by=batch.changed_by, ended_at=clock.now(), outcome=Outcome.SIMULATED,
    )  # fmt: skip
    assert waits(signed_in(somebody(Role.SUPPORT, name="Cy"))) == []


def test_holds_that_end_soon(database: str, tmp_path: Path) -> None:
    today = houses.today()
    ends = {"past": -1, "today": 0, "soon": 14, "later": 15}
    rows = [contact(name, created_at=houses.months_ago(1)) for name in [*ends, "open-ended"]]
    holds = [Hold(contact_number=n, reason="legal", until=today + d * DAY) for n, d in ends.items()]
    support.import_folder(
        house(*rows, *holds, Hold(contact_number="open-ended", reason="legal")).write_csv(
            tmp_path / "h"
        )
    )
    assert of_all() == told_to(DECIDE, "2 holds end within two weeks")


def test_keys_of_the_vault_that_are_overdue_or_expire_soon(database: str) -> None:
    today = houses.today()

    def key(days: int, **more: object) -> None:
        VaultKey.objects.create(
            pk=uuid4(),
            made_at=clock.now(),
            expires_on=today + days * DAY,
            wrapped_digest="x",
            **more,
        )

    key(15)
    key(-3, destroyed_at=clock.now())
    assert of_all() == told_to(set(), "")
    key(14)
    client = signed_in(somebody(Role.SUPPORT, name="Bo"))
    [soon] = waits(client)
    assert soon.startswith("The vault loses something for good on ")
    key(-1)
    assert waits(client) == ["Keys of the vault are overdue", soon]
