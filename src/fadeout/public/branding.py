"""The look of the house on public pages: its colours as a stylesheet of its own, and its logo."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fadeout.institution import brand, colours

KEPT_SECONDS = 300


@require_safe
def stylesheet(_request: HttpRequest) -> HttpResponse:
    """The colours that the house chose; by day also where somebody prefers the dark: so they were checked."""
    found = brand.current()
    rules = []
    if found.accent:
        told = f"--gel: {found.accent}; --gel-strong: {found.accent}; --focus: {found.accent};"
        rules.append(f":root {{ color-scheme: light; {told} }}")
    if found.band:
        text = colours.text_on(found.band)
        rules.append(f".public .top {{ border: 0; background: {found.band}; color: {text}; }}")
    return _kept(HttpResponse("\n".join(rules), content_type="text/css; charset=utf-8"))


@require_safe
def logo(_request: HttpRequest) -> HttpResponse:
    """The logo, a PNG that Fadeout drew."""
    content = brand.logo()
    if content is None:
        raise Http404
    return _kept(HttpResponse(content, content_type="image/png"))


def _kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return answer
