"""Batches: what simulates, or runs, by itself; set up, changed, switched, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fadeout.accounts.permissions import Permission
from fadeout.batches import operations, queries
from fadeout.batches.models import Batch, Mode
from fadeout.batches.operations import BatchRefused, Refusal
from fadeout.console.batches import forms, shown
from fadeout.console.batches.forms import BatchForm, RealForm
from fadeout.console.frame.access import needs
from fadeout.core import mail
from fadeout.institution import queries as institution

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request

REFUSED, MEANWHILE = 422, 409


@needs(Permission.SEE_BATCHES)
@require_GET
def batches(request: Request) -> HttpResponse:
    """Every batch, with what is next and what came of the last time."""
    rows = shown.listed(queries.all_batches(), request.desk)
    return render(request, "batches/batches.html", _page(request) | {"rows": rows})


@needs(Permission.SEE_BATCHES)
@require_GET
def batch(request: Request, public_id: UUID) -> HttpResponse:
    """One batch: when, what, who is told, and its last occurrences."""
    found = _found(public_id)
    return render(request, "batches/batch.html", _page(request) | shown.batch(found, request.desk))


@needs(Permission.CHANGE_BATCHES)
@require_GET
def schedule(request: Request) -> HttpResponse:
    """A schedule in words with its next times, while somebody types it."""
    timetable = shown.timetable(request.GET.get("schedule", "")[: forms.MOST_SIGNS], request.desk)
    return render(request, "batches/timetable.html", {"timetable": timetable})


@needs(Permission.CHANGE_BATCHES)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Set a batch up; it simulates."""
    desk = request.desk
    if request.method == "GET":
        initial = forms.new(desk.operator, institution.policy_in_force().months)
        return _form(request, BatchForm(initial=initial, now=desk.now))
    form = BatchForm(request.POST, now=desk.now)
    if "show" in request.POST or not form.is_valid():
        return _form(request, form)
    try:
        made = operations.create(
            **form.given(), public_id=form.cleaned_data["key"], by=desk.operator, now=desk.now
        )
    except BatchRefused as refused:
        if refused.code is Refusal.MADE_ALREADY:
            messages.info(request, _("This batch was made already. It is not made twice."))
            return redirect("batch", form.cleaned_data["key"])
        form.refuse(refused)
        return _form(request, form)
    messages.success(request, _("The batch is set up. It simulates."))
    return redirect("batch", made.public_id)


@needs(Permission.CHANGE_BATCHES)
@require_http_methods(["GET", "POST"])
def change(request: Request, public_id: UUID) -> HttpResponse:
    """Change a batch; it simulates again, whatever it did."""
    desk = request.desk
    if request.method == "GET":
        found = _found(public_id)
        return _form(request, BatchForm(initial=forms.of(found), now=desk.now), found)
    found_or_none = _found_still(public_id)
    if found_or_none is None:
        return _is_gone(request)
    form = BatchForm(request.POST, now=desk.now)
    if "show" in request.POST or not form.is_valid():
        return _form(request, form, found_or_none)
    seen = form.cleaned_data["seen"]
    try:
        operations.change(
            found_or_none, changes=form.given(), by=desk.operator, now=desk.now, seen=seen
        )
    except BatchRefused as refused:
        return _change_refused(request, form, found_or_none, refused)
    messages.success(request, _("The batch is changed. It simulates."))
    return redirect("batch", public_id)


@needs(Permission.SWITCH_TO_REAL, irreversible=True)
@require_http_methods(["GET", "POST"])
def to_real(request: Request, public_id: UUID) -> HttpResponse:
    """Let a batch run for real from now on, in the name of this administrator."""
    desk = request.desk
    found = _found(public_id) if request.method == "GET" else _found_still(public_id)
    if found is None:
        return _is_gone(request)
    if not found.enabled or found.mode == Mode.REAL:
        messages.info(
            request,
            _("It runs for real already.")
            if found.enabled
            else _("The batch is off. Turn it on before you let it run for real."),
        )
        return redirect("batch", public_id)
    form = RealForm(request.POST or None, batch=found)
    if not form.is_valid():
        return _final(request, form, status=REFUSED if form.is_bound else 200)
    try:
        operations.switch(
            found, to_real=True, by=desk.operator, now=desk.now, seen=form.cleaned_data["seen"]
        )
    except BatchRefused as refused:
        if refused.code is Refusal.UNKNOWN:
            return _is_gone(request)
        fresh = RealForm(batch=operations.by_public_id(public_id))
        return _final(request, fresh, status=MEANWHILE, has_changed=True)
    messages.success(request, _("From the next time on, the batch runs for real, in your name."))
    return redirect("batch", public_id)


@needs(Permission.CHANGE_BATCHES)
@require_POST
def to_simulation(request: Request, public_id: UUID) -> HttpResponse:
    """Let a batch simulate again: at once, and without further question."""
    found = _found_still(public_id)
    if found is None:
        return _is_gone(request)
    try:
        operations.switch(found, to_real=False, by=request.desk.operator, now=request.desk.now)
    except BatchRefused as refused:
        if refused.code is Refusal.UNKNOWN:
            return _is_gone(request)
        messages.info(request, _("It simulates already."))
    else:
        messages.success(request, _("The batch simulates again."))
    return redirect("batch", public_id)


@needs(Permission.CHANGE_BATCHES)
@require_http_methods(["GET", "POST"])
def delete(request: Request, public_id: UUID) -> HttpResponse:
    """Ask, then delete a batch; what it simulated and ran stays."""
    if request.method == "GET":
        return render(
            request,
            "batches/delete.html",
            _page(request) | shown.batch(_found(public_id), request.desk),
        )
    found = _found_still(public_id)
    if found is None:
        return _is_gone(request)
    try:
        operations.delete(found, by=request.desk.operator, now=request.desk.now)
    except BatchRefused:
        return _is_gone(request)
    messages.success(request, _("The batch is deleted. What it simulated and ran stays."))
    return redirect("batches")


def _found(public_id: UUID) -> Batch:
    found = _found_still(public_id)
    if found is None:
        raise Http404
    return found


def _found_still(public_id: UUID) -> Batch | None:
    try:
        return operations.by_public_id(public_id)
    except BatchRefused:
        return None


def _is_gone(request: Request) -> HttpResponse:
    messages.info(request, _("Somebody deleted this batch meanwhile. Nothing was changed."))
    return redirect("batches")


def _change_refused(
    request: Request, form: BatchForm, found: Batch, refused: BatchRefused
) -> HttpResponse:
    if refused.code is Refusal.UNKNOWN:
        return _is_gone(request)
    if refused.code is Refusal.NOTHING_CHANGES:
        messages.info(request, _("The batch says that already. Nothing was changed."))
        return redirect("batch", found.public_id)
    if refused.code is Refusal.CHANGED_MEANWHILE:
        now_is = operations.by_public_id(found.public_id)
        typed = request.POST.copy()
        typed["seen"] = now_is.stamp
        again = BatchForm(typed, now=request.desk.now)
        return _form(request, again, now_is, meanwhile=shown.batch(now_is, request.desk))
    form.refuse(refused)
    return _form(request, form, found)


def _form(
    request: Request,
    form: BatchForm,
    found: Batch | None = None,
    meanwhile: dict[str, object] | None = None,
) -> HttpResponse:
    """The form, with the schedule in words; with what the batch says now, if somebody changed it."""
    timetable = shown.timetable(str(form["schedule"].value() or ""), request.desk)
    is_wrong = form.is_bound and "show" not in request.POST and bool(form.errors)
    status = MEANWHILE if meanwhile else REFUSED if is_wrong else 200
    page = _page(request) | {
        "form": form, "batch": found, "timetable": timetable, "meanwhile": meanwhile,
    }  # fmt: skip
    return render(request, "batches/form.html", page, status=status)


def _final(
    request: Request, form: RealForm, *, status: int = 200, has_changed: bool = False
) -> HttpResponse:
    desk = request.desk
    page = _page(request) | shown.batch(form.batch, desk)
    page |= {
        "form": form,
        "policy": institution.policy_in_force(),
        "has_changed": has_changed,
        "has_vault": desk.has_vault,
    }
    return render(request, "batches/real.html", page, status=status)


def _page(request: Request) -> dict[str, object]:
    """What the pages of batches need to know of whoever looks, and of the house."""
    return {
        "may_change": request.user.may(Permission.CHANGE_BATCHES),
        "may_switch": request.user.may(Permission.SWITCH_TO_REAL),
        "time_zone": request.desk.house.time_zone,
        "sends_mail": mail.is_set_up(),
    }
