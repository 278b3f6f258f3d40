"""Runs an approved plan to its end, from wherever it stands.

What could go wrong, and what prevents it:

- A plan is run that nobody approved, or whose rows are not those approved: refused before the
  first change, by fingerprint, also when a run goes on.
- Two runs at once: one lock for the database (:mod:`fadeout.runs.lock`).
- The process dies at any point: chunks are all or nothing, the plan's rows are the work list, the
  ticket part repeats harmlessly. Running again goes on.
- "Done" is said of something that is not: a run ends with audits that must find nothing, or it
  ends *incomplete*.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, transaction

from fadeout.core import clock, sql
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.erasure import operations as erasure
from fadeout.institution.models import Institution, Operator
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import queries as plan_queries
from fadeout.plans.fingerprint import RowDigest
from fadeout.plans.models import Plan
from fadeout.runs import audits, chunks, lock, queries
from fadeout.runs.models import Chunk, Run, RunState

FIRST_CHUNK = 200
LARGEST_CHUNK = 5_000
AIM_SECONDS = 0.5
TICKET_CHUNK = 5_000
ROUNDS_WITHOUT_PROGRESS = 10
TRIES = 5
RETRIED_STATES = ("40P01", "40001", "55P03")  # deadlock, serialisation, lock not available


@dataclass(frozen=True)
class Progress:
    """How far a run is: contacts done of those to strike, and what it is at."""

    stage: str
    done: int
    total: int


Shown = Callable[[Progress], None]
Clear = Callable[..., tuple[Counter[str], int]]


def run_plan(  # noqa: PLR0913 - who runs what, with which keys, seen by whom
    *,
    plan: Plan,
    house: Institution,
    by: Operator,
    tokens: ErasedTokens,
    now: datetime,
    progress: Shown = lambda _: None,
) -> Run:
    """Strike whoever is on the plan and still due, clear old tickets, audit.

    Returns the run; of a plan that is done already, as it stands.

    Raises:
        BadInput: the plan is not approved.
        DidNotHold: its rows are not those approved, or another run is under way.
    """
    with lock.only_one():
        settle(tokens)
        run = queries.of_plan(plan)
        if run is not None and run.state == RunState.DONE:
            return run
        _refuse_unless_approved(plan, run)
        run = _start_or_go_on(run, plan, by, now)
        setting = chunks.Setting(
            run=run,
            time_zone=house.time_zone,
            tokens=tokens,
            today=clock.local_day(now, house.time_zone),
            now=now,
        )
        _strike_all(setting, progress)
        clear_tickets(setting, progress)
        return _finish(run, house.time_zone, now, progress)


def settle(tokens: ErasedTokens) -> int:
    """Decide the tokens of chunks that a crash left open: did the chunk commit?"""
    return tokens.settle(lambda chunk: Chunk.objects.filter(pk=chunk).exists())


def _refuse_unless_approved(plan: Plan, run: Run | None) -> None:
    if not plan_queries.is_approved(plan):
        raise BadInput(
            f"Plan {plan.pk} is not approved. Nothing was changed.",
            way_out=f"Somebody who looked at it approves it: fadeout approve {plan.pk}",
        )
    if not queries.rows_are_those_approved(plan, run):
        raise DidNotHold(
            f"The rows of plan {plan.pk} are not those that were approved. Nothing was changed.",
            way_out="They were changed, or another run struck some of these contacts since. "
            "Simulate again and approve the new plan.",
        )


def _start_or_go_on(run: Run | None, plan: Plan, by: Operator, now: datetime) -> Run:
    """The figures are those of this start: what was corrected between two starts is no finding."""
    with transaction.atomic():
        if run is not None:
            run.figures_before = audits.figures()
            run.state = RunState.RUNNING
            run.save(update_fields=["figures_before", "state"])
            return run
        return Run.objects.create(
            plan=plan,
            started_at=now,
            started_by=by,
            state=RunState.RUNNING,
            struck_digest=RowDigest().as_list(),
            figures_before=audits.figures(),
        )


def _strike_all(setting: chunks.Setting, progress: Shown) -> None:
    """Round after round over the rows that wait, until none is left or nothing moves any more."""
    total = plan_queries.struck_by(setting.run.plan)
    done = total - queries.standing(setting.run).left
    rounds_without_progress = 0
    while done < total and rounds_without_progress < ROUNDS_WITHOUT_PROGRESS:
        before = done
        progress(Progress("striking", done, total))
        for outcome in in_chunks(setting):
            done += outcome.struck + outcome.requalified
            progress(Progress("striking", done, total))
        rounds_without_progress = 0 if done > before else rounds_without_progress + 1
        if rounds_without_progress:
            time.sleep(0.5)  # whoever holds the remaining contacts may let go
    progress(Progress("striking", done, total))


def in_chunks(setting: chunks.Setting) -> Iterator[chunks.Outcome]:
    """One round over the rows that wait, each chunk sized by how long the one before took."""
    after, size = 0, FIRST_CHUNK
    while (outcome := _with_retries(setting, after, size)).picked:
        yield outcome
        after = outcome.last_row
        size = _next_size(size, outcome)


def _with_retries(setting: chunks.Setting, after: int, size: int) -> chunks.Outcome:
    """A chunk that meets a deadlock or waits too long is tried again, smaller each time.

    A single contact that cannot be had is left for a later round, like one that is locked.
    """
    attempt = 0
    while True:
        try:
            return chunks.strike_next(setting, after=after, limit=size)
        except OperationalError as error:
            if not _may_pass(error):
                raise
            attempt += 1
            if size == 1 and attempt > TRIES:
                return chunks.passed_over(setting, after=after)
            size = max(1, size // 4)
            time.sleep(min(0.1 * attempt, 1.0))


def _may_pass(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in RETRIED_STATES


def _next_size(size: int, outcome: chunks.Outcome) -> int:
    """So many that the next chunk takes about half a second; at most twice as many as before."""
    if outcome.seconds <= 0:
        return size
    aim = int(outcome.picked * AIM_SECONDS / outcome.seconds)
    return max(1, min(aim, size * 2, LARGEST_CHUNK))


def clear_tickets(setting: chunks.Setting, progress: Shown) -> None:
    """The ticket part: what people typed on lines and orders that are older than the cutoff.

    Round after round, since somebody may hold a line for a moment; the audits tell what is left.
    """
    cutoff = setting.run.plan.cutoff
    for _ in range(ROUNDS_WITHOUT_PROGRESS):
        _clear_round(setting, progress)
        progress(Progress("looking for old tickets", 0, 0))
        with transaction.atomic():
            if not erasure.count_expired(cutoff=cutoff, time_zone=setting.time_zone):
                return
        time.sleep(0.5)


def _clear_round(setting: chunks.Setting, progress: Shown) -> None:
    cleared = 0
    for clear in (erasure.clear_expired_lines, erasure.clear_expired_orders):
        after = 0
        while True:
            progress(Progress("clearing tickets", cleared, 0))
            removed, after = _clear_next(setting, clear, after)
            if after == 0:
                break
            cleared += removed.total()


def _clear_next(setting: chunks.Setting, clear: Clear, after: int) -> tuple[Counter[str], int]:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                sql.execute(chunks.SETTINGS)
                removed, last = clear(
                    cutoff=setting.run.plan.cutoff,
                    time_zone=setting.time_zone,
                    after=after,
                    limit=max(1, TICKET_CHUNK // attempt**2),
                )
                chunks.add_removed(setting.run, removed)
                return removed, last
        except OperationalError as error:
            if not _may_pass(error):
                raise
            time.sleep(0.2 * attempt)
    return Counter(), 0  # the audits tell what is left


def _finish(run: Run, time_zone: str, now: datetime, progress: Shown) -> Run:
    progress(Progress("auditing", 0, 0))
    run.refresh_from_db()
    with transaction.atomic():
        run.audits = audits.audit(run, time_zone)
        holds = not Counter(run.audits).total()
        run.state = RunState.DONE if holds else RunState.INCOMPLETE
        run.ended_at = now
        run.save(update_fields=["audits", "state", "ended_at"])
    return run
