"""For whoever watches from outside: whether all is well, and figures. Codes, counts and seconds alone.

What could go wrong, and what prevents it:

- A load balancer asks by the machine's number, which is no host name of the house: these two addresses do
  not ask for it (see :class:`AnyHost`), nor for a session.
- Anybody reads the figures: whoever asks has the token, or, where none is set, sits at this very machine. A
  proxy sits there too, so what came through one is refused.
"""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.middleware.common import CommonMiddleware
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from fadeout.worker import health as signs
from fadeout.worker import metrics as figures

HEALTH, METRICS = "health", "metrics"
THIS_MACHINE = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
#: What a proxy adds to a request that it passes on.
OF_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


class AnyHost(CommonMiddleware):
    """Django's own, which refuses a host name that is not the house's; here not for those who watch."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if request.path in (f"/{HEALTH}", f"/{METRICS}"):
            return None
        return super().process_request(request)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """200 while pages can be served, 503 while they cannot."""
    found = signs.look()
    return JsonResponse(found.as_dict(), status=200 if found.is_well else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus."""
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            refusal = HttpResponse("This takes a token.\n", content_type="text/plain", status=401)
            refusal["WWW-Authenticate"] = 'Bearer realm="fadeout"'
            return refusal
    elif not _is_of_this_machine(request):
        return HttpResponse(
            "Only from this machine, unless FADEOUT_METRICS_TOKEN is set.\n",
            content_type="text/plain",
            status=403,
        )
    content, content_type = figures.render()
    return HttpResponse(content, content_type=content_type)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN.encode()
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), expected)


def _is_of_this_machine(request: HttpRequest) -> bool:
    came_by_proxy = settings.ALLAUTH_TRUSTED_PROXY_COUNT or any(
        name in request.META for name in OF_PROXIES
    )
    return request.META.get("REMOTE_ADDR") in THIS_MACHINE and not came_by_proxy
