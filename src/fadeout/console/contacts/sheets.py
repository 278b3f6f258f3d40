"""The contact sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from fadeout.accounts.permissions import Permission
from fadeout.console.contacts import shown, words
from fadeout.console.contacts.desk import of_contact, sheet
from fadeout.console.contacts.sentence import said
from fadeout.console.frame.access import needs
from fadeout.contacts.words import ANSWERS
from fadeout.policy.outcomes import Outcome
from fadeout.sales.queries import organisation_names

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from fadeout.console.frame.desk import Request
    from fadeout.contacts.records import AuthorisationHistory, CriterionHistory, Ties

#: What is shown at once of a long list; the rest is behind one press.
AT_ONCE = 12
ORDERS_AT_ONCE = 6
NOTES_AT_ONCE = 4


@needs(Permission.FIND_CONTACTS)
@of_contact
def contact(request: Request, public_id: UUID) -> HttpResponse:
    """All that is on file about a contact, and until when it stays."""
    on_file = sheet(request, public_id)
    time_line = shown.happened(on_file.activities, on_file.stay)
    orders = [shown.order(one) for one in on_file.orders.latest]
    told = {
        "sheet": on_file,
        "identity": on_file.identity,
        "who": shown.who(on_file.identity),
        "ties": _ties(on_file.ties),
        "organisations": sorted({order.organisation for order in on_file.orders.latest}),
        "said": said(on_file.stay, organisation_names()),
        "light": shown.light(on_file.stay, request.desk.today),
        "is_due": on_file.stay.outcome is not Outcome.KEEP,
        "time_line": time_line[:AT_ONCE],
        "earlier": time_line[AT_ONCE:],
        "not_shown": on_file.activity_count - len(time_line),
        "authorisations": [answered(history) for history in on_file.authorisations],
        "criteria": [labelled(history) for history in on_file.criteria],
        "holds": [
            (hold, not hold.until or hold.until >= request.desk.today) for hold in on_file.holds
        ],
        "notes": on_file.notes[:NOTES_AT_ONCE],
        "earlier_notes": on_file.notes[NOTES_AT_ONCE:],
        "orders": orders[:ORDERS_AT_ONCE],
        "earlier_orders": orders[ORDERS_AT_ONCE:],
        "orders_not_shown": on_file.orders.count - len(orders),
        "may_edit": request.user.may(Permission.EDIT_CONTACTS),
        "may_hold": request.user.may(Permission.HOLD_CONTACTS),
        "may_forget": request.user.may(Permission.FORGET_CONTACTS),
    }
    return render(request, "contacts/contact.html", told)


def answered(history: AuthorisationHistory) -> dict[str, Any]:
    """An authorisation with its history in words."""
    rows = [(row, ANSWERS[row.value], words.ORIGINS[row.origin]) for row in history.rows]
    return {
        "purpose": history.purpose,
        "channel": history.channel,
        "now": rows[0],
        "before": rows[1:],
    }


def labelled(history: CriterionHistory) -> dict[str, Any]:
    """A criterion with its history in words."""
    rows = [(row, words.ORIGINS[row.origin]) for row in history.rows]
    return {"criterion": history.criterion, "now": rows[0], "before": rows[1:]}


def _ties(ties: Ties) -> dict[str, Any]:
    return {
        "structure": shown.tie(ties.structure) if ties.structure else None,
        "created_by": shown.tie(ties.created_by) if ties.created_by else None,
        "relays": [shown.tie(one) for one in ties.relays],
        "relays_not_shown": ties.relay_count - len(ties.relays),
        "community": [shown.tie(one) for one in ties.community],
        "community_not_shown": ties.community_count - len(ties.community),
    }
