"""Reads of runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import pgettext

from fadeout.core import sql
from fadeout.core.digest import RowDigest
from fadeout.core.errors import BadInput
from fadeout.ledger.models import Entry, Kind
from fadeout.plans import fingerprint
from fadeout.plans.models import Plan, RowState
from fadeout.policy.outcomes import PlanKind
from fadeout.runs import lock
from fadeout.runs.models import Chunk, Override, Progress, Run, RunState, Stage
from fadeout.runs.progress import CHUNKS_OF_PACE, Step, time_left


@dataclass(frozen=True)
class Standing:
    """Where a run stands: rows of its plan by state, struck ones by outcome."""

    state: str
    deleted: int
    anonymised: int
    requalified: int
    left: int
    kept: int

    @property
    def struck(self) -> int:
        """All contacts that were deleted or anonymised."""
        return self.deleted + self.anonymised


@dataclass(frozen=True)
class Seen:
    """How far a run is, as it shows from elsewhere.

    ``stage``, ``done`` and ``total`` are those of its last sign of life (``total`` 0: not known);
    ``left`` counts contacts that wait. ``chunk_seconds`` are those of the last chunks that struck.
    """

    state: str
    stage: str | None
    done: int
    total: int
    seen_at: datetime | None
    chunk_seconds: tuple[float, ...]
    time_left: timedelta | None


def by_number(number: int) -> Run:
    """The run of this number.

    Raises:
        BadInput: there is none.
    """
    run = Run.objects.filter(pk=number).first() if number < 2**63 else None
    if run is None:
        raise BadInput(f"There is no run {number}.", way_out="fadeout status shows the latest.")
    return run


def latest() -> Run | None:
    """The latest run, if there was one."""
    return Run.objects.order_by("-pk").first()


def listed(*, below: int | None = None, limit: int) -> list[Run]:
    """Runs, the newest first, with their plans and who started them."""
    runs = Run.objects.select_related("plan", "started_by").order_by("-pk")
    return list((runs if below is None else runs.filter(pk__lt=below))[:limit])


def struck_by_chunks(runs: Sequence[Run]) -> dict[int, int]:
    """Run -> how many contacts its chunks struck so far."""
    chunks = Chunk.objects.filter(run__in=runs, stage=Stage.STRIKE)
    return dict(chunks.values_list("run").annotate(Sum("rows")))


@dataclass(frozen=True)
class Settled:
    """How many contacts the chunks of a run settled so far: struck, or kept after all."""

    struck: int
    requalified: int


def settled(run: Run) -> Settled:
    """By the accounts of the chunks: cheaper than :func:`standing`, which asks the rows."""
    sums = run.chunks.aggregate(
        struck=Coalesce(Sum("rows", filter=Q(stage=Stage.STRIKE)), 0),
        requalified=Coalesce(Sum("requalified"), 0),
    )
    return Settled(**sums)


def last_chunks(run: Run, limit: int) -> list[Chunk]:
    """The last chunks that struck, in the order in which they were committed."""
    chunks = run.chunks.filter(stage=Stage.STRIKE).order_by("-committed_at", "pk")[:limit]
    return list(chunks)[::-1]


def waiting() -> list[Run]:
    """Runs that somebody has to see to: interrupted, paused, or incomplete; the newest first.

    One that is incomplete no longer waits once a later one of its kind is done.
    """
    later = Run.objects.filter(
        plan__kind=OuterRef("plan__kind"), state=RunState.DONE, pk__gt=OuterRef("pk")
    )
    waits: Any = Q(state=RunState.PAUSED) | Q(state=RunState.INCOMPLETE) & ~Exists(later)
    if not lock.is_held():
        waits |= Q(state=RunState.RUNNING)
    found = Run.objects.filter(waits)
    return list(found.select_related("plan").order_by("-pk"))


def last_known(run: Run) -> Standing | None:
    """Where a run stood when it last stopped or ended, as the ledger has it; None if it never did.

    Reads no rows of plans, of which there may be millions.
    """
    stops = Entry.objects.filter(kind__in=(Kind.RUN_STOPPED, Kind.RUN_ENDED), facts__run=run.pk)
    entry = stops.order_by("-number").first()
    if entry is None:
        return None
    facts = entry.facts
    kept = run.plan.totals["outcomes"]["keep"]
    return Standing(
        state=state_in_words(run), kept=kept,
        **{name: facts[name] for name in ("deleted", "anonymised", "requalified", "left")},
    )  # fmt: skip


def of_plan(plan: Plan) -> Run | None:
    """The run of a plan, if it was started."""
    return Run.objects.filter(plan=plan).first()


def struck_by_last_run() -> int:
    """How many contacts the last run by the rule that struck anybody struck, however it ended.

    0 if none did. Who was named by hand or was back after a restore says nothing of the rule.
    """
    by_rule = Run.objects.filter(plan__kind=PlanKind.INACTIVITY, chunks__rows__gt=0)
    last = by_rule.order_by("-pk").first()
    if last is None:
        return 0
    struck: int = last.chunks.filter(stage=Stage.STRIKE).aggregate(n=Sum("rows"))["n"]
    return struck


def removed(run: Run) -> dict[str, int]:
    """Table -> rows that the run removed or changed so far; one changed twice counts twice."""
    accounts = run.chunks.values_list("removed", flat=True)
    return dict(sum(map(Counter, accounts), Counter()))


def last_change_at(run: Run) -> datetime | None:
    """When the run last changed anything, if it did."""
    at: datetime | None = run.chunks.aggregate(at=Max("committed_at"))["at"]
    return at


def overrides(run: Run) -> list[Override]:
    """Who lifted brakes for this run, and why."""
    return list(Override.objects.filter(plan_id=run.plan_id).select_related("overridden_by"))


def sealed(run: Run | None = None) -> dict[str, RowDigest]:
    """Key of the vault -> what was sealed under it, by one run or by all of them."""
    accounts = Chunk.objects.exclude(sealed={}) if run is None else run.chunks.exclude(sealed={})
    total: dict[str, RowDigest] = {}
    for account in accounts.values_list("sealed", flat=True).iterator():
        for key, parts in account.items():
            total[key] = total.get(key, RowDigest()) + RowDigest.from_list(parts)
    return total


def struck_digest(run: Run) -> RowDigest:
    """The digest of all rows that the run struck so far."""
    digests = run.chunks.values_list("digest", flat=True)
    return sum(map(RowDigest.from_list, digests), RowDigest())


def standing(run: Run) -> Standing:
    """Counts from the rows themselves, so that they are right also after a crash."""
    counts = {
        (outcome, state): count
        for outcome, state, count in sql.rows(
            sql.load("plans", "count_rows"), {"plan": run.plan_id}
        )
    }

    def total(state: str) -> int:
        return sum(count for (_, of), count in counts.items() if of == state)

    return Standing(
        state=state_in_words(run),
        deleted=counts.get(("delete", RowState.STRUCK), 0),
        anonymised=counts.get(("anonymise", RowState.STRUCK), 0),
        requalified=total(RowState.REQUALIFIED),
        left=total(RowState.PENDING),
        kept=total(RowState.KEPT),
    )


def state_in_words(run: Run) -> str:
    """``running`` while somebody works on it; ``interrupted`` when nobody does and it is not done."""
    if run.state == RunState.RUNNING and not lock.is_held():
        return "interrupted"
    return str(run.state)


def told_state(run: Run) -> str:
    """The same in the language of whoever looks."""
    return pgettext("run", state_in_words(run))


def rows_are_those_approved(plan: Plan, run: Run | None) -> bool:
    """Whether rows still there and rows struck together are the rows that were approved.

    Rows kept after all must be as many as the run itself kept.
    """
    requalified = plan.rows.filter(state=RowState.REQUALIFIED).count()
    if requalified != (run.chunks.aggregate(n=Coalesce(Sum("requalified"), 0))["n"] if run else 0):
        return False
    digest = fingerprint.digest_rows(plan.pk)
    if run is not None:
        digest += struck_digest(run)
    return fingerprint.fingerprint(plan, digest) == plan.fingerprint


def database_name() -> str:
    """A name of this very database: a copy of it, or what a restore makes of it, has another."""
    name: str = sql.rows(sql.load("runs", "name_database"))[0][0]
    return name


def progress(run: Run, *, now: datetime) -> Seen:
    """How far a run is, wherever it was started; cheap enough to ask every second or two."""
    steps = _last_steps(run)
    sign = Progress.objects.filter(pk=run.pk).first()
    state = state_in_words(run)
    strikes = sign is not None and sign.stage == "striking"
    left = sign.total - sign.done if sign is not None and strikes else 0
    return Seen(
        state=state,
        stage=sign.stage if sign else None,
        done=sign.done if sign else 0,
        total=sign.total if sign else 0,
        seen_at=sign.seen_at if sign else None,
        chunk_seconds=tuple(step.seconds for step in steps),
        time_left=(
            time_left(steps, left=left, now=now) if strikes and state == RunState.RUNNING else None
        ),
    )


def _last_steps(run: Run) -> list[Step]:
    found = run.chunks.filter(stage=Stage.STRIKE).order_by("-committed_at")[:CHUNKS_OF_PACE]
    steps = [Step(c.committed_at, c.rows + c.requalified, c.seconds) for c in found]
    return steps[::-1]


def was_asked_to_stop(run: Run, *, since: int | None = None) -> bool:
    """Whether somebody asked this run to stop, and it has not begun again since then.

    A worker that goes down pauses its run as well, but nobody asked for that.

    Args:
        run: of which.
        since: only what was asked after this entry of the ledger counts, rather than after its last start.
    """
    entries = Entry.objects.filter(facts__run=run.pk)
    if since is None:
        started = entries.filter(kind=Kind.RUN_STARTED).aggregate(last=Max("number"))["last"]
        since = started or 0
    return entries.filter(kind=Kind.STOP_ASKED, number__gt=since).exists()
