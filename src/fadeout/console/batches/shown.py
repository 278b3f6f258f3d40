"""Batches as pages show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fadeout.accounts import queries as accounts
from fadeout.accounts.permissions import Permission
from fadeout.batches import queries, schedule
from fadeout.batches.models import Batch, BatchKind, BatchStart, Mode, Outcome
from fadeout.batches.queries import Occurrence
from fadeout.console.batches.words import BRAKES, FAILURES, FAULTS, KINDS, MODES, OUTCOMES
from fadeout.plans import queries as plans
from fadeout.runs.brakes import Brake

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Desk

#: A worker looks every minute; what is due for longer, nobody looks for.
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Timetable:
    """A schedule in words with its next times, or what is wrong with it."""

    words: str = ""
    times: list[datetime] = field(default_factory=list)
    fault: str = ""


def timetable(cron: str, desk: Desk) -> Timetable:
    """What somebody typed as a schedule, in words."""
    try:
        tidy = schedule.check(cron, desk.now)
    except schedule.NotAScheduleError as error:
        return Timetable(fault=str(FAULTS[error.fault]))
    times = queries.next_times(tidy, desk.house.time_zone, after=desk.now)
    return Timetable(words=_in_words(tidy), times=times)


def listed(batches: list[Batch], desk: Desk) -> list[dict[str, Any]]:
    """The rows of the list."""
    last = queries.last_starts(batches)
    return [
        {
            "batch": batch,
            "words": _in_words(batch.schedule),
            "mode": MODES[Mode(batch.mode)],
            "next": _next(batch, desk),
            "last": _start(last[batch.pk]) if batch.pk in last else None,
        }
        for batch in batches
    ]


def batch(found: Batch, desk: Desk) -> dict[str, Any]:
    """All that the page of a batch tells."""
    overdue = queries.overdue(found, time_zone=desk.house.time_zone, now=desk.now)
    told = list(found.told.all())
    occurrences = queries.latest_occurrences(found, time_zone=desk.house.time_zone)
    return {
        "batch": found,
        "kind": KINDS[BatchKind(found.kind)],
        "mode": MODES[Mode(found.mode)],
        "timetable": timetable(found.schedule, desk),
        "told": [operator.name for operator in told if operator.name],
        "told_who_left": sum(operator.name is None for operator in told),
        "is_answered_for": found.switched_by is not None
        and accounts.may(found.switched_by, Permission.SWITCH_TO_REAL),
        "overdue": overdue if overdue and desk.now - overdue > PATIENCE else None,
        "occurrences": [_occurrence(occurrence) for occurrence in occurrences],
        "last_struck": _last_struck(occurrences),
    }


def _in_words(cron: str) -> str:
    return queries.in_words(cron, (get_language() or "en")[:2])


def _next(found: Batch, desk: Desk) -> datetime | None:
    if not found.enabled:
        return None
    times = queries.next_times(found.schedule, desk.house.time_zone, n=1, after=desk.now)
    return times[0] if times else None


def _start(start: BatchStart) -> dict[str, Any]:
    state, look = OUTCOMES[Outcome(start.outcome)] if start.outcome else (_("under way"), "now")
    return {"start": start, "state": state, "look": look, "why": _why(start)}


def _why(start: BatchStart) -> list[str]:
    """Why it did not come to its good end."""
    held = [str(BRAKES[Brake(brake)]) for brake in start.held]
    if start.failure is None:
        return held
    unknown = _("It could not be done (%(code)s). The log of the worker tells more.")
    return [*held, str(FAILURES.get(start.failure, unknown % {"code": start.failure}))]


def _occurrence(occurrence: Occurrence) -> dict[str, Any]:
    return {
        **_start(occurrence.start),
        "mode": MODES[Mode(occurrence.start.mode)],
        "run": occurrence.run,
        "told": occurrence.told,
        "missed": occurrence.missed,
        "too_many_missed": occurrence.missed > queries.MOST_MISSED,
        "most_missed": queries.MOST_MISSED,
    }


def _last_struck(occurrences: list[Occurrence]) -> dict[str, Any] | None:
    """What the latest plan of this batch would have struck."""
    for occurrence in occurrences:
        plan = occurrence.start.plan
        if plan is not None:
            return {
                "plan": plan.pk, "at": plan.created_at, "struck": plans.struck_by(plan),
                "contacts": plan.totals["contacts"],
            }  # fmt: skip
    return None
