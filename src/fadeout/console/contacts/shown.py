"""Turns what is on file into what the templates show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fadeout.console.contacts import words
from fadeout.console.frame.words import OUTCOMES, REASONS
from fadeout.contacts.models import ContactKind
from fadeout.contacts.words import KINDS
from fadeout.core.places import country_name, language_name
from fadeout.policy.outcomes import Outcome, Reason
from fadeout.recency.words import ACTIVITIES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from fadeout.contacts.records import Identity, Tie
    from fadeout.contacts.search import FoundContact
    from fadeout.recency.lists import Standing
    from fadeout.recency.queries import ListedActivity
    from fadeout.recency.sheets import Stay
    from fadeout.sales.queries import OrderOfContact

#: Told by the row itself, not by a tag.
TOLD_ELSEWHERE = {Reason.ACTIVE, Reason.HOLD}


@dataclass(frozen=True)
class Line:
    """A line of the list."""

    contact: FoundContact
    standing: Standing
    name: str
    kind: Any
    country: str
    outcome: Any
    tags: tuple[Any, ...]

    @property
    def is_due(self) -> bool:
        return self.standing.outcome is not Outcome.KEEP


def lines(rows: Sequence[FoundContact], standings: dict[int, Standing]) -> list[Line]:
    """The lines of a page, without whoever was erased since it was looked for."""
    return [_line(row, standings[row.contact_id]) for row in rows if row.contact_id in standings]


def _line(row: FoundContact, standing: Standing) -> Line:
    reasons = (reason for reason in standing.reasons if reason not in TOLD_ELSEWHERE)
    return Line(
        contact=row,
        standing=standing,
        name=called(row.first_name, row.last_name),
        kind=KINDS[ContactKind(row.kind)] if row.kind != ContactKind.INDIVIDUAL else "",
        country=country_name(row.country) if row.country else "",
        outcome=OUTCOMES[standing.outcome],
        tags=tuple(REASONS[reason] for reason in reasons),
    )


def called(first_name: str | None, last_name: str | None) -> str:
    """First and last name, as far as they are on file."""
    return " ".join(filter(None, (first_name, last_name)))


def about(identity: Identity) -> dict[str, Any]:
    """Whom a page is about, as its crumbs and its head call them."""
    return {"identity": identity, "name": called(identity.first_name, identity.last_name)}


def who(identity: Identity) -> dict[str, Any]:
    """Who it is, beside the facts that are shown as they are."""
    address = identity.address
    town = " ".join(filter(None, (address.postcode, address.town)))
    lines_of_address = (
        address.street, address.street2, town, country_name(address.country) if address.country else None,
    )  # fmt: skip
    return {
        "name": called(identity.first_name, identity.last_name),
        "kind": KINDS[identity.kind],
        "address": [line for line in lines_of_address if line],
        "language": language_name(identity.language) if identity.language else "",
    }


def tie(one: Tie) -> dict[str, Any]:
    """Somebody whom a contact hangs together with, as a link."""
    name = called(one.first_name, one.last_name) or one.contact_number
    return {"public_id": one.public_id, "name": name, "number": one.contact_number}


@dataclass(frozen=True)
class Happened:
    """A line of the time line."""

    row: ListedActivity
    what: Any
    because: Any
    parts: str
    detail: str
    decides: bool


def happened(rows: Sequence[ListedActivity], stay: Stay) -> list[Happened]:
    """The time line, with the line that recency comes from."""
    return [
        Happened(
            row=row,
            what=ACTIVITIES[row.activity],
            because=words.BECAUSE[row.because],
            parts=", ".join(
                str(words.PARTS[part]) for part in (row.part or "").split(", ") if part
            ),
            detail=row.detail or "",
            decides=row is stay.behind or row == stay.behind,
        )
        for row in rows
    ]


def order(one: OrderOfContact) -> dict[str, Any]:
    """An order, with its codes in words."""
    return {
        "order": one,
        "parts": ", ".join(str(words.PARTS[part]) for part in one.parts),
        "kinds": ", ".join(str(words.LINES[kind]) for kind in one.kinds),
    }


@dataclass(frozen=True)
class Light:
    """The time between recency and the day on which it is past the limit, as a bar of 1000 parts."""

    begins: date
    ends: date
    days_left: int
    at: int


def light(stay: Stay, today: date) -> Light | None:
    """How much light is left; nothing if none is, or if it never ends."""
    if not stay.is_kept_by_recency or stay.stays_until is None:
        return None
    whole = max((stay.stays_until - stay.recency_on).days, 1)
    gone = min(max((today - stay.recency_on).days, 0), whole)
    return Light(
        stay.recency_on,
        stay.stays_until,
        (stay.stays_until - today).days,
        round(1000 * gone / whole),
    )
