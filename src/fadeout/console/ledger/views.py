"""The ledger: what was done, by whom, and whether the record holds."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from fadeout.accounts.permissions import Permission
from fadeout.console.frame import sought
from fadeout.console.frame.access import needs
from fadeout.console.ledger.forms import Filters, Verify
from fadeout.console.ledger.shown import shown
from fadeout.ledger import listing, operations, queries
from fadeout.ledger.check import Finding
from fadeout.ledger.queries import Printed

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request

VERIFIED = "ledger/verify"
MOST_FINDINGS = 200


@needs(Permission.SEE_LEDGER)
@require_safe
def ledger(request: Request) -> HttpResponse:
    """Entries, the newest first."""
    filters = Filters(request.GET)
    entries, older = [], None
    if filters.is_valid():
        wanted = filters.wanted(request.desk.house.time_zone)
        page = listing.page(wanted, before=filters.cleaned_data["before"])
        entries, older = shown(page.entries), page.older
    last = queries.latest()
    told = {
        "filters": filters,
        "narrows": filters.is_valid() and filters.narrows,
        "entries": entries,
        "older": _address(request, before=older) if older else "",
        "newest": _address(request) if filters.cleaned_data.get("before") else "",
        "length": queries.length(),
        "last": last,
        "head": Printed.of(last) if last else None,
        "has_lost_its_end": operations.has_lost_its_end(),
    }
    return render(request, "ledger/ledger.html", told, status=200 if filters.is_valid() else 400)


@needs(Permission.SEE_LEDGER)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Request) -> HttpResponse:
    """Whether everything in it holds: looked at anew when somebody asks, shown until they ask again."""
    form = Verify(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sought.keep(request, VERIFIED, _verified(form.cleaned_data["head"], request))
        return redirect("ledger_verify")
    told = {
        "form": form,
        "length": queries.length(),
        "result": _last_result(request) if not form.errors else {},
        "most": MOST_FINDINGS,
    }
    return render(request, "ledger/verify.html", told, status=422 if form.errors else 200)


def _verified(printed: Printed | None, request: Request) -> dict[str, object]:
    findings: list[Finding] = []
    began = time.perf_counter()
    made = queries.verify(told=findings.append, printed=printed)
    return {
        "at": request.desk.now.isoformat(),
        "seconds": round(time.perf_counter() - began, 1),
        "entries": made.entries,
        "last": made.last.number if made.last else 0,
        "emptied": made.emptied,
        "printed": made.printed,
        "lost": [[lost.first, lost.last, lost.entry.number] for lost in made.lost],
        "head_lost": [entry.number for entry in made.head_lost],
        "count": made.findings,
        "findings": [[finding.entry, finding.what] for finding in findings[:MOST_FINDINGS]],
    }


def _last_result(request: Request) -> dict[str, Any]:
    result = sought.kept(request, VERIFIED)
    return result | {"moment": datetime.fromisoformat(result["at"])} if result else {}


def _address(request: Request, *, before: int | None = None) -> str:
    """This page with the same filters, from another entry on."""
    query = request.GET.copy()
    query.pop("before", None)
    if before is not None:
        query["before"] = str(before)
    return f"?{query.urlencode()}"
