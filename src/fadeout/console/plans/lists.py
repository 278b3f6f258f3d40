"""The lists of a plan: whom it names, what changed since the plan before; on the page and as files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import paging
from fadeout.console.contacts.shown import called
from fadeout.console.frame import sought
from fadeout.console.frame.access import needs
from fadeout.console.frame.words import OUTCOMES, REASONS, ROW_STATES
from fadeout.console.plans.forms import ListForm
from fadeout.console.plans.views import found
from fadeout.contacts.search import Page, Place
from fadeout.plans import comparison, listing, queries, spreadsheet
from fadeout.plans.comparison import Change, OtherRow
from fadeout.plans.listing import Look, Sort
from fadeout.policy.outcomes import Outcome, Reason
from fadeout.recency.words import ACTIVITIES
from fadeout.runs import queries as runs

if TYPE_CHECKING:
    from django.http import QueryDict

    from fadeout.console.frame.desk import Request
    from fadeout.contacts.search import FoundContact
    from fadeout.plans.listing import ListedContact
    from fadeout.plans.models import Plan

CHANGES = {
    Change.CAME: gettext_lazy("Came in"),
    Change.WENT: gettext_lazy("Went out"),
    Change.CHANGED: gettext_lazy("Another outcome"),
}
#: Why a run kept somebody after all, beside the reasons of the rule.
KEPT_AFTER_ALL = {
    "anonymised": gettext_lazy("was anonymised by another run"),
    Outcome.DELETE.value: gettext_lazy("would be deleted by now, which nobody approved"),
    Outcome.ANONYMISE.value: gettext_lazy("would be anonymised by now, which nobody approved"),
}


@needs(Permission.SEE_PLANS)
def contacts(request: Request, number: int) -> HttpResponse:
    """The list of a plan. What is looked for comes by POST, and is kept: it may name people."""
    plan = found(number)
    page_name = f"plan {plan.pk}"
    run = runs.of_plan(plan)
    is_sent = request.method == "POST"
    names = request.user.may(Permission.FIND_CONTACTS)
    filters = _filters(request.POST) if is_sent else sought.kept(request, page_name)
    form = ListForm(filters, kind=plan.kind)
    is_valid = form.is_valid()
    if is_sent and is_valid:
        sought.keep(request, page_name, filters)
        return redirect("plan_contacts", number=plan.pk)
    look = Look(
        typed=form.cleaned_data["typed"] if is_valid and names else "",
        sort=_sort(request.GET, names=names),
        place=paging.place_of(request.GET),
    )
    page = (
        listing.page(plan, form.asked(), look, today=request.desk.today)
        if is_valid
        else Page((), None, None)
    )
    return render(
        request,
        "plans/contacts.html",
        {
            "number": str(plan.pk),
            "plan": plan,
            "form": form,
            "names": names,
            "is_searched": bool(look.typed.strip()),
            "is_sorted_by": look.sort,
            "rows": [_line(row) for row in page.rows],
            "page": page,
            "has_struck": run is not None and runs.settled(run).struck,
            "preceding": _query(page.preceding, sort=look.sort),
            "following": _query(page.following, sort=look.sort),
            "may_export": request.user.may(Permission.EXPORT_PLANS),
        },
        status=200 if is_valid else 422,
    )


@needs(Permission.SEE_PLANS)
@require_safe
def changes(request: Request, number: int) -> HttpResponse:
    """What is different from the plan before."""
    plan = found(number)
    earlier = comparison.before(plan)
    told: dict[str, Any] = {"number": str(plan.pk), "plan": plan, "earlier": earlier}
    if earlier is not None:
        told |= _compared(request, plan, earlier)
        if "counted" in request.GET:
            told["counts"] = comparison.counts(plan, earlier)
    return render(request, "plans/changes.html", told)


@needs(Permission.SEE_PLANS)
@require_safe
def counted(request: Request, number: int) -> HttpResponse:
    """How many changed: a part of that page of its own, since counting takes longer than a list may."""
    plan = found(number)
    earlier = comparison.before(plan)
    if earlier is None:
        raise Http404
    told = {
        "number": str(plan.pk),
        "earlier_number": str(earlier.pk),
        "counts": comparison.counts(plan, earlier),
    }
    return render(request, "plans/counted.html", told)


def _compared(request: Request, plan: Plan, earlier: Plan) -> dict[str, Any]:
    change = _change(request.GET.get("what", ""))
    page = comparison.page(
        plan, earlier, change, today=request.desk.today, place=paging.place_of(request.GET)
    )
    return {
        "earlier_number": str(earlier.pk),
        "names": request.user.may(Permission.FIND_CONTACTS),
        "totals": _side_by_side(queries.totals(plan), queries.totals(earlier)),
        "change": change,
        "tabs": [(c.value, name) for c, name in CHANGES.items()],
        "rows": [_line(row.line) | {"other": _other(row.other)} for row in page.rows],
        "page": page,
        "preceding": _query(page.preceding, what=change),
        "following": _query(page.following, what=change),
    }


@needs(Permission.EXPORT_PLANS)
@require_safe
def as_csv(request: Request, number: int) -> HttpResponseBase:  # noqa: ARG001
    """The list as it comes from the database; with no cell that a spreadsheet takes for a formula."""
    plan = found(number)
    response = StreamingHttpResponse(
        queries.csv_blocks(plan, for_spreadsheets=True), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="plan-{plan.pk}.csv"'
    return response


@needs(Permission.EXPORT_PLANS)
@require_safe
def as_workbook(request: Request, number: int) -> HttpResponseBase:  # noqa: ARG001
    """The same as a workbook; made in a file that has no name and goes with the answer."""
    plan = found(number)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    spreadsheet.write(plan, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"plan-{plan.pk}.xlsx")


def _filters(posted: QueryDict) -> dict[str, str]:
    return {name: posted.get(name, "") for name in ("typed", "outcome", "reason", "state")}


def _sort(given: Mapping[str, str], *, names: bool) -> Sort:
    """Whoever sees no names has no use for an order of theirs."""
    known = {sort.value: sort for sort in Sort}
    sort = known.get(given.get("sort", ""), Sort.RECENCY)
    return sort if names or sort not in (Sort.NUMBER, Sort.NAME) else Sort.RECENCY


def _change(given: str) -> Change:
    return Change(given) if given in tuple(Change) else Change.CAME


def _query(place: Place | None, **more: str) -> str:
    """What an address says of a place; nothing of none."""
    return urlencode({**more, **paging.told(place)}) if place else ""


def _line(row: ListedContact) -> dict[str, Any]:
    return {
        "url": reverse("contact", args=[row.contact.public_id]),
        "contact": row.contact.contact_number,
        "name": _name_of(row.contact),
        "outcome": row.outcome,
        "outcome_name": OUTCOMES[row.outcome],
        "lamp": _lamp(row.outcome, row.reasons),
        "recency_on": row.recency_on,
        "activity": ACTIVITIES[row.activity] if row.activity else "",
        "reasons": [_reason(reason) for reason in row.reasons],
        "state": row.state,
        "state_name": ROW_STATES[row.state],
        "kept_because": [_reason(reason) for reason in row.kept_because],
    }


def _lamp(outcome: str, reasons: tuple[str, ...]) -> str:
    """How an outcome is drawn: whoever is kept for a reason besides being active, as held."""
    if outcome != Outcome.KEEP:
        return outcome
    return "" if reasons == (Reason.ACTIVE,) else "held"


def _reason(code: str) -> Any:
    return REASONS.get(code) or KEPT_AFTER_ALL.get(code, code)


def _name_of(contact: FoundContact) -> str:
    return called(contact.first_name, contact.last_name) or _("without a name")


def _other(row: OtherRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "outcome_name": OUTCOMES[row.outcome],
        "lamp": _lamp(row.outcome, row.reasons),
        "reasons": [_reason(reason) for reason in row.reasons],
    }


def _side_by_side(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows: list[tuple[Any, int, int]] = [(_("Contacts"), then["contacts"], now["contacts"])]
    for outcome, name in OUTCOMES.items():
        rows.append((name, then["outcomes"][outcome], now["outcomes"][outcome]))
    for reason, count in now["reasons"].items():
        rows.append((REASONS[reason], then["reasons"].get(reason, 0), count))
    return [
        {"name": name, "then": before, "now": after, "more": after - before}
        for name, before, after in rows
    ]
