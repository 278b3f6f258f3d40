"""The way out of a mail: one POST, by a mail program (RFC 8058) or by the button of this page.

What could go wrong, and what prevents it:

- A mail scanner opens every link, and unsubscribes everybody: opening changes nothing, only sending does.
- A mail program has no session and follows no redirect: neither is asked for.
- Somebody tries tokens out, to learn who is on file: whatever is wrong with one, the answer tells nobody.
- The token is personal: it is sent to no other site, kept in no store, and not logged.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fadeout.campaigns import leaving
from fadeout.campaigns.tokens import MailKeys
from fadeout.campaigns.trial import TEST
from fadeout.core import clock, paths
from fadeout.institution import brand
from fadeout.institution import queries as institution

HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
}  # fmt: skip


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, or do it at once where it is sent."""
    is_test = token == TEST
    message = None if is_test else MailKeys(paths.keys()).message(token)
    is_known = is_test or message is not None
    if message is not None and request.method == "POST":
        leaving.unsubscribe(message, now=clock.now())
    told = {
        "house": institution.current(),
        "brand": brand.current(),
        "is_known": is_known,
        "is_test": is_test,
        "is_done": is_known and request.method == "POST",
    }
    status = HTTPStatus.OK if is_known else HTTPStatus.NOT_FOUND
    answer = render(request, "public/unsubscribe.html", told, status=status)
    for name, value in HEADERS.items():
        answer[name] = value
    return answer
