"""Reads of batches."""

from __future__ import annotations

from datetime import datetime

from fadeout.batches import schedule
from fadeout.batches.models import Batch, BatchStart, Outcome
from fadeout.core import clock
from fadeout.runs.models import Run


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


def latest_starts(batch: Batch, n: int = 20) -> list[BatchStart]:
    """Its latest occurrences, the newest first."""
    return list(batch.starts.select_related("plan").order_by("-due_at")[:n])


def run_of(start: BatchStart) -> Run | None:
    """The run of the plan that an occurrence made, if it came to that."""
    return Run.objects.filter(plan_id=start.plan_id).first() if start.plan_id else None


def failed() -> list[BatchStart]:
    """The last occurrence of each batch that failed when it was due last."""
    last = BatchStart.objects.filter(batch__isnull=False, batch__enabled=True)
    last = last.order_by("batch", "-due_at").distinct("batch")
    return [start for start in last if start.outcome == Outcome.FAILED]
