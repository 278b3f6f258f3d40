"""Finding contacts. What was typed is sent by POST and kept in the session: no address has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import paging, shown, sought
from fadeout.console.contacts.forms import FindForm, filters_of
from fadeout.console.frame.access import needs
from fadeout.contacts.search import FoundContact, Page, Place, search
from fadeout.institution import queries as institution
from fadeout.recency.lists import standings

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request


@needs(Permission.FIND_CONTACTS)
def find(request: Request) -> HttpResponse:
    """A page of those found; by POST, what to look for from now on."""
    if request.method == "POST":
        form = FindForm(request.POST)
        if form.is_valid():
            return redirect(_address(sought.keep(request, form.cleaned_data)))
        return render(request, "contacts/find.html", {"form": form}, status=422)
    mark, asked = sought.kept(request, request.GET.get("of", ""))
    is_another = bool(request.GET.get("of")) and mark != request.GET["of"]
    page = search(
        asked.get("typed", ""),
        filters_of(asked),
        today=request.desk.today,
        place=Place() if is_another else paging.place_of(request.GET),
    )
    return render(request, "contacts/find.html", _shown(request, page, mark, asked, is_another))


def _shown(
    request: Request, page: Page[FoundContact], mark: str, asked: dict[str, Any], is_another: bool
) -> dict[str, Any]:
    known = standings(
        [row.contact_id for row in page.rows],
        today=request.desk.today,
        months=institution.policy_in_force().months,
        time_zone=request.desk.house.time_zone,
    )
    return {
        "form": FindForm(initial=asked),
        "may_answer": request.user.may(Permission.ANSWER_REQUESTS),
        "typed": asked.get("typed", ""),
        "is_filtered": any(value for name, value in asked.items() if name != "typed"),
        "lines": shown.lines(page.rows, known),
        "page": page,
        "is_another": is_another,
        "following": _address(mark, page.following) if page.following else "",
        "preceding": _address(mark, page.preceding) if page.preceding else "",
        "first": _address(mark),
        "last": _address(mark, Place(at_end=True)),
    }


def _address(mark: str, place: Place | None = None) -> str:
    """Of a page of a list: by a mark and a public id, which tell nothing."""
    asked = ({"of": mark} if mark else {}) | paging.told(place or Place())
    return reverse("contacts") + (f"?{urlencode(asked)}" if asked else "")
