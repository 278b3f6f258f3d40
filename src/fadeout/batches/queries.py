"""Reads of batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from fadeout.batches import operations, schedule
from fadeout.batches.models import Batch, BatchStart, Notice, Outcome
from fadeout.core import clock
from fadeout.runs.models import Run

#: More times than this that were missed in a row are not counted one by one.
MOST_MISSED = 100


@dataclass(frozen=True)
class Told:
    """Of those who are told how an occurrence ended: how many were, will be, or could not be."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Occurrence:
    """One time that a batch was due: what came of it, and how many times were missed before it."""

    start: BatchStart
    run: Run | None
    told: Told
    missed: int


def next_times(
    cron: str, time_zone: str, n: int = 5, *, after: datetime | None = None
) -> list[datetime]:
    """The next times in the house's time zone."""
    return schedule.next_times(cron, time_zone, after=after or clock.now(), n=n)


def in_words(cron: str, language: str) -> str:
    """A schedule in the words of a language."""
    return schedule.in_words(cron, language)


def all_batches() -> list[Batch]:
    """Every batch, the oldest first, with who is told and who switched it."""
    found = Batch.objects.select_related("changed_by", "switched_by").prefetch_related("told")
    return list(found.order_by("pk"))


def last_starts(batches: Iterable[Batch]) -> dict[int, BatchStart]:
    """The last occurrence of each batch that had one, by the key of the batch."""
    found = BatchStart.objects.filter(batch__in=list(batches)).order_by("batch", "-due_at")
    return {start.batch_id: start for start in found.distinct("batch") if start.batch_id}


def latest_starts(batch: Batch, n: int = 20) -> list[BatchStart]:
    """Its latest occurrences, the newest first."""
    return list(batch.starts.select_related("plan").order_by("-due_at")[:n])


def latest_occurrences(batch: Batch, *, time_zone: str, n: int = 20) -> list[Occurrence]:
    """Its latest occurrences, the newest first, with what came of each."""
    starts = latest_starts(batch, n + 1)
    runs = {run.plan_id: run for run in Run.objects.filter(plan__in=_plans(starts))}
    told = _told(starts)
    restored = operations.last_restore()
    earliest = max(at for at in (batch.counts_from, restored) if at is not None)
    return [
        Occurrence(
            start=start,
            run=runs.get(start.plan_id) if start.plan_id else None,
            told=told.get(start.pk, Told()),
            missed=_missed(batch, start, before, earliest, time_zone),
        )
        for start, before in zip(starts[:n], [*starts[1:], None], strict=False)
    ]


def overdue(batch: Batch, *, time_zone: str, now: datetime) -> datetime | None:
    """Since when an occurrence is due that no worker has begun; nothing of a batch that stands still."""
    if not batch.enabled:
        return None
    last = batch.starts.order_by("-due_at").values_list("due_at", flat=True).first()
    restored = operations.last_restore()
    since = max(at for at in (batch.counts_from, last, restored) if at is not None)
    times = schedule.next_times(batch.schedule, time_zone, after=since, n=1)
    return next((at for at in times if at <= now), None)


def run_of(start: BatchStart) -> Run | None:
    """The run of the plan that an occurrence made, if it came to that."""
    return Run.objects.filter(plan_id=start.plan_id).first() if start.plan_id else None


def _plans(starts: Sequence[BatchStart]) -> list[int]:
    return [start.plan_id for start in starts if start.plan_id]


def _told(starts: Sequence[BatchStart]) -> dict[int, Told]:
    waiting = Q(sent_at__isnull=True, failure__isnull=True)
    rows = (
        Notice.objects.filter(start__in=starts)
        .values("start")
        .annotate(
            sent=Count("pk", filter=Q(sent_at__isnull=False)),
            waiting=Count("pk", filter=waiting),
            failed=Count("pk", filter=Q(failure__isnull=False)),
        )
        .values_list("start", "sent", "waiting", "failed")
    )
    return {start: Told(*counts) for start, *counts in rows}


def _missed(
    batch: Batch, start: BatchStart, before: BatchStart | None, earliest: datetime, time_zone: str
) -> int:
    """How many times went by unused just before; those under an earlier schedule are not known."""
    since = max(earliest, before.due_at) if before else earliest
    return schedule.count_between(
        batch.schedule, time_zone, since=since, until=start.due_at, most=MOST_MISSED + 1
    )


def failed() -> list[BatchStart]:
    """The last occurrence of each batch that failed when it was due last."""
    last = BatchStart.objects.filter(batch__isnull=False, batch__enabled=True)
    last = last.order_by("batch", "-due_at").distinct("batch")
    return [start for start in last if start.outcome == Outcome.FAILED]
