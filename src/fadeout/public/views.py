"""What somebody reads whose link leads nowhere."""

from __future__ import annotations

from http import HTTPStatus

import psycopg
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from fadeout.core import clock
from fadeout.core.logs import log, places
from fadeout.institution import brand
from fadeout.institution import queries as institution
from fadeout.links.clicks import Clicked, State
from fadeout.public import clicking, onward
from fadeout.public.entrance import FOUND

RETRY_SECONDS = "30"


@csrf_exempt
@require_safe
def tracked_link(request: HttpRequest, text: str) -> HttpResponse:
    """Sends on whoever opens a tracked link, or says that it leads nowhere (any more)."""
    found = _found(request, text)
    if isinstance(found, Exception):
        answer = _not_now(request, found)
    elif found.destination is not None:
        answer = HttpResponse(
            status=HTTPStatus.FOUND, headers={"Location": onward.address(found.destination, text)}
        )
    else:
        has_ended = found.state is State.ENDED
        status = HTTPStatus.GONE if has_ended else HTTPStatus.NOT_FOUND
        told = {"has_ended": has_ended, "house": institution.current(), "brand": brand.current()}
        answer = render(request, "public/no_link.html", told, status=status)
    for name, value in clicking.HEADERS.items():
        answer[name] = value
    return answer


def _found(request: HttpRequest, text: str) -> Clicked | Exception:
    """What the entrance found out already, where somebody came that way."""
    if FOUND in request.META:
        return request.META[FOUND]  # type: ignore[no-any-return]
    try:
        return clicking.click(text, request.META, now=clock.now())
    except psycopg.Error as error:
        return error


def _not_now(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("click_failed", error=type(error).__name__, places=places(error.__traceback__))
    answer = render(request, "public/not_now.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer["Retry-After"] = RETRY_SECONDS
    return answer
