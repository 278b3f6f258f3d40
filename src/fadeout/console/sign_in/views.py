"""What signing in needs beyond the library: roles, preferences, and no sign-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from allauth.account import views as account
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from requests import RequestException

from fadeout.accounts.models import LANGUAGES, Theme
from fadeout.accounts.permissions import MATRIX, PERMISSION_NAMES, ROLE_NAMES, Role
from fadeout.console.frame.access import signed_in
from fadeout.core import mail
from fadeout.core.logs import log

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request


@signed_in
def permissions(request: Request) -> HttpResponse:
    """Who may do what: the matrix itself."""
    rows = [
        (PERMISSION_NAMES[permission], [role in roles for role in Role])
        for permission, roles in MATRIX.items()
    ]
    return render(request, "sign_in/permissions.html", {"roles": ROLE_NAMES.values(), "rows": rows})


@signed_in
@require_POST
def preferences(request: Request) -> HttpResponse:
    """How pages look to this user from now on."""
    chosen_language, theme = request.POST.get("language"), request.POST.get("theme")
    if chosen_language not in LANGUAGES or theme not in Theme.values:
        raise BadRequest
    request.user.language, request.user.theme = chosen_language, theme
    request.user.save(update_fields=["language", "theme"])
    return _back(request)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of whoever is not signed in yet, on this device."""
    chosen = request.POST.get("language", "")
    if chosen not in LANGUAGES:
        raise BadRequest
    response = HttpResponseRedirect(reverse("account_login"))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        httponly=True,
        secure=settings.IS_ENCRYPTED,
    )
    translation.activate(chosen)
    return response


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """A mail with a link, where the house sends mail; who to ask where it does not."""
    if not mail.is_set_up():
        return render(request, "sign_in/no_mail.html")
    answer: HttpResponseBase = account.password_reset(request)
    return answer


def to_house_account(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """To the house's identity provider."""
    return _unless_it_is_silent(openid_connect.login, request, provider_id)


def from_house_account(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from there."""
    return _unless_it_is_silent(openid_connect.callback, request, provider_id)


def no_signup(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """Nobody signs up: an administrator adds operators."""
    raise Http404


def _unless_it_is_silent(
    view: Callable[..., HttpResponseBase], request: HttpRequest, provider_id: str
) -> HttpResponseBase:
    """The library asks the provider for its addresses first, and does not expect that it does not answer."""
    try:
        return view(request, provider_id)
    except RequestException as error:
        log.warning("oidc_silent", error=type(error).__name__)
        return render(request, "socialaccount/authentication_error.html", status=502)


def _back(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(wanted if is_ours else reverse("today"))
