"""Reads of requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fadeout.contacts.models import Contact
from fadeout.rights.models import Request, RequestKind, State


@dataclass(frozen=True)
class RequestRow:
    """One request; ``contact`` is its public id, and nothing once they are erased."""

    public_id: UUID
    kind: RequestKind
    state: State
    contact: UUID | None
    opened_at: datetime
    due_on: date
    identified: str
    refused_at: datetime | None
    refusal: str | None
    erased_on: date | None

    def is_late(self, today: date) -> bool:
        """Whether it should have been answered before today."""
        return self.state is State.OPEN and self.due_on < today


def open_requests() -> list[RequestRow]:
    """Those that wait for an answer, the most urgent first."""
    found = Request.objects.filter(refused_at=None, erased_on=None).select_related("contact")
    return [_row(request) for request in found.order_by("due_on", "pk")]


def closed_requests(limit: int) -> list[RequestRow]:
    """Those that were answered, the latest first."""
    found = Request.objects.exclude(refused_at=None, erased_on=None).select_related("contact")
    return [_row(request) for request in found.order_by("-pk")[:limit]]


def by_public_id(public_id: UUID) -> RequestRow | None:
    """The request of this id, if there is one."""
    found = Request.objects.filter(public_id=public_id).select_related("contact").first()
    return _row(found) if found else None


def open_erasure_of(contact: Contact) -> RequestRow | None:
    """The request for erasure of a contact that waits for an answer, if there is one."""
    found = Request.objects.filter(
        contact=contact, kind=RequestKind.ERASURE, refused_at=None, erased_on=None
    ).first()
    return _row(found) if found else None


def _row(request: Request) -> RequestRow:
    return RequestRow(
        public_id=request.public_id,
        kind=RequestKind(request.kind),
        state=request.state,
        contact=request.contact.public_id if request.contact else None,
        opened_at=request.opened_at,
        due_on=request.due_on,
        identified=request.identified,
        refused_at=request.refused_at,
        refusal=request.refusal,
        erased_on=request.erased_on,
    )
