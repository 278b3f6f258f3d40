"""Approving a plan and starting its run: what cannot be undone.

What could go wrong, and what prevents it:

- Somebody presses twice, goes back, or has two tabs: an approval and a run are there once, and whoever asks
  again is told so.
- Somebody else was faster: what is shown has changed, so nothing is done and the page is shown anew.
- Somebody decides on what they did not look at: the number must be typed, and who it is is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.plans import shown
from fadeout.console.plans.forms import ApproveForm, StartForm
from fadeout.console.plans.views import found
from fadeout.plans import operations, queries
from fadeout.runs import approving, brakes
from fadeout.runs import operations as runs
from fadeout.runs import queries as run_queries
from fadeout.runs.approving import NotNow
from fadeout.runs.brakes import LIFTABLE, Lifting
from fadeout.worker import jobs

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Desk, Request
    from fadeout.plans.models import Plan


@needs(Permission.APPROVE, irreversible=True)
def approve(request: Request, number: int) -> HttpResponse:
    """Somebody answers for a plan that they looked at."""
    plan, desk = found(number), request.desk
    against = approving.why_not(plan, by=desk.operator, today=desk.today, now=desk.now)
    if against is NotNow.APPROVED_BY_YOU:
        messages.info(request, _("You approved this plan already."))
        return redirect("plan", number=plan.pk)
    if against is not None:
        status = 409 if request.method == "POST" else 200
        return _approval_page(request, plan, None, status, against=shown.NOT_NOW[against])
    given = queries.approvals(plan)
    expected = queries.struck_by(plan)
    if request.method != "POST":
        form = ApproveForm(initial={"seen": len(given)}, expected=expected)
        return _approval_page(request, plan, form, 200)
    form = ApproveForm(request.POST, expected=expected)
    if not form.is_valid():
        return _approval_page(request, plan, form, 422)
    if form.cleaned_data["seen"] != len(given):
        form = ApproveForm(initial={"seen": len(given)}, expected=expected)
        return _approval_page(request, plan, form, 409, meanwhile=shown.who(given[-1].approved_by))
    operations.approve(
        plan=plan,
        by=desk.operator,
        typed=form.cleaned_data["typed"],
        today=desk.today,
        now=desk.now,
    )
    messages.success(request, _("You approved this plan."))
    return redirect("plan", number=plan.pk)


def _approval_page(
    request: Request, plan: Plan, form: ApproveForm | None, status: int, **more: Any
) -> HttpResponse:
    told = _told(plan, request.desk) | {"form": form, **more}
    return render(request, "plans/approve.html", told, status=status)


@needs(Permission.RUN, irreversible=True)
def start(request: Request, number: int) -> HttpResponse:
    """Queue the run of an approved plan for the worker."""
    plan, desk = found(number), request.desk
    run = run_queries.of_plan(plan)
    if run is not None:
        messages.info(request, _("The run of this plan has begun already."))
        return redirect("run", number=run.pk)
    if jobs.is_about_to_run(plan):
        messages.info(request, _("The run of this plan waits for the worker already."))
        return redirect("plan", number=plan.pk)
    held = brakes.why_not(plan, now=desk.now)
    lifts = bool(held) and _may_lift(request, held)
    if held and not lifts:
        return _start_page(request, plan, None, 409 if request.method == "POST" else 200)
    form = StartForm(
        request.POST if request.method == "POST" else None,
        expected=queries.struck_by(plan), asks_recovery=True, asks_reason=lifts,
        has_vault=desk.has_vault,
    )  # fmt: skip
    if not form.is_valid():
        return _start_page(request, plan, form, 422 if form.is_bound else 200)
    lifting = Lifting(form.cleaned_data["reason"], desk.operator) if lifts else None
    without_recovery = form.cleaned_data["recovery"] == "without"
    runs.require_recovery(plan, None, desk.keyring(), without_recovery=without_recovery)
    is_new = jobs.start_run(
        plan, desk.operator, now=desk.now, lifting=lifting, without_recovery=without_recovery
    )
    if not is_new:
        messages.info(request, _("The run of this plan waits for the worker already."))
    return redirect("plan", number=plan.pk)


def _may_lift(request: Request, held: list[brakes.Held]) -> bool:
    return request.user.may(Permission.LIFT_BRAKES) and all(h.brake in LIFTABLE for h in held)


def _start_page(request: Request, plan: Plan, form: StartForm | None, status: int) -> HttpResponse:
    told = _told(plan, request.desk) | {"form": form, "has_vault": request.desk.has_vault}
    return render(request, "plans/start.html", told, status=status)


def _told(plan: Plan, desk: Desk) -> dict[str, Any]:
    """Where the plan stands, and what the form says of what will happen."""
    outcomes = queries.totals(plan)["outcomes"]
    return shown.standing(plan, desk) | {
        "plan": plan,
        "struck": queries.struck_by(plan),
        "deleted": outcomes["delete"],
        "anonymised": outcomes["anonymise"],
        "newer": queries.newer_by_rule(plan),
    }


@needs(Permission.RUN)
@require_POST
def withdraw(request: Request, number: int) -> HttpResponse:
    """Take a run that has not begun out of the queue."""
    plan = found(number)
    if jobs.withdraw(plan):
        messages.success(request, _("The run was taken back. Nothing was changed."))
        return redirect("plan", number=plan.pk)
    run = run_queries.of_plan(plan)
    if run is None:
        messages.info(request, _("No run of this plan waits."))
        return redirect("plan", number=plan.pk)
    messages.info(request, _("It was too late to take the run back: it has begun."))
    return redirect("run", number=run.pk)
