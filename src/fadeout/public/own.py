"""Somebody's own pages: what they allow, whether they stay, and to be forgotten; without signing in.

What could go wrong, and what prevents it:

- A scanner or a preview opens a link: opening changes nothing, only a button does.
- A mail was handed on: the pages tell neither name nor address, only what was answered.
- Somebody means one thing and does another: to be forgotten is asked for on a page of its own, once more.
- The stored recency lags behind: it is made anew for whoever changed something.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from fadeout.contacts import offering, self_service
from fadeout.contacts.models import Contact
from fadeout.contacts.offering import OfferingChangedMeanwhile
from fadeout.contacts.refusals import Refused, Why
from fadeout.contacts.self_service import Place, Said
from fadeout.core import clock
from fadeout.institution import brand
from fadeout.institution import queries as institution
from fadeout.public.choices import ChoicesForm
from fadeout.public.pages import language_of, nobodys, onward, page
from fadeout.public.whose import Whose, whose
from fadeout.recency import operations as recency
from fadeout.rights import operations as rights
from fadeout.rights import queries as requests
from fadeout.rights.models import Identified

MEANWHILE, REFUSED = 409, 422
SAID = ("saved", "nothing", "everything", "stays", "asked")

View = Callable[[HttpRequest, str, Whose], HttpResponse]


def _of_somebody(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the page of whoever the token stands for; no cookie is asked for (:mod:`fadeout.public.pages`)."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        who = whose(token, now=clock.now())
        if who is None:
            return nobodys(request)
        try:
            with translation.override(language_of(request, who.language)):
                return view(request, token, who)
        except Refused as refused:
            if refused.why is not Why.NOT_ON_FILE:
                raise
            return nobodys(request)  # erased in this very moment

    return opened


@_of_somebody
def preferences(request: HttpRequest, token: str, who: Whose) -> HttpResponse:
    """What somebody allows, and what they say of themselves."""
    if request.method == "POST" and "everything" in request.POST:
        said = _said(request, who, Place.PREFERENCES)
        _changed(
            who, lambda now: self_service.unsubscribe_from_everything(who.public_id, said, now=now)
        )
        return onward(request, "everything")
    return _decide(request, token, who, Place.PREFERENCES, "public/preferences.html")


@_of_somebody
def stay(request: HttpRequest, token: str, who: Whose) -> HttpResponse:
    """Whether somebody would like to stay."""
    return _decide(request, token, who, Place.STAY, "public/stay.html")


@require_safe
def stay_of_anybody(request: HttpRequest) -> HttpResponse:
    """Where the address for everybody leads, as on a poster: nobody is known here yet."""
    told = {"may_subscribe": brand.current().takes_subscriptions}
    return page(request, "public/anybody_stay.html", told, language=language_of(request))


@_of_somebody
def forget(request: HttpRequest, token: str, who: Whose) -> HttpResponse:
    """Ask to be forgotten: what that means, by GET; and by its button, it is asked for."""
    if request.method == "POST":
        rights.open_erasure(
            who.public_id,
            identified=Identified.LINK,
            time_zone=institution.current().time_zone,
            now=clock.now(),
        )
        return onward(request, "asked")
    language = language_of(request, who.language)
    told = _told(request, token, who)
    return page(request, "public/forget.html", told, language=language)


def _decide(
    request: HttpRequest, token: str, who: Whose, place: Place, template: str
) -> HttpResponse:
    """Show what is offered; by POST, put in force what somebody wants of it."""
    language, offered = language_of(request, who.language), offering.in_force()
    own = self_service.own_record(who.public_id)
    is_stay = place is Place.STAY
    form = ChoicesForm(
        request.POST if request.method == "POST" else None,
        offered=offered, language=language, own=own, with_criteria=not is_stay,
    )  # fmt: skip
    status, wrong = 200, ""
    if form.is_bound:
        status, wrong = REFUSED, "wrong"
    if form.is_valid():
        change = self_service.stay if is_stay else self_service.change
        said, wanted = _said(request, who, place), form.wanted()
        try:
            changed = _changed(who, lambda now: change(who.public_id, wanted, said, now=now))
        except OfferingChangedMeanwhile:
            status, wrong = MEANWHILE, "meanwhile"
        except Refused as refused:
            if refused.why is Why.NOT_ON_FILE:
                raise
            wrong = refused.why
        else:
            return onward(request, "stays" if is_stay else "saved" if changed else "nothing")
    if wrong == "meanwhile":
        form = ChoicesForm(offered=offered, language=language, own=own, with_criteria=not is_stay)
    told = _told(request, token, who) | {"form": form, "own": own, "wrong": wrong}
    return page(request, template, told, language=language, status=status)


def _changed(who: Whose, change: Callable[[Any], int]) -> int:
    """Change something, and then the stored recency."""
    now = clock.now()
    changed = change(now)
    if changed:
        recency.refresh([who.row], now=now, time_zone=institution.current().time_zone)
    return changed


def _said(request: HttpRequest, who: Whose, place: Place) -> Said:
    return Said(place, language_of(request, who.language), who.mailing)


def _told(request: HttpRequest, token: str, who: Whose) -> dict[str, Any]:
    """What every page of somebody's own needs."""
    said = request.GET.get("said", "")
    asked = requests.open_erasure_of(Contact(pk=who.row))
    return {
        "said": said if said in SAID else "",
        "request_open": asked,
        "preferences_address": reverse("own_preferences", args=[token]),
        "stay_address": reverse("own_stay", args=[token]),
        "forget_address": reverse("own_forget", args=[token]),
    }
