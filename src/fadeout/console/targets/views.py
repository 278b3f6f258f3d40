"""Targets: who is in them, why somebody is, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fadeout.accounts.permissions import Permission
from fadeout.console.frame import sought
from fadeout.console.frame.access import needs
from fadeout.console.targets import shown
from fadeout.console.targets.forms import NameForm, NumberForm
from fadeout.targets import explaining, export, operations, queries
from fadeout.targets.refusals import Refusal, TargetRefused

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request
    from fadeout.targets.models import Target

REFUSED = 422
WHY = "target_why"


@needs(Permission.SEE_AUDIENCE)
@require_GET
def targets(request: Request) -> HttpResponse:
    """Every target, and what it asks."""
    rows = shown.listed(queries.all_targets())
    return render(request, "targets/targets.html", _page(request) | {"rows": rows})


@needs(Permission.SEE_AUDIENCE)
@require_GET
def target(request: Request, public_id: UUID) -> HttpResponse:
    """What a target asks, how many contacts are in it, and a few of them."""
    found = found_or_404(public_id)
    return render(request, "targets/target.html", _about(request, found, NumberForm()))


@needs(Permission.EXPLAIN_TARGETS)
@require_http_methods(["GET", "POST"])
def why(request: Request, public_id: UUID) -> HttpResponse:
    """Whether a contact is in, and why. Its number is kept in the session, as it is in no address."""
    found, form = found_or_404(public_id), NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sought.keep(request, WHY, form.cleaned_data)
        return redirect("target_why", public_id)
    if form.is_bound:
        return render(request, "targets/target.html", _about(request, found, form), status=REFUSED)
    typed = sought.kept(request, WHY)
    contact = queries.on_file(str(typed.get("number", "")))
    told = contact and explaining.why(found, contact, *_when(request))
    page = _page(request) | {
        "target": found, "typed": typed.get("number", ""), "why": told,
        "contact": contact if request.user.may(Permission.FIND_CONTACTS) else None,
        "form": NumberForm(initial=typed),
    }  # fmt: skip
    return render(request, "targets/why.html", page)


@needs(Permission.EDIT_TARGETS)
@require_http_methods(["GET", "POST"])
def freeze(request: Request, public_id: UUID) -> HttpResponse:
    """Make a target of whoever is in this one now."""
    found = found_or_404(public_id)
    form = NameForm(request.POST or None, initial={"key": uuid4()})
    if form.is_bound and form.is_valid():
        try:
            made = operations.freeze(
                found, name=form.cleaned_data["name"], by=request.desk.operator,
                now=request.desk.now, time_zone=request.desk.house.time_zone,
                public_id=form.cleaned_data["key"],
            )  # fmt: skip
        except TargetRefused as refused:
            if refused.code is Refusal.MADE_ALREADY:
                messages.info(request, _("This target was made already. It is not made twice."))
                return redirect("target", form.cleaned_data["key"])
            form.add_error("name", refused.beside_a_field)
        else:
            messages.success(request, _("The target is frozen. Only erasure takes anybody out."))
            return redirect("target", made.public_id)
    page = _page(request) | {
        "target": found, "form": form, "count": queries.count(queries.contacts(found, *_when(request))),
    }  # fmt: skip
    status = REFUSED if form.is_bound else 200
    return render(request, "targets/freeze.html", page, status=status)


@needs(Permission.EDIT_TARGETS)
@require_http_methods(["GET", "POST"])
def remove(request: Request, public_id: UUID) -> HttpResponse:
    """Ask, then remove a target; contacts stay as they are."""
    found = found_or_404(public_id)
    needed_by = [other.name for other in queries.asked_by(found)]
    status, is_needed = 200, bool(needed_by)
    if request.method == "POST":
        try:
            operations.remove(found, by=request.desk.operator, now=request.desk.now)
        except TargetRefused as refused:
            if refused.code is not Refusal.NEEDED:
                raise Http404 from refused
            status, is_needed, needed_by = REFUSED, True, list(refused.needed_by)
        else:
            messages.success(request, _("The target is removed. Contacts stay as they are."))
            return redirect("targets")
    page = {"target": found, "needed_by": needed_by, "is_needed": is_needed}
    return render(request, "targets/remove.html", _page(request) | page, status=status)


@needs(Permission.EXPORT_TARGETS)
@require_POST
def as_csv(request: Request, public_id: UUID) -> HttpResponseBase:
    """The list of a target; who takes it is put on record before the first line is sent."""
    found = found_or_404(public_id)
    count = queries.count(queries.contacts(found, *_when(request)))
    operations.record_export(found, count, by=request.desk.operator, now=request.desk.now)
    blocks = (text for _number, text in export.csv_blocks(found, *_when(request)))
    response = StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="target.csv"'
    return response


def found_or_404(public_id: UUID) -> Target:
    try:
        return queries.by_public_id(public_id)
    except TargetRefused as refused:
        raise Http404 from refused


def _about(request: Request, found: Target, form: NumberForm) -> dict[str, Any]:
    return _page(request) | {
        "target": found,
        "asks": shown.asks(found),
        "found": shown.found(queries.contacts(found, *_when(request)), request),
        "form": form,
    }


def _when(request: Request) -> tuple[Any, str]:
    return request.desk.now, request.desk.house.time_zone


def _page(request: Request) -> dict[str, Any]:
    """What the pages of targets need to know of whoever looks."""
    return {
        "may_edit": request.user.may(Permission.EDIT_TARGETS),
        "may_export": request.user.may(Permission.EXPORT_TARGETS),
        "may_explain": request.user.may(Permission.EXPLAIN_TARGETS),
    }
