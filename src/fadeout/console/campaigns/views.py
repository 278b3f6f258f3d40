"""Campaigns: the list, one of them, what it is, whom it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from fadeout.accounts.permissions import Permission
from fadeout.campaigns import operations, queries, steering
from fadeout.campaigns.models import LANGUAGES, Campaign, State
from fadeout.campaigns.refusals import Refused, Why
from fadeout.console.campaigns import forms, shown
from fadeout.console.campaigns.forms import CampaignForm, TestForm
from fadeout.console.frame import numbered
from fadeout.console.frame.access import needs

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request

REFUSED, MEANWHILE = 422, 409


def found(public_id: UUID) -> Campaign:
    """The campaign of this id.

    Raises:
        Http404: there is none.
    """
    try:
        return operations.by_public_id(public_id)
    except Refused:
        raise Http404 from None


@needs(Permission.SEE_AUDIENCE)
@require_safe
def campaigns(request: Request) -> HttpResponse:
    """All campaigns, the newest first."""
    page = numbered.page(request, queries.listed)
    told = {
        "page": page,
        "rows": shown.lines(page.rows),
        "may_edit": request.user.may(Permission.EDIT_CAMPAIGNS),
    }
    return render(request, "campaigns/campaigns.html", told)


@needs(Permission.SEE_AUDIENCE)
@require_safe
def campaign(request: Request, public_id: UUID) -> HttpResponse:
    """One campaign: what it is, what it lacks, how far it is."""
    return sheet(request, found(public_id))


@needs(Permission.SEE_AUDIENCE)
@require_safe
def live(request: Request, public_id: UUID) -> HttpResponse:
    """How far a campaign is, asked again every two seconds; once it rests, the whole page is shown anew."""
    told = shown.live(found(public_id), request.desk)
    seen = request.GET.get("seen", told["campaign"].state)
    if request.htmx and (not told["is_moving"] or seen != told["campaign"].state):
        return HttpResponseClientRefresh()
    return render(request, "campaigns/live.html", told)


@needs(Permission.SEE_AUDIENCE)
@require_safe
def audience(request: Request, public_id: UUID) -> HttpResponse:
    """Whom a campaign would reach now, and why not the others."""
    one, desk = found(public_id), request.desk
    reach = steering.reaches(one, now=desk.now, time_zone=desk.house.time_zone)
    return render(request, "campaigns/audience.html", shown.live(one, desk) | shown.reach(reach))


@needs(Permission.EDIT_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Set a campaign up, as a draft."""
    desk = request.desk
    if request.method == "GET":
        language = (get_language() or "en")[:2]
        chosen = language if language in LANGUAGES else LANGUAGES[0]
        return _form(request, CampaignForm(initial=forms.new(chosen, desk.house.name)))
    form = CampaignForm(request.POST)
    if not form.is_valid():
        return _form(request, form)
    key = form.cleaned_data["key"]
    if key and queries.is_known(key):
        messages.info(request, _("This campaign was made already. It is not made twice."))
        return redirect("campaign", key)
    try:
        made = operations.create(**form.given(), public_id=key, by=desk.operator, now=desk.now)
    except Refused as refused:
        form.refuse(refused)
        return _form(request, form)
    messages.success(request, _("The campaign is a draft. Write its texts next."))
    return redirect("campaign", made.public_id)


@needs(Permission.EDIT_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def change(request: Request, public_id: UUID) -> HttpResponse:
    """Change a draft."""
    one, desk = found(public_id), request.desk
    if request.method == "GET":
        return _form(request, CampaignForm(initial=forms.of(one)), one)
    form = CampaignForm(request.POST, placed=forms.placed(one))
    if not form.is_valid():
        return _form(request, form, one)
    try:
        operations.change(
            one, **form.given(), seen=form.cleaned_data["seen"], by=desk.operator, now=desk.now
        )
    except Refused as refused:
        form.refuse(refused)
        is_meanwhile = refused.why in (Why.CHANGED_MEANWHILE, Why.NOT_A_DRAFT)
        return _form(request, form, one, status=MEANWHILE if is_meanwhile else REFUSED)
    messages.success(request, _("The campaign is changed."))
    return redirect("campaign", public_id)


@needs(Permission.EDIT_CAMPAIGNS)
@require_POST
def remove(request: Request, public_id: UUID) -> HttpResponse:
    """Remove a draft."""
    one = found(public_id)
    try:
        operations.remove(one, by=request.desk.operator, now=request.desk.now)
    except Refused as refused:
        messages.error(request, refused.beside_a_field)
        return redirect("campaign", public_id)
    messages.success(request, _("The draft is removed."))
    return redirect("campaigns")


def sheet(
    request: Request, one: Campaign, *, test: TestForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of a campaign, with the form of a test."""
    told = shown.sheet(one, request.desk)
    told["test"] = test or TestForm(initial={"to": request.user.email, "language": one.language})
    told["may_find"] = request.user.may(Permission.FIND_CONTACTS)
    return render(request, "campaigns/campaign.html", told, status=status)


def _form(
    request: Request, form: CampaignForm, one: Campaign | None = None, *, status: int | None = None
) -> HttpResponse:
    told = {
        "form": form,
        "campaign": one,
        "is_draft": one is None or one.state == State.DRAFT,
        "types": shown.types(),
    }
    wrong = form.is_bound and bool(form.errors)
    return render(
        request, "campaigns/form.html", told, status=status or (REFUSED if wrong else 200)
    )
