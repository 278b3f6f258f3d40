"""Consent renewal: begun on one page, made by the worker step by step, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.console.renewal import shown
from fadeout.console.renewal.forms import RenewalForm
from fadeout.contacts import offering
from fadeout.core.errors import BadInput
from fadeout.links.refusals import LinkRefused
from fadeout.renewal import operations, queries
from fadeout.renewal.refusals import RenewalRefused
from fadeout.worker import jobs

if TYPE_CHECKING:
    from uuid import UUID

    from fadeout.console.frame.desk import Request
    from fadeout.renewal.models import Renewal

REFUSED = 422


@needs(Permission.SEE_AUDIENCE)
@require_GET
def renewals(request: Request) -> HttpResponse:
    """Every renewal, with what came of it."""
    rows = [(renewal, queries.figures(renewal)) for renewal in queries.all_renewals()]
    told = {"rows": rows, "may_make": request.user.may(Permission.MAKE_RENEWALS)}
    return render(request, "renewal/renewals.html", told)


@needs(Permission.MAKE_RENEWALS)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Say what it is about; the worker makes the rest."""
    form = RenewalForm(request.POST or None)
    if form.is_valid() and (begun := _begun(request, form)) is not None:
        jobs.renew(begun.pk, request.desk.operator)
        return redirect("renewal_page", begun.public_id)
    told = {"form": form, "has_offering": bool(offering.in_force().authorisations)}
    return render(request, "renewal/new.html", told, status=REFUSED if form.is_bound else 200)


@needs(Permission.SEE_AUDIENCE)
@require_GET
def one(request: Request, public_id: UUID) -> HttpResponse:
    """How far it is, and what came of it."""
    desk = request.desk
    told = shown.page(_found(public_id), now=desk.now, time_zone=desk.house.time_zone)
    told["may_make"] = request.user.may(Permission.MAKE_RENEWALS)
    return render(request, "renewal/renewal.html", told)


@needs(Permission.SEE_AUDIENCE)
@require_GET
def steps(request: Request, public_id: UUID) -> HttpResponse:
    """Asked by the page while it is being made; once that is over, the page is shown anew."""
    told = shown.steps(_found(public_id))
    if request.htmx and not told["is_under_way"]:
        return HttpResponseClientRefresh()
    return render(request, "renewal/steps.html", told)


@needs(Permission.MAKE_RENEWALS)
@require_POST
def go_on(request: Request, public_id: UUID) -> HttpResponse:
    """Make what is missing."""
    _ask(request, _found(public_id), compares=False)
    return redirect("renewal_page", public_id)


@needs(Permission.MAKE_RENEWALS)
@require_POST
def compare(request: Request, public_id: UUID) -> HttpResponse:
    """Simulate once more, to see what is different."""
    renewal = _found(public_id)
    if renewal.next_step is not None:
        messages.info(request, _("This renewal is not made yet: let it go on first."))
    else:
        _ask(request, renewal, compares=True)
    return redirect("renewal_page", public_id)


def _ask(request: Request, renewal: Renewal, *, compares: bool) -> None:
    if jobs.renew(renewal.pk, request.desk.operator, compares=compares):
        messages.success(request, _("It was handed to the worker."))
    else:
        messages.info(request, _("The worker is at it already."))


def _begun(request: Request, form: RenewalForm) -> Renewal | None:
    """The renewal, or the one that the same form began already; nothing if it was refused."""
    given, desk = form.given(), request.desk
    try:
        return queries.by_public_id(given["public_id"])
    except RenewalRefused:
        pass
    try:
        return operations.start(**given, by=desk.operator, now=desk.now)
    except RenewalRefused as refused:
        form.refuse(refused)
    except LinkRefused as refused:
        form.add_error("page_url", refused.beside_a_field)
    except BadInput as refused:
        form.add_error("page", refused.beside_a_field)
    return None


def _found(public_id: UUID) -> Renewal:
    try:
        return queries.by_public_id(public_id)
    except RenewalRefused:
        raise Http404 from None
