"""How the address of a list of contacts says where a page begins: by a public id, which tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fadeout.contacts.search import Place

if TYPE_CHECKING:
    from django.http import QueryDict


def place_of(asked: QueryDict) -> Place:
    """Where the page begins; an address that somebody spoilt begins at the beginning."""
    stream = asked.get("stream", "")
    return Place(
        after=_public_id(asked.get("after", "")),
        before=_public_id(asked.get("before", "")),
        stream=int(stream) if stream.isascii() and stream.isdigit() and len(stream) < 4 else 0,
        at_end=asked.get("end") == "1",
    )


def told(place: Place) -> dict[str, str]:
    """What an address says of a place; nothing of the beginning."""
    said = {
        "after": str(place.after or ""),
        "before": str(place.before or ""),
        "stream": str(place.stream or ""),
        "end": "1" if place.at_end else "",
    }
    return {name: value for name, value in said.items() if value}


def _public_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
