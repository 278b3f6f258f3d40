"""Changes that are activities, with the recency that comes of them kept at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fadeout.contacts import operations as contacts
from fadeout.contacts.changing import AuthorisationChange, CriterionChange
from fadeout.recency import operations


def change_authorisations(
    public_id: UUID,
    changes: Sequence[AuthorisationChange],
    *,
    seen: str,
    now: datetime,
    time_zone: str,
) -> int:
    """As :func:`fadeout.contacts.operations.change_authorisations`, in the institution's time zone."""
    count = contacts.change_authorisations(public_id, changes, seen=seen, now=now)
    if count:
        operations.refresh_contact(public_id, now=now, time_zone=time_zone)
    return count


def change_criteria(
    public_id: UUID,
    changes: Sequence[CriterionChange],
    *,
    seen: str,
    now: datetime,
    time_zone: str,
) -> int:
    """As :func:`fadeout.contacts.operations.change_criteria`, in the institution's time zone."""
    count = contacts.change_criteria(public_id, changes, seen=seen, now=now)
    if count:
        operations.refresh_contact(public_id, now=now, time_zone=time_zone)
    return count
