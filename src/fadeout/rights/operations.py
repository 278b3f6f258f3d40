"""Opens a request of a contact about their own data, and closes one that is not carried out.

What could go wrong, and what prevents it:

- A run or an import changes the contact while they ask: they are locked, and held from then on.
- They ask twice: one request of a kind is open at a time, and the second finds the first.
- The request itself forbids what it asks for: its hold is marked as its own, so that by hand the contact can
  be forgotten; a hold of another request is left as it is, and forbids as before.
- The request is forgotten: it has a last day, one month after the house's own day on which it came.
- Nobody can say what was answered: carried out, erasure itself closes it, in its own transaction; closed
  without that, it needs a reason. The ledger keeps an opaque id and codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from fadeout.contacts import records
from fadeout.contacts.changing import required, typed
from fadeout.contacts.models import Contact, Hold
from fadeout.core import clock
from fadeout.core.errors import BadInput
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind
from fadeout.policy import periods
from fadeout.rights.models import Identified, Request, RequestKind, State

MONTHS_TO_ANSWER = 1
HELD_AS = "request"


class NotOpen(BadInput):
    """The request is closed already, or there is none."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no such open request (any more). Nothing was changed."),
            way_out=_("Look at the list of requests again."),
        )


@dataclass(frozen=True)
class Opened:
    """The request, and whether it is new."""

    request: Request
    is_new: bool


def open_erasure(
    public_id: UUID,
    *,
    identified: Identified,
    time_zone: str,
    now: datetime,
    by: Operator | None = None,
) -> Opened:
    """Note that a contact asks to be forgotten, and hold them until that is answered.

    Args:
        public_id: who asks.
        identified: how it is known that it is they.
        time_zone: the institution's.
        now: this instant.
        by: the operator who enters it; nobody, if the contact did it themselves.

    Raises:
        Refused: NOT_ON_FILE.
    """
    with transaction.atomic():
        contact = records.locked(public_id)
        known = _open(contact)
        if known is not None:
            return Opened(known, is_new=False)
        request = Request.objects.create(
            kind=RequestKind.ERASURE,
            contact=contact,
            identified=identified,
            opened_at=now,
            due_on=periods.months_after(clock.local_day(now, time_zone), MONTHS_TO_ANSWER),
        )
        request.refresh_from_db(fields=["public_id"])
        _hold(contact, clock.local_day(now, time_zone), now)
        _record("opened", request, by=by, now=now)
        return Opened(request, is_new=True)


def refuse(request_id: UUID, *, reason: str, by: Operator, now: datetime) -> None:
    """Close a request that is not carried out, and let the contact go.

    Args:
        request_id: which.
        reason: why, as it could be told to the contact.
        by: who answers for it.
        now: this instant.

    Raises:
        Refused: EMPTY, TOO_LONG, NOT_A_TEXT.
        NotOpen: it is closed already.
    """
    why = required(typed(reason, "reason"), "reason")
    with transaction.atomic():
        found = Request.objects.filter(public_id=request_id).select_related("contact").first()
        if found is None or found.contact is None:
            raise NotOpen
        contact = records.locked(found.contact.public_id)
        request = Request.objects.select_for_update().get(pk=found.pk)
        if request.state is not State.OPEN:
            raise NotOpen
        request.refused_at, request.refused_by, request.refusal = now, by, why
        request.save(update_fields=["refused_at", "refused_by", "refusal"])
        Hold.objects.filter(contact=contact, of_request=True).delete()
        _record("refused", request, by=by, now=now)


def _open(contact: Contact) -> Request | None:
    return Request.objects.filter(
        contact=contact, kind=RequestKind.ERASURE, refused_at=None, erased_on=None
    ).first()


def _hold(contact: Contact, today: date, now: datetime) -> None:
    """Put up the hold; one of another request says the same, and stays another's while it counts."""
    own = {"created_at": now, "of_request": True, "until": None, "owner": None}
    hold, is_new = Hold.objects.get_or_create(contact=contact, reason=HELD_AS, defaults=own)
    if not is_new and hold.until is not None and hold.until < today:
        Hold.objects.filter(pk=hold.pk).update(**own)


def _record(what: str, request: Request, *, by: Operator | None, now: datetime) -> None:
    facts = {
        "request": request.public_id,
        "kind": request.kind,
        "what": what,
        "identified": request.identified,
        "due": request.due_on,
    }
    ledger.record(Kind.REQUEST, by=by, now=now, facts=facts)
