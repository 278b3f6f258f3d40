"""What the worker does: jobs of the console, and what comes by itself every minute, hour and day.

What could go wrong, and what prevents it:

- A job is done twice, since a worker died before it could say that it had done it: each one looks first
  at what is there (the run of a plan, the plan of an occurrence, a plan made since it was asked for).
- The worker goes down within a run: the run pauses after the chunk at hand, and a fresh job goes on
  with it when a worker is back. One that a person paused stays so.
- A job fails for a while, as when the database restarts: a fresh job tries again, later and later. Jobs
  that wait again do not use up their tries by it, nor by a worker that goes down.
- Errors quote rows: whatever a job fails with is turned into a code before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import Error, connections, transaction
from procrastinate.contrib.django import app

from fadeout.batches import carrying, notices
from fadeout.batches import operations as batches
from fadeout.batches.carrying import Means
from fadeout.batches.models import BatchStart, Outcome
from fadeout.campaigns import beginning, sending
from fadeout.contacts import attempts
from fadeout.core import clock, environment, logs, paths
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator
from fadeout.links import operations as links
from fadeout.plans import operations as plans
from fadeout.plans import outlook, under_way
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import PlanKind
from fadeout.renewal import operations as renewals
from fadeout.renewal.models import Renewal
from fadeout.runs import brakes, housekeeping, lock, queries, replay
from fadeout.runs import operations as runs
from fadeout.runs.models import RunState
from fadeout.vault import operations as vault
from fadeout.vault.context import Context
from fadeout.worker import failures, jobs, stalled, stopping
from fadeout.worker.failures import Code, JobFailed

#: After the first, second, … try that failed for a reason that may pass.
WAITS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 120, 300, 600, 1_200, 1_800))
#: For another run to end: this is no failure, so it is asked again for as long as it takes.
TURN = timedelta(seconds=15)

Body = Callable[..., None]


def job(name: str, lock_of: Callable[..., str]) -> Callable[[Body], Body]:
    """A job that is tried again while its failure may pass, and leaves a code when it fails."""

    def made(body: Body) -> Body:
        @wraps(body)
        def carried_out(**arguments: Any) -> None:
            tries = arguments.pop("tries", 0)
            told = {
                key: arguments[key] for key in ("plan", "start", "campaign") if key in arguments
            }
            logs.log.info("job_begins", task=name, tries=tries, **told)
            try:
                body(**arguments)
            except Exception as error:
                code = failures.code_of(error)
            else:
                logs.log.info("job_ends", task=name, **told)
                return
            connections.close_all()  # whatever state it was left in
            waits = code == Code.ANOTHER_RUN
            if waits or (failures.may_pass(code) and tries < len(WAITS)):
                wait = TURN if waits else WAITS[tries]
                again = arguments | {"tries": tries if waits else tries + 1}
                jobs.queue(name, again, lock=lock_of(**arguments), wait=wait)
                logs.log.warning("job_waits", task=name, code=code, **told)
                return
            _failed(name, code, arguments)
            logs.log.error("job_failed", task=name, code=code, **told)
            raise JobFailed(code) from None

        app.task(name=name)(carried_out)
        return carried_out

    return made


def _failed(name: str, code: str, arguments: dict[str, Any]) -> None:
    now = clock.now()
    start = BatchStart.objects.filter(pk=arguments.get("start", 0)).first()
    plan = arguments.get("plan") or (start.plan_id if start else None)
    run = queries.of_plan(Plan(pk=plan)) if plan else None
    with transaction.atomic():
        failures.keep(
            name, code, now=now, plan=plan, run=run.pk if run else None,
            batch_start=start.pk if start else None,
        )  # fmt: skip
        if start is not None:
            batches.end(start, Outcome.FAILED, now=now, failure=code)
        if "campaign" in arguments:
            sending.hold(arguments["campaign"], code, now=now)


@job(jobs.RUN, lambda plan, **_: f"plan:{plan}")
def run(*, plan: int, by: str, since: int, without_recovery: bool = False) -> None:
    """Run an approved plan, or go on with its run, which stays with or without recovery as it began."""
    found = Plan.objects.get(pk=plan)
    earlier = queries.of_plan(found)
    if earlier is not None and queries.was_asked_to_stop(earlier, since=since):
        logs.log.info("run_stays_as_it_is", plan=plan, run=earlier.pk)
        return
    _take_turns()
    now = clock.now()
    means = _means()
    ended = runs.run_plan(
        plan=found,
        house=means.house,
        by=_operator(by),
        tokens=means.tokens,
        keyring=means.keyring,
        now=now,
        without_recovery=without_recovery and earlier is None,
        lifting=None if earlier else brakes.recorded_lifting(found, now=now),
        control=means.control,
    )
    logs.log.info("run_ends", plan=plan, run=ended.pk, state=ended.state)
    if ended.state == RunState.PAUSED and not queries.was_asked_to_stop(ended, since=since):
        jobs.queue(jobs.RUN, {"plan": plan, "by": by, "since": since}, lock=f"plan:{plan}")
    elif ended.state in (RunState.DONE, RunState.INCOMPLETE):
        _tidy(found)


@job(jobs.SIMULATE, lambda as_of, months, **_: f"simulate:{as_of}:{months}")
def simulate(*, as_of: str, months: int, by: str, asked_at: str) -> None:
    """Simulate, unless a worker that died did so already."""
    operator, day = _operator(by), date.fromisoformat(as_of)
    done = Plan.objects.filter(
        kind=PlanKind.INACTIVITY, created_by=operator, as_of=day, months=months,
        created_at__gte=datetime.fromisoformat(asked_at),
    )  # fmt: skip
    if done.exists():
        return
    made = plans.simulate(
        house=institution.current(),
        policy=institution.policy_in_force(),
        by=operator,
        as_of=day,
        months=months,
        now=clock.now(),
    )
    logs.log.info("simulated", plan=made.pk)


@job(jobs.CARRY_OUT, lambda start, **_: f"batch:{start}")
def carry_out(*, start: int) -> None:
    """Bring an occurrence of a batch to its end, and tell whoever is to be told."""
    found = BatchStart.objects.select_related("plan", "by").get(pk=start)
    if found.mode == "real":
        _take_turns()
    ended = carrying.carry_out(found, means=_means(), now=clock.now())
    if ended.outcome is None:  # this worker goes down
        jobs.carry_out(found)
        return
    logs.log.info("batch_ends", start=start, outcome=ended.outcome, plan=ended.plan_id)
    if ended.outcome in (Outcome.DONE, Outcome.INCOMPLETE) and ended.plan is not None:
        _tidy(ended.plan)
    send_notices()


@job(jobs.SEND_CAMPAIGN, lambda campaign, **_: f"campaign:{campaign}")
def send_campaign(*, campaign: int) -> None:
    """Send what may be sent of a campaign now, and come again when more may."""
    means = sending.Means(
        house=institution.current(), keys=paths.keys(), is_stopping=stopping.asked.is_set
    )
    again = sending.go_on(campaign, means)
    logs.log.info("campaign_rests", campaign=campaign, comes_again=again is not None)
    if again is not None:
        jobs.send_campaign(campaign, wait=max(again - clock.now(), timedelta()))


@job(jobs.RENEW, lambda renewal, **_: f"renewal:{renewal}")
def renew(*, renewal: int, by: str, compares: bool = False) -> None:
    """Make what is missing of a renewal, or simulate once more to compare."""
    does = renewals.compare if compares else renewals.go_on
    does(
        Renewal.objects.get(pk=renewal),
        house=institution.current(),
        by=_operator(by),
        now=clock.now(),
    )


def periodic(name: str, cron: str) -> Callable[[Body], Body]:
    """What comes by itself: done by one worker, once; whatever fails comes again the next time.

    What cannot be done beside a run is no failure: it waits for the next time.
    """

    def made(body: Body) -> Body:
        @wraps(body)
        def carried_out(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
            try:
                body()
            except Exception as error:
                code = failures.code_of(error)
                if code == Code.ANOTHER_RUN:
                    logs.log.warning("job_waits", task=name, code=code)
                    return
                logs.log.error("job_failed", task=name, code=code)
                raise JobFailed(code) from None

        task = app.task(name=name, queueing_lock=name, lock=name)(carried_out)
        app.periodic(cron=cron)(task)
        return carried_out

    return made


@periodic("retry_stalled", "* * * * * */10")
def retry_stalled() -> None:
    """Give jobs of dead workers to those that live."""
    stalled.retry(now=clock.now())


@periodic("tick", "* * * * *")
def tick() -> None:
    """Begin what is due."""
    now = clock.now()
    with transaction.atomic():
        batches.end_restored(now=now)
        for start in batches.begin_due(time_zone=institution.current().time_zone, now=now):
            logs.log.info("batch_begins", start=start.pk)
            jobs.carry_out(start)
        for campaign in {*(due.pk for due in beginning.due(now=now)), *sending.under_way()}:
            jobs.send_campaign(campaign)


@periodic("count_outlook", "* * * * * 40")
def count_outlook() -> None:
    """Count what is due, where that is of another day or of before an import or a run."""
    if lock.is_held() or under_way.any_is():
        return  # what they change or count is waited for
    counted = outlook.count_if_due(
        house=institution.current(), policy=institution.policy_in_force(), now=clock.now()
    )
    if counted is not None:
        logs.log.info("outlook_counted")


@periodic("send_notices", "* * * * * 30")
def send_notices() -> None:
    """Tell whoever is to be told, and try again what failed."""
    sent = notices.send_waiting(
        url=environment.public_url(),
        time_zone=institution.current().time_zone,
        now=clock.now(),
    )
    if any(vars(sent).values()):
        logs.log.info("notices", **vars(sent))


@periodic("fold_clicks", "* * * * * 20")
def fold_clicks() -> None:
    """Add up what was clicked."""
    if folded := links.fold():
        logs.log.info("clicks_folded", clicks=folded)


@periodic("forget_attempts", "23 * * * *")
def forget_attempts() -> None:
    """Remove what was counted on public pages once its limit is over."""
    if forgotten := attempts.forget(now=clock.now()):
        logs.log.info("attempts_forgotten", attempts=forgotten)


@periodic("expire_vault", "7 * * * *")
def expire_vault() -> None:
    """Destroy what has expired in the vault; every hour, so that a worker that was down makes up for it."""
    now, means = clock.now(), _means()
    today = clock.local_day(now, means.house.time_zone)
    with lock.only_one(patience=0):
        expired = vault.expire(means.keyring, as_of=today, today=today, by=None, now=now)
    replay.drop_outlived(means.tokens, policy=institution.policy_in_force(), today=today)
    if expired.keys or expired.records or expired.missing:
        logs.log.info("vault_expired", **vars(expired))
    if expired.missing:
        failures.keep("expire_vault", Code.KEYS_MISSING, now=now)


@periodic("clean_up", "41 2 * * *")
def clean_up() -> None:
    """Sessions that have expired go, and jobs that failed long ago."""
    call_command("clearsessions")
    stalled.forget_old()


def _means() -> Means:
    context = Context(house=institution.current(), now=clock.now())
    return Means(
        house=context.house,
        tokens=context.tokens(),
        keyring=context.keyring(),
        control=stopping.Attentive(),
    )


def _take_turns() -> None:
    """Rather than hold a thread of the worker up while another run is under way."""
    if lock.is_held():
        raise JobFailedForNow


class JobFailedForNow(JobFailed):
    """Another run is under way."""

    def __init__(self) -> None:
        super().__init__(Code.ANOTHER_RUN)


def _operator(public_id: str) -> Operator:
    return Operator.objects.get(public_id=UUID(public_id))


def _tidy(plan: Plan) -> None:
    """Make room and statistics fresh; a run has ended well also where that fails."""
    if plan.kind == PlanKind.FORGET:
        return
    try:
        housekeeping.tidy()
    except Error as error:
        logs.log.warning("not_tidied", plan=plan.pk, code=failures.code_of(error))
