"""The way to the door and back: for whoever is not signed in, or not any more.

What could go wrong, and what prevents it:

- What somebody sent after their session had ended is lost, and they think it was done: they are told.
- They come back to an address at which things are only sent: they come back to the page that it stood on.
- A part of a page that asks for itself shows the door within that page: the whole page goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

SIGN_IN = "/account/"


def to_the_door(request: HttpRequest) -> HttpResponseBase:
    """The page to sign in at, which leads back to where they were."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    if request.method == "POST":
        messages.warning(
            request,
            _("You were not signed in any more, so what you sent was not done. Send it once more."),
        )
        return redirect_to_login(
            page_before(request.headers.get("Referer", ""), request) or request.path
        )
    return redirect_to_login(request.get_full_path())


def page_before(address: str, request: HttpRequest) -> str | None:
    """The page of this house at an address that a browser says it comes from, if it is one."""
    came_from = urlsplit(address)
    if came_from.netloc != request.get_host() or came_from.path.startswith(SIGN_IN):
        return None
    return came_from._replace(scheme="", netloc="", fragment="").geturl()
