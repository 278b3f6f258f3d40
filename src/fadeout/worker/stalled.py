"""Jobs of workers that died (kill -9, power): given to those that live.

What could go wrong, and what prevents it:

- A job kills every worker that takes it: it goes back so many times, then it counts as failed.
- The same was queued again meanwhile: two that wait would be one too many, so the stalled one is dropped.
- A worker only slept: what it does is held together by the locks of runs and rows, not by this queue.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fadeout.batches import operations as batches
from fadeout.batches.models import BatchStart, Outcome
from fadeout.core import logs, sql
from fadeout.worker import failures, jobs
from fadeout.worker.failures import Code

#: A worker that gave no sign of life for so long is dead.
SILENT_SECONDS = 30.0
TRIES = 10
KEPT_DAYS = 30
KEPT_TASKS = (jobs.RUN, jobs.SIMULATE, jobs.CARRY_OUT)


def retry(*, now: datetime) -> int:
    """Put stalled jobs back; tells how many."""
    with transaction.atomic():
        found = sql.rows(
            sql.load("worker", "stalled_jobs"),
            {"silent": SILENT_SECONDS, "kept": list(KEPT_TASKS)},
        )
        back = 0
        for job, task, arguments, attempts, is_superfluous in found:
            if is_superfluous:
                _drop(job)
            elif attempts >= TRIES:
                _give_up(job, task, arguments, now)
            else:
                sql.rows(sql.load("worker", "put_back"), {"job": job})
                logs.log.warning("job_put_back", task=task, job=job)
                back += 1
    return back


def forget_old() -> None:
    """Failed jobs of long ago."""
    sql.execute(sql.load("worker", "forget_jobs"), {"days": KEPT_DAYS})


def _drop(job: int) -> None:
    sql.rows(sql.load("worker", "finish"), {"job": job, "status": "aborted", "delete": True})


def _give_up(job: int, task: str, arguments: dict[str, int], now: datetime) -> None:
    sql.rows(sql.load("worker", "finish"), {"job": job, "status": "failed", "delete": False})
    start = BatchStart.objects.filter(pk=arguments.get("start", 0)).first()
    failures.keep(
        task,
        Code.STALLED_TOO_OFTEN,
        now=now,
        plan=arguments.get("plan"),
        batch_start=start.pk if start else None,
    )
    if start is not None:
        batches.end(start, Outcome.FAILED, now=now, failure=Code.STALLED_TOO_OFTEN)
    logs.log.error("job_failed", task=task, job=job, code=str(Code.STALLED_TOO_OFTEN))
