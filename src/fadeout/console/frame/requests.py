"""What is logged of each request, and how somebody who saw an error finds it there.

What could go wrong: an address, what was typed or what a browser says of itself comes into the log. So a
line has the method, the name of the route, the status and the time it took, under an id made here alone.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseServerError
from django.template.loader import render_to_string
from structlog.contextvars import bound_contextvars

from fadeout.core.logs import log
from fadeout.worker import failures
from fadeout.worker.failures import Code

UNAVAILABLE, RETRY_SECONDS = 503, "30"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class RequestLog:
    """Around everything else: a line for each request, once it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request.number = secrets.token_hex(8)  # type: ignore[attr-defined]
        with bound_contextvars(request=request.number):  # type: ignore[attr-defined]
            response = self.get_response(request)
            log.info(
                "request",
                method=request.method if request.method in METHODS else "other",
                route=_route(request),
                status=response.status_code,
                milliseconds=round((time.perf_counter() - began) * 1000, 1),
            )
        response["X-Request-Id"] = request.number  # type: ignore[attr-defined]
        return response


def failed(request: HttpRequest) -> HttpResponseServerError:
    """The page of an error that nobody expected, with the id under which the log has it.

    A database that does not answer is no such error: it comes back by itself, and the page says so.
    """
    is_lost = failures.code_of(sys.exc_info()[1] or Exception()) == Code.DATABASE_LOST
    told = {"number": getattr(request, "number", ""), "is_lost": is_lost}
    response = HttpResponseServerError(render_to_string("500.html", told))
    if is_lost:
        response.status_code = UNAVAILABLE
        response["Retry-After"] = RETRY_SECONDS
    return response


def _route(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return request.resolver_match.view_name
    is_file = request.path.startswith(settings.STATIC_URL)
    return "file" if is_file else "none"
