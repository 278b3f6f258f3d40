"""Carries out an occurrence of a batch: simulates, and where an administrator let it, approves and runs.

What could go wrong, and what prevents it:

- The worker dies at any point: plan and occurrence are stored together, the run goes on from where it
  stands; done again, nothing is done twice.
- A batch runs in the name of somebody who left, or may not let it any more: it is looked at each time.
- Somebody stopped the batch while this occurrence waited for the worker or for another run: nothing is run.
- It strikes more than anybody meant: the brakes hold as they do for everybody, and are never lifted here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from fadeout.accounts import queries as accounts
from fadeout.accounts.permissions import Permission
from fadeout.batches import operations
from fadeout.batches.models import BatchStart, Mode, Outcome
from fadeout.core import clock
from fadeout.institution import queries as institution
from fadeout.institution.models import Institution
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.runs import brakes, queries
from fadeout.runs import operations as runs
from fadeout.runs.brakes import Brake
from fadeout.runs.control import Control
from fadeout.runs.models import Run, RunState
from fadeout.vault.keyring import Keyring

NOT_SET_UP = "vault_not_set_up"
ADMINISTRATOR_LEFT = "administrator_left"
STOPPED = "batch_stopped"
ENDS = {
    RunState.DONE: Outcome.DONE,
    RunState.INCOMPLETE: Outcome.INCOMPLETE,
    RunState.CANCELLED: Outcome.CANCELLED,
    RunState.PAUSED: Outcome.PAUSED,
}


@dataclass(frozen=True)
class Means:
    """What it takes to carry something out: house, keys, and whoever may stop it."""

    house: Institution
    tokens: ErasedTokens
    keyring: Keyring
    control: Control = field(default_factory=Control)


def carry_out(start: BatchStart, *, means: Means, now: datetime) -> BatchStart:
    """Bring an occurrence to its end, from wherever it stands.

    Returns it: without an outcome if the worker goes down meanwhile; then the same is to be called again.

    Raises:
        DidNotHold: another run is under way, or something does not hold.
    """
    if start.outcome is not None:
        return start
    plan = _plan(start, means, now)
    if start.mode == Mode.SIMULATION:
        return operations.end(start, Outcome.SIMULATED, now=now)
    run = queries.of_plan(plan)
    if run is None:
        refused = _refused(start, plan, means, now)
        if refused is not None:
            return refused
    elif queries.was_asked_to_stop(run):
        return _ended_as(start, run, now)
    run = runs.run_plan(
        plan=plan,
        house=means.house,
        by=start.by,
        tokens=means.tokens,
        keyring=means.keyring,
        now=now,
        control=means.control,
    )
    if run.state == RunState.PAUSED and not queries.was_asked_to_stop(run):
        return start
    return _ended_as(start, run, now)


def _ended_as(start: BatchStart, run: Run, now: datetime) -> BatchStart:
    return operations.end(start, ENDS.get(RunState(run.state), Outcome.PAUSED), now=now)


@transaction.atomic
def _plan(start: BatchStart, means: Means, now: datetime) -> Plan:
    """The plan of this occurrence; simulated and kept in one transaction, so that there is but one."""
    locked = BatchStart.objects.select_for_update().get(pk=start.pk)
    if locked.plan is None:
        locked.plan = plans.simulate(
            house=means.house,
            policy=institution.policy_in_force(),
            by=start.by,
            as_of=clock.local_day(now, means.house.time_zone),
            months=start.months,
            now=now,
        )
        locked.save(update_fields=["plan"])
    start.plan = locked.plan
    return locked.plan


def _refused(start: BatchStart, plan: Plan, means: Means, now: datetime) -> BatchStart | None:
    """Approve it, unless nobody answers for it any more; and see what holds it."""
    if not accounts.may(start.by, Permission.SWITCH_TO_REAL):
        return operations.end(start, Outcome.FAILED, now=now, failure=ADMINISTRATOR_LEFT)
    if not operations.still_lets(start):
        return operations.end(start, Outcome.FAILED, now=now, failure=STOPPED)
    if means.keyring.recipient() is None:
        return operations.end(start, Outcome.FAILED, now=now, failure=NOT_SET_UP)
    if start.by_id not in plan_queries.approvers(plan):
        today = clock.local_day(now, means.house.time_zone)
        typed = plan_queries.struck_by(plan)
        plans.approve(plan=plan, by=start.by, typed=typed, today=today, now=now)
    held = [h.brake for h in brakes.why_not(plan, now=now)]
    if not held:
        return None
    outcome = Outcome.WAITS if held == [Brake.APPROVED_BY_AUTHOR] else Outcome.HELD
    return operations.end(start, outcome, now=now, held=held)
