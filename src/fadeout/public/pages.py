"""How a page of somebody's own is answered: in their language, with the house's look, kept nowhere.

What could go wrong, and what prevents it:

- The address opens somebody's page, and travels on to where they go from it: no page tells whence they come,
  none is stored, none is found by search engines.
- Another site sends a form in somebody's name: it would have to know the token, and whoever knows that needs
  no other site. So forms here carry no cookie, and ask for none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from fadeout.institution import brand
from fadeout.institution import queries as institution
from fadeout.public.clicking import HEADERS

LANGUAGES = dict(settings.LANGUAGES)
LANGUAGE = "language"
GONE = 404


def language_of(request: HttpRequest, own: str | None = None) -> str:
    """The language that was asked for, else their own, else that of the browser."""
    asked = request.GET.get(LANGUAGE, "")
    if asked in LANGUAGES:
        return asked
    spoken = (own or "").replace("_", "-").partition("-")[0].lower()
    if spoken in LANGUAGES:
        return spoken
    return translation.get_language_from_request(request)


def page(
    request: HttpRequest,
    template: str,
    told: Mapping[str, Any],
    *,
    language: str,
    status: int = 200,
) -> HttpResponse:
    """A page in this language."""
    with translation.override(language):
        shown = {
            **told,
            "house": institution.current(),
            "brand": brand.current(),
            "languages": LANGUAGES.items(),
            "asked": request.GET.get(LANGUAGE, ""),
        }
        answer = render(request, template, shown, status=status)
    answer["Content-Language"] = language
    return unkept(answer)


def onward(request: HttpRequest, said: str, path: str | None = None) -> HttpResponse:
    """After something was done: the page once more, which says so; reloading it does nothing."""
    query = f"?said={said}"
    if request.GET.get(LANGUAGE, "") in LANGUAGES:
        query += f"&{LANGUAGE}={request.GET[LANGUAGE]}"
    answer = HttpResponseRedirect((path or request.path) + query)
    answer.status_code = 303
    return unkept(answer)


def nobodys(request: HttpRequest) -> HttpResponse:
    """The page of a link that opens nothing (any more), whatever the reason."""
    return page(request, "public/nobodys.html", {}, language=language_of(request), status=GONE)


def unkept(answer: HttpResponse) -> HttpResponse:
    """With what keeps the address to whoever has it."""
    for name, value in HEADERS.items():
        answer[name] = value
    return answer
