"""Requests of contacts: which are open, until when, and how they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fadeout.accounts.permissions import Permission
from fadeout.console.frame.access import needs
from fadeout.contacts.changing import LONGEST_TEXT
from fadeout.contacts.refusals import Refused, Why
from fadeout.rights import operations, queries
from fadeout.rights.models import State

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.rights.queries import RequestRow

CLOSED_SHOWN = 50
STATES = {
    State.OPEN: gettext_lazy("open"),
    State.DONE: gettext_lazy("done"),
    State.REFUSED: gettext_lazy("closed without it"),
}
IDENTIFIED = {
    "link": gettext_lazy("by a link in a mail to the address on file"),
    "operator": gettext_lazy("by the operator who entered it"),
}


class RefusalForm(forms.Form):
    """Why a request is not carried out."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is closed without forgetting the contact"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 4}),
    )


@needs(Permission.ANSWER_REQUESTS)
@require_GET
def requests(request: Request) -> HttpResponse:
    """Those that wait, the most urgent first; and the latest that were answered."""
    waiting = queries.open_requests()
    today = request.desk.today
    told = {
        "waiting": [_shown(row) | {"is_late": row.is_late(today)} for row in waiting],
        "late": sum(row.is_late(today) for row in waiting),
        "closed": [_shown(row) for row in queries.closed_requests(CLOSED_SHOWN)],
    }
    return render(request, "rights/requests.html", told)


@needs(Permission.ANSWER_REQUESTS)
@require_http_methods(["GET", "POST"])
def request_page(request: Request, public_id: UUID) -> HttpResponse:
    """One request; by POST, close it without carrying it out."""
    found = queries.by_public_id(public_id)
    if found is None:
        raise Http404
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _refuse(request, public_id, form)):
        return answer
    told = _shown(found) | {
        "form": form,
        "is_open": found.state is State.OPEN,
        "is_late": found.is_late(request.desk.today),
        "may_forget": request.user.may(Permission.FORGET_CONTACTS),
    }
    return render(request, "rights/request.html", told, status=422 if form.is_bound else 200)


def _refuse(request: Request, public_id: UUID, form: RefusalForm) -> HttpResponse | None:
    try:
        operations.refuse(
            public_id,
            reason=form.cleaned_data["reason"],
            by=request.desk.operator,
            now=request.desk.now,
        )
    except operations.NotOpen:
        messages.warning(request, _("This request was answered meanwhile. Nothing was changed."))
        return redirect("request", public_id=public_id)
    except Refused as refused:
        if refused.why is Why.NOT_ON_FILE:  # forgotten in this very moment: so it is answered
            return redirect("request", public_id=public_id)
        form.add_error("reason", refused.beside_a_field)
        return None
    messages.success(request, _("The request is closed. Its hold is lifted."))
    return redirect("requests")


def _shown(row: RequestRow) -> dict[str, Any]:
    return {
        "row": row,
        "state": STATES[row.state],
        "identified": IDENTIFIED[row.identified],
        "reference": str(row.public_id)[:8],
    }
