"""Lets a campaign go, halts it, and decides about mails in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fadeout.accounts.permissions import Permission
from fadeout.campaigns import steering
from fadeout.campaigns.models import Campaign, State
from fadeout.campaigns.refusals import Refused, Why
from fadeout.console.campaigns import shown
from fadeout.console.campaigns.forms import DoubtForm, SendForm
from fadeout.console.campaigns.views import MEANWHILE, REFUSED, found
from fadeout.console.frame.access import needs
from fadeout.worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from fadeout.console.frame.desk import Request


@needs(Permission.SEND_CAMPAIGNS, irreversible=True)
@require_http_methods(["GET", "POST"])
def send(request: Request, public_id: UUID) -> HttpResponse:
    """Let a draft go, at once or at a set time."""
    one, desk = found(public_id), request.desk
    if one.state != State.DRAFT:
        messages.info(request, _("This campaign is no draft any more. Nothing was changed."))
        return redirect("campaign", public_id)
    time_zone = desk.house.time_zone
    reach = steering.reaches(one, now=desk.now, time_zone=time_zone)
    form = SendForm(request.POST or None, campaign=one, reached=reach.reached, time_zone=time_zone)
    told = shown.sheet(one, desk) | shown.reach(reach) | {"form": form}
    if not form.is_valid():
        status = REFUSED if form.is_bound else 200
        return render(request, "campaigns/send.html", told, status=status)
    try:
        gone = steering.let_go(
            one, typed=form.cleaned_data["typed"], by=desk.operator, now=desk.now,
            time_zone=time_zone, at=form.moment(), seen=form.cleaned_data["seen"],
        )  # fmt: skip
    except Refused as refused:
        form.refuse(refused)
        is_meanwhile = refused.why in (Why.CHANGED_MEANWHILE, Why.NOT_A_DRAFT)
        status = MEANWHILE if is_meanwhile else REFUSED
        return render(request, "campaigns/send.html", told, status=status)
    if form.moment() is None:
        jobs.send_campaign(gone.pk)
        messages.success(request, _("The campaign is being sent."))
    else:
        messages.success(request, _("The campaign is scheduled."))
    return redirect("campaign", public_id)


@needs(Permission.SEND_CAMPAIGNS)
@require_POST
def back(request: Request, public_id: UUID) -> HttpResponse:
    """Take a campaign out of the schedule."""
    said = _("The campaign is a draft again.")
    return _turned(request, public_id, steering.back_to_draft, said)


@needs(Permission.SEND_CAMPAIGNS)
@require_POST
def pause(request: Request, public_id: UUID) -> HttpResponse:
    """Halt a campaign that is being sent."""
    said = _("The campaign is paused. Whoever has it keeps it.")
    return _turned(request, public_id, steering.pause, said)


@needs(Permission.SEND_CAMPAIGNS)
@require_POST
def resume(request: Request, public_id: UUID) -> HttpResponse:
    """Go on with a campaign that was paused."""
    return _turned(request, public_id, steering.resume, _("The campaign goes on."), goes_on=True)


@needs(Permission.SEND_CAMPAIGNS, irreversible=True)
@require_http_methods(["GET", "POST"])
def cancel(request: Request, public_id: UUID) -> HttpResponse:
    """Ask, then end a campaign for good."""
    if request.method == "GET":
        one = found(public_id)
        return render(request, "campaigns/cancel.html", shown.live(one, request.desk))
    said = _("The campaign is cancelled. Whoever has it keeps it, nobody else gets it.")
    return _turned(request, public_id, steering.cancel, said)


@needs(Permission.SEND_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def doubt(request: Request, public_id: UUID) -> HttpResponse:
    """Decide about mails of which nobody knows whether they went out."""
    one, desk = found(public_id), request.desk
    form = DoubtForm(request.POST or None)
    if not form.is_valid():
        told = shown.live(one, desk) | {"form": form}
        status = REFUSED if form.is_bound else 200
        return render(request, "campaigns/doubt.html", told, status=status)
    again = form.cleaned_data["what"] == "again"
    try:
        count = steering.decide_doubt(one, send_again=again, by=desk.operator, now=desk.now)
    except Refused as refused:
        messages.info(request, refused.beside_a_field)
        return redirect("campaign", public_id)
    if again:
        jobs.send_campaign(one.pk)
    said = (
        ngettext("%(n)s mail is sent again.", "%(n)s mails are sent again.", count)
        if again
        else ngettext("%(n)s mail counts as sent.", "%(n)s mails count as sent.", count)
    )
    messages.success(request, said % {"n": count})
    return redirect("campaign", public_id)


def _turned(
    request: Request, public_id: UUID, turn: Callable[..., Campaign], said: str, *, goes_on: bool = False
) -> HttpResponse:  # fmt: skip
    one = found(public_id)
    try:
        turned = turn(one, by=request.desk.operator, now=request.desk.now)
    except Refused as refused:
        messages.info(request, refused.beside_a_field)
    else:
        if goes_on:
            jobs.send_campaign(turned.pk)
        messages.success(request, said)
    return redirect("campaign", public_id)
