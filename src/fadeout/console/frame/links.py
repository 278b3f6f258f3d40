"""Where pages of other rooms are."""

from __future__ import annotations

from uuid import UUID

from django.urls import NoReverseMatch, reverse


def contact_sheet(public_id: UUID) -> str:
    """The sheet of a contact."""
    try:
        return reverse("contact", args=[public_id])
    except NoReverseMatch:
        return f"/contacts/{public_id}/"
