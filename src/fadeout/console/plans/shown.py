"""Plans in words and figures, for pages."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from fadeout.accounts.permissions import Permission
from fadeout.certificates.words import about
from fadeout.console.charts import months
from fadeout.console.charts.bars import Chart, Series, bar_chart
from fadeout.console.frame.words import FAILURES, PLAN_KINDS, REASONS, RUN_STATES
from fadeout.institution import queries as institution
from fadeout.plans import comparison, queries
from fadeout.policy.outcomes import Outcome, PlanKind
from fadeout.runs import approving, brakes
from fadeout.runs import queries as runs
from fadeout.runs.approving import NotNow
from fadeout.runs.brakes import LIFTABLE, Brake, Held
from fadeout.runs.models import Run
from fadeout.worker import health, jobs
from fadeout.worker.failures import last as last_failure

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.utils.functional import Promise

    from fadeout.console.frame.desk import Desk
    from fadeout.institution.models import Operator, PolicyVersion
    from fadeout.plans.models import Plan
    from fadeout.worker.models import Failure

#: How wide the bar of outcomes is, in units of its drawing.
BAND = 1_000
#: What only another plan helps against.
AGE = (Brake.TOO_OLD, Brake.POLICY_CHANGED)
TAGS = {
    "running": "now", "interrupted": "bad", "paused": "waiting", "cancelled": "", "done": "good",
    "incomplete": "bad",
}  # fmt: skip
STATES = {
    "queued": (gettext_lazy("its run waits for the worker"), "now"),
    "ahead": (gettext_lazy("to look at only"), ""),
    "stale": (gettext_lazy("stale: simulate again"), ""),
    "waits": (gettext_lazy("waits for approval"), "waiting"),
    "second": (gettext_lazy("waits for somebody else's approval"), "waiting"),
    "approved": (gettext_lazy("approved"), "good"),
}


@dataclass(frozen=True)
class State:
    """Where a plan stands, in words; ``tag`` is how it is drawn."""

    code: str
    name: Promise | str
    tag: str


@dataclass(frozen=True)
class BrakeShown:
    """What holds a plan, and what to do."""

    brake: Brake
    why: str
    way_out: str
    is_liftable: bool


def who(operator: Operator) -> str:
    """What an operator is called, as far as that is still known."""
    return operator.name or _("an operator who left")


def run_state(run: Run) -> State:
    """Where a run stands."""
    code = runs.state_in_words(run)
    return State(code, RUN_STATES[code], TAGS[code])


def state_of(
    plan: Plan, *, policy: PolicyVersion, today: date, now: datetime, waiting: Container[int]
) -> State:
    """Where a plan stands: of its run if it has one."""
    run = getattr(plan, "run", None)
    if run is not None:
        return run_state(run)
    code = _code(plan, policy, today, now, is_waiting=plan.pk in waiting)
    return State(code, *STATES[code])


def _code(
    plan: Plan, policy: PolicyVersion, today: date, now: datetime, *, is_waiting: bool
) -> str:
    if is_waiting:
        return "queued"
    if plan.as_of > today:
        return "ahead"
    if brakes.of_age(plan, policy, now):
        return "stale"
    held = brakes.of_approval(plan, policy)
    if not held:
        return "approved"
    return "second" if held[0].brake is Brake.APPROVED_BY_AUTHOR else "waits"


def line(plan: Plan, **known: Any) -> dict[str, Any]:
    """A line of the list of plans."""
    outcomes = plan.totals["outcomes"]
    return {
        "number": str(plan.pk),
        "kind": PLAN_KINDS[plan.kind],
        "made_at": plan.created_at,
        "by": who(plan.created_by),
        "as_of": plan.as_of,
        "months": plan.months,
        "cutoff": plan.cutoff,
        "deleted": outcomes["delete"],
        "anonymised": outcomes["anonymise"],
        "kept": outcomes["keep"],
        "state": state_of(plan, **known),
        "run": getattr(plan, "run", None),
    }


def sheet(plan: Plan, desk: Desk) -> dict[str, Any]:
    """Everything that the page of a plan shows, but its list."""
    totals = queries.totals(plan)
    policy = institution.policy_in_force()
    struck, contacts = queries.struck_by(plan), totals["contacts"]
    known = {"policy": policy, "today": desk.today, "now": desk.now}
    return {
        **line(plan, **known, waiting=jobs.waiting_plans()),
        "plan": plan,
        "is_by_rule": plan.kind == PlanKind.INACTIVITY,
        "is_replay": plan.kind == PlanKind.REPLAY,
        "struck": struck,
        "contacts": contacts,
        "share": 100 * struck / contacts if contacts else 0,
        "largest_share": policy.largest_share,
        "band": _band(totals["outcomes"]),
        "reasons": _reasons(totals["reasons"]),
        "removals": _removals(totals["removals"]),
        "forecast": _forecast(plan),
        "earlier": comparison.before(plan),
        "newer": queries.newer_by_rule(plan) if plan.kind == PlanKind.INACTIVITY else None,
        **standing(plan, desk),
    }


def standing(plan: Plan, desk: Desk) -> dict[str, Any]:
    """Who approved, what holds it, what its run does."""
    run = runs.of_plan(plan)
    is_queued = run is None and jobs.is_about_to_run(plan)
    policy = institution.policy_in_force()
    waiting = {plan.pk} if is_queued else set()
    held = [] if run else brakes.why_not(plan, now=desk.now)
    lifted = brakes.recorded_lifting(plan, now=desk.now) if is_queued else None
    if lifted is not None:
        held = [h for h in held if h.brake not in LIFTABLE]
    state = state_of(plan, policy=policy, today=desk.today, now=desk.now, waiting=waiting)
    if state.code in ("ahead", "stale"):  # nobody's approval would help
        held = [h for h in held if h.brake in AGE]
    return {
        "number": str(plan.pk),
        "state": state,
        "run": run,
        "is_queued": is_queued,
        "can_be_withdrawn": is_queued and jobs.is_waiting(plan),
        "lives": health.look().worker,
        "failure": None if run or is_queued else failure(plan),
        "approvals": [(who(a.approved_by), a.approved_at) for a in queries.approvals(plan)],
        "two_people": policy.two_people,
        "lifted": {"by": who(lifted.by), "reason": lifted.reason} if lifted else None,
        "brakes": [brake_shown(h) for h in held],
        "not_approvable": approving.why_not(plan, by=desk.operator, today=desk.today, now=desk.now),
        "may_run": state.code == "approved" and _may_run(held, desk),
    }


def _may_run(held: list[Held], desk: Desk) -> bool:
    """Whether this user can start it: nothing holds it, or only what this user may lift."""
    if not desk.user.may(Permission.RUN):
        return False
    return all(h.brake in LIFTABLE and desk.user.may(Permission.LIFT_BRAKES) for h in held)


def failure(plan: Plan) -> dict[str, Any] | None:
    """What the worker last failed with over the run of a plan."""
    return failure_shown(last_failure(jobs.RUN, plan=plan.pk))


def failure_shown(failed: Failure | None) -> dict[str, Any] | None:
    """A failure of the worker: when, and what is known of it."""
    if failed is None:
        return None
    return {"at": failed.at, "code": failed.code, "why": FAILURES.get(failed.code)}


def brake_shown(held: Held) -> BrakeShown:
    """A brake, and what to do about it on a page."""
    return BrakeShown(held.brake, held.why, held.on_page, held.brake in LIFTABLE)


NOT_NOW = {
    NotNow.HAS_RUN: gettext_lazy("Its run has begun, so there is nothing to approve any more."),
    NotNow.LOOKS_AHEAD: gettext_lazy(
        "It looks ahead to a day still to come: it can be looked at, not approved."
    ),
    NotNow.TOO_OLD: gettext_lazy("It is too old to be approved. Simulate again."),
    NotNow.POLICY_CHANGED: gettext_lazy(
        "The policy has changed since it was made. Simulate again."
    ),
    NotNow.APPROVED_BY_YOU: gettext_lazy("You approved it already."),
    NotNow.MADE_BY_YOU: gettext_lazy(
        "You made it, and this house asks for two people: somebody else approves it."
    ),
}


def _band(outcomes: dict[str, int]) -> list[dict[str, str]]:
    """The outcomes as pieces of one bar."""
    total = sum(outcomes.values()) or 1
    pieces, x = [], 0.0
    for outcome in (Outcome.KEEP, Outcome.ANONYMISE, Outcome.DELETE):
        width = BAND * outcomes[outcome] / total
        pieces.append({"outcome": outcome.value, "x": f"{x:.2f}", "width": f"{width:.2f}"})
        x += width
    return pieces


def _reasons(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"name": REASONS[code], "count": count} for code, count in counts.items()]


def _removals(rows: dict[str, int]) -> list[dict[str, Any]]:
    return list(removed(rows))


def removed(rows: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Rows by table, the most first, with what the table is about."""
    for table, count in sorted(rows.items(), key=lambda item: (-item[1], item[0])):
        yield {"table": table, "about": about(table), "count": count}


def _forecast(plan: Plan) -> Chart | None:
    """The first two years; nothing of a plan that has no forecast."""
    by_month = queries.totals(plan)["forecast"]
    if not by_month:
        return None
    falling = months.counts(by_month, plan.as_of)
    return bar_chart(
        [months.column(place, month, count) for place, (month, count) in enumerate(falling)],
        [Series(pgettext("contacts", "falls due"))],
        name="forecast",
        title=_("Contacts falling due month by month"),
        about=_("A bar for each month of two years. The table holds every number."),
        head=pgettext("head of a table", "Month"),
        unit=pgettext("head of a table", "Contacts"),
    )
