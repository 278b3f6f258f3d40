"""What must hold after a run. Each audit looks for what must not be there, and finds nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from fadeout.core import sql
from fadeout.erasure import operations as erasure
from fadeout.erasure.operations import Expiry
from fadeout.plans.models import Plan, RowState
from fadeout.policy.outcomes import PlanKind
from fadeout.runs import queries
from fadeout.runs.models import Run

FIGURES = (
    "orders", "lines", "prices", "answers", "payments", "paid", "account_entries", "booked",
)  # fmt: skip
#: With transactions that were begun before the run. What a longer one writes may be found at the end.
PATIENCE_SECONDS = 10.0
LAST_IDS = ("orders", "lines", "answers", "payments", "entries")


def figures(last_ids: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Counts and amounts of what stays, with the last ids they were counted up to."""
    ids = last_ids or _last_ids()
    counted = json.loads(sql.rows(sql.load("runs", "figures"), ids)[0][0])
    return {"last_ids": dict(ids), **counted}


def _last_ids() -> dict[str, int]:
    """The last rows there are now; waits until no earlier one is still being written.

    A row may get its number before these and be committed after them: it would be new at the end of the run.
    """
    ids = dict(zip(LAST_IDS, sql.rows(sql.load("runs", "last_ids"))[0], strict=True))
    give_up = time.monotonic() + PATIENCE_SECONDS
    writing = _writers()
    while (writing := writing & _writers()) and time.monotonic() < give_up:
        time.sleep(0.02)
    return ids


def _writers() -> set[str]:
    return {transaction for (transaction,) in sql.rows(sql.load("runs", "select_writers"))}


def audit(run: Run, time_zone: str) -> dict[str, int]:
    """Audit -> how many findings; all zero when the run did what it should, and nothing else."""
    plan = run.plan
    standing = queries.standing(run)
    left_of_struck = erasure.count_left_of_anonymised()
    before, after = run.figures_before, figures(run.figures_before["last_ids"])
    return {
        "contacts left to strike": standing.left,
        "rows of the plan that are not those approved": int(
            not queries.rows_are_those_approved(plan, run)
        ),
        "rows struck that still say who": plan.rows.filter(
            state=RowState.STRUCK, contact__isnull=False
        ).count(),
        **{f"rows left of anonymised contacts in {t}": n for t, n in left_of_struck.items()},
        **_expired_tickets(plan, time_zone),
        **{f"{name} changed": int(before[name] != after[name]) for name in FIGURES},
    }


class Beside:
    """The audits, made in a session of their own while something else goes on that only reads."""

    def __init__(self, run: Run, time_zone: str, thread: ThreadPoolExecutor) -> None:
        self._run = run
        self._time_zone = time_zone
        self._coming: Future[dict[str, int]] | None = thread.submit(self._in_own_session)

    def begin_again(self) -> None:
        """Something is changed after all: what they found does not count."""
        self._coming = None

    def findings(self) -> dict[str, int]:
        """What they found; raises what they failed with."""
        if self._coming is None:
            return audit(self._run, self._time_zone)
        return self._coming.result()

    def _in_own_session(self) -> dict[str, int]:
        try:
            with transaction.atomic():
                return audit(self._run, self._time_zone)
        finally:
            connections.close_all()


@contextmanager
def beside(run: Run, time_zone: str) -> Iterator[Beside]:
    """Audit while the block goes on; it ends when they have."""
    with ThreadPoolExecutor(1, "audits") as thread:
        yield Beside(run, time_zone, thread)


def _expired_tickets(plan: Plan, time_zone: str) -> dict[str, int]:
    if plan.kind != PlanKind.INACTIVITY:
        return {}  # no such run clears them
    found = erasure.count_expired(Expiry(cutoff=plan.cutoff, time_zone=time_zone))
    return {"expired tickets that still hold what was typed": found}
