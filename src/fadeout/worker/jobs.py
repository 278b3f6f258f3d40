"""What the console asks the worker to do. Each call joins the transaction it is made in.

What could go wrong, and what prevents it:

- A double click, or two people at once, queue a thing twice: a queueing lock lets one wait, and one that is
  being done already counts as well.
- What is queued outlives what it was asked for: a run that somebody asked to stop since is left alone.
- A job tells who somebody is: its arguments are numbers of plans, ids of operators and days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from fadeout.batches.models import BatchStart
from fadeout.core import clock
from fadeout.core.errors import BadInput
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator
from fadeout.ledger import check as ledger
from fadeout.ledger.models import Entry, Kind
from fadeout.plans.models import Plan
from fadeout.runs import brakes, lock, operations, queries
from fadeout.runs.brakes import Lifting
from fadeout.runs.control import ENDED
from fadeout.runs.models import Run, RunState

RUN = "run"
SIMULATE = "simulate"
CARRY_OUT = "carry_out"
SEND_CAMPAIGN = "send_campaign"
RENEW = "renew"
WAITING = ("todo", "doing")


@dataclass(frozen=True)
class Simulation:
    """A simulation that was asked for."""

    as_of: date
    months: int
    is_under_way: bool


@transaction.atomic
def start_run(
    plan: Plan,
    by: Operator,
    *,
    now: datetime | None = None,
    lifting: Lifting | None = None,
    without_recovery: bool = False,
) -> bool:
    """Queue the run of an approved plan; False if it is queued or under way already.

    A lifting of brakes is recorded here, with its reason: the job does not carry it. Whether the vault is set
    up, where it is to go with recovery, is asked by whoever holds the keys.

    Raises:
        BadInput: the plan is not approved.
        DidNotHold: another brake holds it, or its run was cancelled.
    """
    now = now or clock.now()
    run = queries.of_plan(plan)
    operations.require_free(plan, run=run, now=now, lifting=lifting)
    if (run is not None and _is_at_work(run)) or _is_queued(RUN, plan=plan.pk):
        return False
    if run is None:
        brakes.record(plan, lifting, now=now)
    return _queue_run(plan, by, without_recovery=without_recovery)


@transaction.atomic
def resume_run(run: Run, by: Operator) -> bool:
    """Queue what goes on with a run; False if that is queued, or the run is under way already.

    Raises:
        BadInput: the run has ended.
    """
    run.refresh_from_db()
    if run.state in ENDED:
        ended = _("Run %(run)s has ended: it is %(state)s.")
        raise BadInput(ended % {"run": run.pk, "state": queries.told_state(run)})
    if _is_at_work(run):
        return False
    return _queue_run(run.plan, by)


@transaction.atomic
def simulate(
    by: Operator,
    *,
    as_of: date | None = None,
    months: int | None = None,
    now: datetime | None = None,
) -> bool:
    """Queue a simulation, as of today and by the period of the policy if not given otherwise.

    False if the same is queued or under way already. The plan is the next one of that operator.
    """
    now = now or clock.now()
    as_of = as_of or clock.local_day(now, institution.current().time_zone)
    months = months or institution.policy_in_force().months
    asked = {"as_of": as_of.isoformat(), "months": months}
    if _is_queued(SIMULATE, **asked):
        return False
    return queue(
        SIMULATE,
        asked | {"by": str(by.public_id), "asked_at": now.isoformat()},
        lock=f"simulate:{as_of}:{months}",
    )


def carry_out(start: BatchStart) -> bool:
    """Queue what an occurrence of a batch does."""
    return queue(CARRY_OUT, {"start": start.pk}, lock=f"batch:{start.pk}")


def send_campaign(campaign: int, *, wait: timedelta | None = None) -> bool:
    """Queue the sending of a campaign, from wherever it stands."""
    return queue(SEND_CAMPAIGN, {"campaign": campaign}, lock=f"campaign:{campaign}", wait=wait)


def renew(renewal: int, by: Operator, *, compares: bool = False) -> bool:
    """Queue the making of a renewal, from wherever it stands, or a simulation to compare with.

    False if something of it is queued or under way already.
    """
    if is_renewing(renewal):
        return False
    arguments = {"renewal": renewal, "by": str(by.public_id), "compares": compares}
    return queue(RENEW, arguments, lock=f"renewal:{renewal}")


def is_renewing(renewal: int) -> bool:
    """Whether a renewal is being made or compared, or is about to be."""
    return _is_queued(RENEW, renewal=renewal)


def is_waiting(plan: Plan) -> bool:
    """Whether a run of this plan is queued and has not begun yet."""
    return ProcrastinateJob.objects.filter(
        status="todo", task_name=RUN, args__plan=plan.pk
    ).exists()


def is_about_to_run(plan: Plan) -> bool:
    """Whether a run of this plan is queued, or a worker has taken it up and not begun yet."""
    found = ProcrastinateJob.objects.filter(
        status__in=WAITING, task_name=RUN, args__plan=plan.pk
    ).values_list("status", "args__since")
    starts = Entry.objects.filter(kind=Kind.RUN_STARTED, facts__plan=plan.pk)
    return any(
        status == "todo" or not starts.filter(number__gt=since).exists() for status, since in found
    )


def waiting_plans() -> set[int]:
    """The plans of which a run is queued, or taken up by a worker."""
    waiting = ProcrastinateJob.objects.filter(status__in=WAITING, task_name=RUN)
    return set(waiting.values_list("args__plan", flat=True))


def simulations() -> list[Simulation]:
    """The simulations that are queued or under way in the worker, the first one first."""
    found = ProcrastinateJob.objects.filter(status__in=WAITING, task_name=SIMULATE).order_by("pk")
    return [
        Simulation(
            date.fromisoformat(args["as_of"]), args["months"], is_under_way=status == "doing"
        )
        for args, status in found.values_list("args", "status")
    ]


def is_simulating() -> bool:
    """Whether a simulation is queued or under way in the worker."""
    return _is_queued(SIMULATE)


@transaction.atomic
def withdraw(plan: Plan) -> bool:
    """Take a run that has not begun yet out of the queue; False if there is none."""
    waiting = ProcrastinateJob.objects.filter(
        status="todo", task_name=RUN, args__plan=plan.pk
    ).values_list("pk", flat=True)
    taken = [app.job_manager.cancel_job_by_id(job, delete_job=True) for job in waiting]
    return any(taken)


def queue(
    task: str, arguments: Mapping[str, Any], *, lock: str, wait: timedelta | None = None
) -> bool:
    """Queue a job; False if one with this lock waits already."""
    options: dict[str, Any] = {"lock": lock, "queueing_lock": lock}
    if wait is not None:
        options["schedule_in"] = {"seconds": wait.total_seconds()}
    try:
        with transaction.atomic():
            app.configure_task(task, **options).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


def _queue_run(plan: Plan, by: Operator, *, without_recovery: bool = False) -> bool:
    asked = {"plan": plan.pk, "by": str(by.public_id), "since": ledger.last_number()}
    if without_recovery:
        asked["without_recovery"] = True
    return queue(RUN, asked, lock=f"plan:{plan.pk}")


def _is_at_work(run: Run) -> bool:
    """Whether somebody works on it, and nobody asked them to stop."""
    run.refresh_from_db(fields=["state", "wish"])
    return run.state == RunState.RUNNING and run.wish is None and lock.is_held()


def _is_queued(task: str, **arguments: Any) -> bool:
    found = ProcrastinateJob.objects.filter(
        status__in=WAITING, task_name=task, args__contains=arguments
    )
    return found.exists()
