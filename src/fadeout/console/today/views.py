"""The first page: where the house stands, and what waits for whoever looks.

It counts nothing: its figures are those that were counted last (:mod:`fadeout.plans.outlook`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.frame.words import PLAN_KINDS
from fadeout.console.plans.shown import run_state
from fadeout.console.today import shown, waiting
from fadeout.institution import queries as institution
from fadeout.plans import outlook
from fadeout.plans import queries as plans
from fadeout.plans.outlook import Seen
from fadeout.policy import periods
from fadeout.runs import queries as runs
from fadeout.worker import jobs

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request


@needs(Permission.SEE_TODAY)
def today(request: Request) -> HttpResponse:
    """Where the house stands today."""
    desk = request.desk
    months = institution.policy_in_force().months
    return render(
        request,
        "today/today.html",
        {
            "today": desk.today,
            "months": months,
            "cutoff": periods.cutoff(desk.today, months),
            **_figures(outlook.latest(), months, desk.today),
            "waits": waiting.items(desk),
            "plan": _last_plan(request),
            "run": _last_run(request),
            "may_simulate": desk.user.may(Permission.SIMULATE),
            "is_simulating": jobs.is_simulating(),
        },
    )


@needs(Permission.SIMULATE)
@require_POST
def simulate(request: Request) -> HttpResponse:
    """Ask the worker for a simulation as of today."""
    desk = request.desk
    if jobs.simulate(desk.operator, now=desk.now):
        messages.success(request, _("The simulation was handed to the worker."))
    else:
        messages.info(request, _("A simulation of today is under way already."))
    return redirect("today")


@needs(Permission.SEE_TODAY)
def simulating(request: Request) -> HttpResponse:
    """Asked by the page while a simulation is under way; once it is over, the page is shown anew."""
    if jobs.is_simulating():
        return render(request, "today/simulating.html", {"is_simulating": True})
    return HttpResponseClientRefresh()


def _figures(seen: Seen | None, months: int, today: Any) -> dict[str, Any]:
    if seen is None:
        return {"seen": None}
    return {
        "seen": seen,
        "is_of_today": seen.as_of == today and seen.months == months and not seen.is_outdated,
        "is_of_policy": seen.months == months,
        "forecast": shown.forecast(seen),
        "recency": shown.recency(seen),
    }


def _last_plan(request: Request) -> dict[str, Any] | None:
    plan = plans.latest_by_rule()
    if plan is None:
        return None
    outcomes = plan.totals["outcomes"]
    return {
        "number": plan.pk,
        "url": _seen_by(request, "plan", plan.pk),
        "made_at": plan.created_at,
        "as_of": plan.as_of,
        "cutoff": plan.cutoff,
        "deleted": outcomes["delete"],
        "anonymised": outcomes["anonymise"],
        "contacts": plan.totals["contacts"],
        "approvals": len(plans.approvers(plan)),
        "is_run": runs.of_plan(plan) is not None,
    }


def _last_run(request: Request) -> dict[str, Any] | None:
    run = runs.latest()
    if run is None:
        return None
    return {
        "number": run.pk,
        "url": _seen_by(request, "run", run.pk),
        "kind": PLAN_KINDS[run.plan.kind],
        "state": run_state(run),
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "standing": runs.last_known(run),
    }


def _seen_by(request: Request, route: str, number: int) -> str | None:
    return reverse(route, args=[number]) if request.user.may(Permission.SEE_PLANS) else None
