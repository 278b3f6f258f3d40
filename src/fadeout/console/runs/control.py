"""Pausing, ending and going on with a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.frame.words import RUN_STATES
from fadeout.console.plans import shown as plans
from fadeout.console.plans.forms import StartForm
from fadeout.console.runs import shown
from fadeout.console.runs.views import found
from fadeout.core.errors import BadInput
from fadeout.plans import queries as plan_queries
from fadeout.runs import brakes, control, operations, remains
from fadeout.runs.brakes import LIFTABLE
from fadeout.runs.control import ENDED
from fadeout.runs.models import Run, RunState, Wish
from fadeout.runs.queries import state_in_words
from fadeout.worker import jobs

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request


@needs(Permission.RUN)
@require_POST
def pause(request: Request, number: int) -> HttpResponse:
    """Let the run pause after the chunk at hand."""
    run = found(number)
    try:
        control.pause(run, now=request.desk.now, by=request.desk.operator)
    except BadInput:
        _tell_that_it_ended(request, run)
    return redirect("run", number=run.pk)


@needs(Permission.RUN, irreversible=True)
def cancel(request: Request, number: int) -> HttpResponse:
    """End the run for good after the chunk at hand."""
    run = found(number)
    if run.state in ENDED or run.wish == Wish.CANCEL:
        _tell_that_it_ended(request, run)
        return redirect("run", number=run.pk)
    if request.method != "POST":
        return render(request, "runs/cancel.html", shown.live(run, request.desk))
    try:
        control.cancel(run, now=request.desk.now, by=request.desk.operator)
    except BadInput:
        _tell_that_it_ended(request, run)
        return redirect("run", number=run.pk)
    jobs.withdraw(run.plan)
    if control.is_settled(run, now=request.desk.now):
        remains.forget_ended(request.desk.tokens())
    return redirect("run", number=run.pk)


@needs(Permission.RUN, irreversible=True)
def resume(request: Request, number: int) -> HttpResponse:
    """Go on with a run that rests; it strikes, so the number is typed again."""
    run, desk = found(number), request.desk
    if run.state in ENDED:
        _tell_that_it_ended(request, run)
        return redirect("run", number=run.pk)
    if jobs.is_about_to_run(run.plan) or state_in_words(run) == RunState.RUNNING:
        messages.info(request, _("The run goes on already."))
        return redirect("run", number=run.pk)
    held = [h for h in brakes.why_not(run.plan, now=desk.now) if h.brake not in LIFTABLE]
    if held:
        return _resume_page(request, run, None, held, 409 if request.method == "POST" else 200)
    form = StartForm(
        request.POST if request.method == "POST" else None,
        expected=plan_queries.struck_by(run.plan),
        asks_recovery=False, asks_reason=False, has_vault=run.has_recovery,
    )  # fmt: skip
    if not form.is_valid():
        return _resume_page(request, run, form, [], 422 if form.is_bound else 200)
    operations.require_recovery(run.plan, run, desk.keyring(), without_recovery=False)
    if not jobs.resume_run(run, desk.operator):
        messages.info(request, _("The run goes on already."))
    return redirect("run", number=run.pk)


def _resume_page(
    request: Request, run: Run, form: StartForm | None, held: list[brakes.Held], status: int
) -> HttpResponse:
    told = shown.live(run, request.desk) | {
        "form": form,
        "brakes": [plans.brake_shown(h) for h in held],
    }
    return render(request, "runs/resume.html", told, status=status)


def _tell_that_it_ended(request: Request, run: Run) -> None:
    run.refresh_from_db()
    if run.wish == Wish.CANCEL:
        messages.info(request, shown.WISHES[Wish.CANCEL])
        return
    state = RUN_STATES[state_in_words(run)]
    messages.info(request, _("The run has ended: it is %(state)s.") % {"state": state})
