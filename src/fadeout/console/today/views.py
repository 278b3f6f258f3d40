"""The first page: where the house stands, by its last plan and its last run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.frame.words import RUN_STATES
from fadeout.institution import queries as institution
from fadeout.plans import queries as plans
from fadeout.runs import queries as runs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request


@needs(Permission.SEE_TODAY)
def today(request: Request) -> HttpResponse:
    """Where the house stands today."""
    shown = {
        "today": request.desk.today,
        "months": institution.policy_in_force().months,
        "plan": _last_plan(),
        "run": _last_run(),
    }
    return render(request, "today/today.html", shown)


def _last_plan() -> dict[str, Any] | None:
    plan = plans.latest_by_rule()
    if plan is None:
        return None
    outcomes = plans.totals(plan)["outcomes"]
    return {
        "number": plan.pk,
        "made_at": plan.created_at,
        "as_of": plan.as_of,
        "cutoff": plan.cutoff,
        "struck": plans.struck_by(plan),
        "deleted": outcomes["delete"],
        "anonymised": outcomes["anonymise"],
        "contacts": plan.totals["contacts"],
        "approvals": len(plans.approvers(plan)),
    }


def _last_run() -> dict[str, Any] | None:
    run = runs.latest()
    if run is None:
        return None
    standing = runs.standing(run)
    return {
        "number": run.pk,
        "plan": run.plan_id,
        "state": RUN_STATES[standing.state],
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "standing": standing,
    }
