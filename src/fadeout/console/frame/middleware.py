"""What every page needs: the house, its time zone, the language of whoever looks, and how long.

What could go wrong, and what prevents it:

- Somebody leaves a browser open: sessions end after a while without a page, also where the page asks by
  itself how far a run is, and after half a day.
- A shared browser shows a page again after signing out: pages are not stored.
- Somebody opens an address at which things are only sent: they get a page with a way on, not a blank one.
- A refusal of the domain becomes a page that says nothing: it is shown with its way out, and with an
  answer code that is not a success.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from fadeout.accounts import queries as accounts
from fadeout.console.frame import desk, proof
from fadeout.console.frame.door import to_the_door
from fadeout.console.watched import views as watched
from fadeout.core.errors import BadInput, FadeoutError

BEGAN_AT = "began_at"
#: Reached without a second factor: to set one up, to leave, to see how it looks.
FREE_OF_MFA = ("/account/", "/preferences/")
ONLY_SENT = 405
#: Asked whoever is signed in, and also where the database that knows it does not answer.
NOBODYS = (f"/{watched.HEALTH}", f"/{watched.METRICS}")


class Sessions(SessionMiddleware):
    """A session lasts from the last page on, whenever that page asks for a part of itself."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leave a session as it is when it was only looked at for a part of a page, or not at all."""
        if request.path in NOBODYS:
            return response
        if request.headers.get("HX-Request") and not request.session.modified:
            return response
        return super().process_response(request, response)


class HouseMiddleware:
    """Puts ``request.desk`` there for whoever is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in NOBODYS or not request.user.is_authenticated:
            return self.get_response(request)
        if _has_lasted_too_long(request):
            logout(request)
            messages.info(request, _("You were signed in for half a day. Please sign in again."))
            return to_the_door(request)
        request.desk = desk.opened(request.user)  # type: ignore[attr-defined]
        with _language(request), timezone.override(request.desk.house.time_zone):  # type: ignore[attr-defined]
            response = self._answer(request)
        response["Cache-Control"] = "no-store, private"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        is_free = not settings.MFA_IS_REQUIRED or request.path.startswith(FREE_OF_MFA)
        if is_free or accounts.has_second_factor(request.desk.user):  # type: ignore[attr-defined]
            response = self.get_response(request)
            return _only_sent(request, response) if response.status_code == ONLY_SENT else response
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        messages.info(request, _("This house asks for a second factor. Set one up first."))
        return redirect(reverse("mfa_index"))

    def process_view(self, request: HttpRequest, *_of_view: object) -> HttpResponse | None:
        """Ask who it is also where the library would let somebody give themselves another way in."""
        match = request.resolver_match
        if (
            match is None
            or match.view_name not in proof.WAYS_IN
            or not request.user.is_authenticated
        ):
            return None
        return proof.asked_for(request) if proof.is_wanting(request) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, FadeoutError):
            return None
        status = 400 if isinstance(error, BadInput) else 409
        return render(request, "frame/refused.html", {"error": error}, status=status)


def _only_sent(request: HttpRequest, refused: HttpResponseBase) -> HttpResponse:
    response = render(request, "405.html", status=ONLY_SENT)
    response["Allow"] = refused["Allow"]
    return response


def _has_lasted_too_long(request: HttpRequest) -> bool:
    began = request.session.setdefault(BEGAN_AT, int(time.time()))
    return bool(time.time() - began > settings.SESSION_LONGEST_SECONDS)


def _language(request: HttpRequest) -> translation.override:
    language = request.desk.user.language or translation.get_language()  # type: ignore[attr-defined]
    request.LANGUAGE_CODE = language
    return translation.override(language)
