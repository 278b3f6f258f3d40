"""How many contacts are due, when the others fall due, how long all have been silent: counted and kept.

What could go wrong, and what prevents it:

- A page decides for itself, and takes ten seconds at a million contacts: pages read what was counted last.
- Figures of the page and of a plan differ: both are counted from rows of the one statement that decides,
  by the same statement; a simulation as of today keeps what it counted here too.
- Somebody takes old figures for new ones: they tell their day, and whether contacts were imported or
  struck since. Such changes are numbered. Whoever counts notes the number before it reads, so that a change
  which was committed meanwhile makes what it counted outdated, rather than be overlooked.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from fadeout.core import clock, sql
from fadeout.institution.models import Institution, PolicyVersion
from fadeout.plans.models import Outlook, Plan
from fadeout.policy import periods
from fadeout.policy.outcomes import Outcome
from fadeout.recency import operations as kept_recency
from fadeout.recency.queries import Question, statement

LONGEST_FORECAST = 1_200  # months; beyond that, only those in which somebody falls due
LAST_MONTH = 9999 * 12 + 11  # December 9999, counted in months
FALLS_DUE, ACTIVE = "falls_due", "active"
#: Kept as long as it is counted: the recencies are kept from the same rows.
COUNTED = "CREATE TEMPORARY TABLE counted ON COMMIT DROP AS"
DECISION = "SELECT contact_id, outcome, recency_on, activity, reasons FROM decision"
OF_COUNTED = "WITH decision AS (SELECT * FROM counted)\n"
OF_PLAN = (
    "WITH decision AS (SELECT recency_on, outcome, reasons FROM plans_plan_row"
    " WHERE plan_id = %(plan)s)\n"
)

#: Recency, what becomes of such contacts, how many.
Counted = Iterable[tuple[date, str, int]]


@dataclass(frozen=True)
class Silence:
    """Contacts whose last activity lies in one month: active still, due, or silent and kept for a reason."""

    active: int = 0
    due: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Figures:
    """What was counted.

    ``forecast`` holds, by month (YYYY-MM), those that fall due if nothing else happens: from the month
    of the day on to the last one in which somebody does, a year at least. ``recency`` holds all contacts
    by the month of their last activity.
    """

    deleted: int
    anonymised: int
    forecast: Mapping[str, int]
    recency: Mapping[str, Silence]

    @property
    def due(self) -> int:
        """All that a run would strike."""
        return self.deleted + self.anonymised

    @property
    def kept(self) -> int:
        """All that are silent for too long and stay for a reason."""
        return sum(silence.kept for silence in self.recency.values())

    @property
    def contacts(self) -> int:
        """All on file."""
        return sum(s.active + s.due + s.kept for s in self.recency.values())


@dataclass(frozen=True)
class Seen:
    """Figures, when they were counted, as of which day, by which period; and whether much changed since."""

    figures: Figures
    counted_at: datetime
    as_of: date
    months: int
    is_outdated: bool

    @property
    def cutoff(self) -> date:
        """The day before which the last activity of those due lies."""
        return periods.cutoff(self.as_of, self.months)


def latest() -> Seen | None:
    """What was counted last; None if nothing ever was."""
    kept = Outlook.objects.first()
    if kept is None or not (kept.counted_at and kept.as_of and kept.months):
        return None
    found = dict(kept.figures or {})
    found["recency"] = {month: Silence(**n) for month, n in sorted(found["recency"].items())}
    found["forecast"] = dict(sorted(found["forecast"].items()))
    return Seen(
        figures=Figures(**found), counted_at=kept.counted_at, as_of=kept.as_of, months=kept.months,
        is_outdated=kept.changes != kept.counted_changes,
    )  # fmt: skip


def note_change() -> None:
    """Many contacts may have changed, by the transaction under way: what was counted is outdated."""
    sql.execute(sql.load("plans", "note_change"))


def changes() -> int:
    """The number of the last change that is committed; asked for before anything is counted."""
    kept = Outlook.objects.values_list("changes", flat=True).first()
    return kept or 0


def count_if_due(*, house: Institution, policy: PolicyVersion, now: datetime) -> Seen | None:
    """Count anew if there is a new day, a new period, or a change since; None if there was no need.

    It decides all contacts: some ten seconds at a million.
    """
    today = clock.local_day(now, house.time_zone)
    seen = latest()
    is_same = seen and not seen.is_outdated and (seen.as_of, seen.months) == (today, policy.months)
    if is_same and kept_recency.as_of() is not None:
        return None
    question = Question(as_of=today, months=policy.months, time_zone=house.time_zone)
    before, since = changes(), kept_recency.begin()
    with transaction.atomic():
        sql.plan_large_queries()
        with sql.local_days(house.time_zone):
            decided = statement(chosen=False, tail=DECISION)
            sql.execute(f"{COUNTED} {decided}", question.parameters())
        counted = sql.rows(OF_COUNTED + sql.load("plans", "count_recencies"), {})
        keep(figures_of(counted, question), question, changes=before, now=now)
        kept_recency.keep_all("SELECT contact_id, recency_on, activity FROM counted", since=since)
        sql.execute("DROP TABLE counted")
    return latest()


def count_plan(plan: Plan, question: Question) -> Figures:
    """The figures of a plan whose rows are stored and not struck."""
    counted = OF_PLAN + sql.load("plans", "count_recencies")
    return figures_of(sql.rows(counted, {"plan": plan.pk}), question)


def keep(figures: Figures, question: Question, *, changes: int, now: datetime) -> None:
    """Keep what was counted as the latest; ``changes`` as they were before anything was read."""
    sql.execute(
        sql.load("plans", "keep_outlook"),
        {
            "changes": changes, "now": now, "as_of": question.as_of, "months": question.months,
            "figures": json.dumps(asdict(figures)),
        },
    )  # fmt: skip


def figures_of(counted: Counted, question: Question) -> Figures:
    """What the rows of a decision come to."""
    outcomes: Counter[str] = Counter()
    falling: Counter[date] = Counter()
    recency: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for day, becomes, number in counted:
        outcomes[becomes] += number
        recency[day.isoformat()[:7]][_silence(becomes)] += number
        if becomes == FALLS_DUE:
            falling[day] += number
    return Figures(
        deleted=outcomes[Outcome.DELETE],
        anonymised=outcomes[Outcome.ANONYMISE],
        forecast=_forecast(falling, question),
        recency={month: Silence(**found) for month, found in sorted(recency.items())},
    )


def _silence(becomes: str) -> str:
    if becomes in (Outcome.DELETE, Outcome.ANONYMISE):
        return "due"
    return "active" if becomes in (FALLS_DUE, ACTIVE) else "kept"


def _forecast(falling: Mapping[date, int], question: Question) -> dict[str, int]:
    """Months without anybody are included. Whoever falls due after the year 9999 never does."""
    due: Counter[int] = Counter()
    for recency, number in falling.items():
        with suppress(ValueError):
            day = periods.due_on(recency, question.months)
            due[day.year * 12 + day.month - 1] += number
    first = question.as_of.year * 12 + question.as_of.month - 1
    last = min(max(max(due, default=first), first + 12), LAST_MONTH)
    shown = sorted(due) if last - first > LONGEST_FORECAST else range(first, last + 1)
    return {f"{month // 12:04}-{month % 12 + 1:02}": due[month] for month in shown}
