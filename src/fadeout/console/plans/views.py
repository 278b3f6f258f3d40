"""Plans: all of them, one of them, and how a new one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from fadeout.accounts.permissions import Permission
from fadeout.console.frame import numbered
from fadeout.console.frame.access import needs
from fadeout.console.plans import shown
from fadeout.console.plans.forms import SimulateForm
from fadeout.institution import queries as institution
from fadeout.plans import queries
from fadeout.worker import failures, health, jobs

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request
    from fadeout.plans.models import Plan


def found(number: int) -> Plan:
    """The plan of this number.

    Raises:
        Http404: there is none.
    """
    return numbered.found(queries.by_number, number)


@needs(Permission.SEE_PLANS)
@require_safe
def plans(request: Request) -> HttpResponse:
    """All plans, the newest first."""
    page = numbered.page(request, queries.listed)
    known = {
        "policy": institution.policy_in_force(),
        "today": request.desk.today,
        "now": request.desk.now,
        "waiting": jobs.waiting_plans(),
    }
    return render(
        request,
        "plans/plans.html",
        {
            "page": page,
            "plans": [shown.line(plan, **known) for plan in page.rows],
            "may_simulate": request.user.may(Permission.SIMULATE),
            **_being_made(),
        },
    )


@needs(Permission.SEE_PLANS)
@require_safe
def being_made(request: Request) -> HttpResponse:
    """What is being made, for the page of plans to ask again; in the end the page shows what was made."""
    made = _being_made()
    if request.htmx and not made["simulations"]:
        return HttpResponseClientRefresh()
    return render(request, "plans/being_made.html", made)


def _being_made() -> dict[str, Any]:
    simulations = jobs.simulations()
    latest = queries.latest_by_rule()
    failed = failures.last(jobs.SIMULATE, since=latest.created_at if latest else None)
    return {
        "simulations": simulations,
        "lives": health.look().worker if simulations else True,
        "failure": None if simulations else shown.failure_shown(failed),
    }


@needs(Permission.SIMULATE)
def simulate(request: Request) -> HttpResponse:
    """Ask the worker for a simulation; it changes no contact."""
    first = {"as_of": request.desk.today, "months": institution.policy_in_force().months}
    form = SimulateForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("as_of", "months")}
        if not jobs.simulate(request.desk.operator, **asked, now=request.desk.now):
            messages.info(request, _("The same is being simulated already."))
        return redirect("plans")
    status = 422 if form.is_bound else 200
    return render(request, "plans/simulate.html", {"form": form, **_being_made()}, status=status)


@needs(Permission.SEE_PLANS)
@require_safe
def plan(request: Request, number: int) -> HttpResponse:
    """One plan: whom it would strike, why not the others, what goes, where it stands."""
    may = request.user.may
    allowed = {
        "may_approve": may(Permission.APPROVE),
        "may_export": may(Permission.EXPORT_PLANS),
        "may_withdraw": may(Permission.RUN),
    }
    return render(request, "plans/plan.html", shown.sheet(found(number), request.desk) | allowed)


@needs(Permission.SEE_PLANS)
@require_safe
def standing(request: Request, number: int) -> HttpResponse:
    """Where a plan stands whose run is queued; once it began or failed, the page shows that."""
    of_plan = shown.standing(found(number), request.desk)
    if request.htmx and not of_plan["is_queued"]:
        return HttpResponseClientRefresh()
    allowed = {"may_withdraw": request.user.may(Permission.RUN)}
    return render(request, "plans/queued.html", of_plan | allowed)
