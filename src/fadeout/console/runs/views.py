"""Runs: all of them, one of them, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from fadeout.accounts.permissions import Permission
from fadeout.console.frame import numbered
from fadeout.console.frame.access import needs
from fadeout.console.runs import shown
from fadeout.runs import queries

if TYPE_CHECKING:
    from fadeout.console.frame.desk import Request
    from fadeout.runs.models import Run


def found(number: int) -> Run:
    """The run of this number.

    Raises:
        Http404: there is none.
    """
    return numbered.found(queries.by_number, number)


@needs(Permission.SEE_PLANS)
@require_safe
def runs(request: Request) -> HttpResponse:
    """All runs, the newest first."""
    page = numbered.page(request, queries.listed)
    struck = queries.struck_by_chunks(page.rows)
    lines = [shown.line(run, struck) for run in page.rows]
    return render(request, "runs/runs.html", {"page": page, "runs": lines})


@needs(Permission.SEE_PLANS)
@require_safe
def run(request: Request, number: int) -> HttpResponse:
    """One run: what it did, what it does, what was found, who answers for it."""
    return render(request, "runs/run.html", shown.sheet(found(number), request.desk))


@needs(Permission.SEE_PLANS)
@require_safe
def progress(request: Request, number: int) -> HttpResponse:
    """How far a run is, asked again every two seconds; once it rests, the whole page is shown anew."""
    live = shown.live(found(number), request.desk)
    if request.htmx and not live["is_moving"]:
        return HttpResponseClientRefresh()
    return render(request, "runs/live.html", live)
