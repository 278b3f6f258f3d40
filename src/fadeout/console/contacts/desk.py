"""What the views of one contact share: its sheet, and an answer when it is not on file any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from fadeout.contacts.refusals import Refused, Why
from fadeout.institution import queries as institution
from fadeout.recency import sheets

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.recency.sheets import Sheet

View = Callable[..., "HttpResponse"]


def of_contact(view: View) -> View:
    """A view of one contact. Whether it never was, was deleted or anonymised, is told nobody."""

    @wraps(view)
    def shown(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            if refused.why is not Why.NOT_ON_FILE:
                raise
            was_sent = request.method == "POST"
            return render(request, "contacts/gone.html", {"was_sent": was_sent}, status=404)

    return shown


def sheet(request: Request, public_id: UUID) -> Sheet:
    """The contact as it is on file now.

    Raises:
        Refused: NOT_ON_FILE.
    """
    return sheets.sheet(
        public_id,
        today=request.desk.today,
        months=institution.policy_in_force().months,
        time_zone=request.desk.house.time_zone,
    )
