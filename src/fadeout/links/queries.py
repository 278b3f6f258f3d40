"""Reads of tracked links: what they are, what was counted, what a token stands for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fadeout.core import sql
from fadeout.links import clicks
from fadeout.links.clicks import State
from fadeout.links.models import Click, Issued, TrackedLink
from fadeout.links.refusals import LinkRefused, Why
from fadeout.links.tokens import LinkKeys


@dataclass(frozen=True)
class Count:
    """How often people clicked, and programs; how many contacts clicked on links of their own."""

    human: int = 0
    automated: int = 0
    contacts: int = 0


@dataclass(frozen=True)
class CountedLink:
    link: TrackedLink
    count: Count


@dataclass(frozen=True)
class CountedDay:
    day: date
    human: int
    automated: int


@dataclass(frozen=True)
class Resolved:
    """What a token or code stands for. ``contact`` and ``issued_for`` only of a contact's own link."""

    state: State
    link: TrackedLink | None = None
    contact: int | None = None
    issued_for: UUID | None = None


def by_code(code: str) -> TrackedLink:
    """The link with this code.

    Raises:
        LinkRefused: UNKNOWN.
    """
    found = TrackedLink.objects.select_related("created_by").filter(code=code.lower()).first()
    if found is None:
        raise LinkRefused(Why.UNKNOWN)
    return found


def named(text: str) -> TrackedLink:
    """The link with this code or this name.

    Raises:
        LinkRefused: UNKNOWN.
    """
    found = TrackedLink.objects.select_related("created_by").filter(name=text).first()
    return found or by_code(text)


def all_links() -> list[CountedLink]:
    """Every link with what was counted: those that lead on first, the newest first."""
    counted = {link: Count(*figures) for link, *figures in sql.rows(_load("list_counted"))}
    found = TrackedLink.objects.select_related("created_by").order_by("-created_at", "-pk")
    ordered = sorted(found, key=lambda link: link.retired_at is not None)
    return [CountedLink(link, counted.get(link.pk, Count())) for link in ordered]


def count(link: TrackedLink) -> Count:
    """What was counted of one link since it was made."""
    figures = {link: found for link, *found in sql.rows(_load("list_counted"))}
    return Count(*figures.get(link.pk, ()))


def days(link: TrackedLink, *, since: date) -> list[CountedDay]:
    """What was counted day by day, of days on which anything was."""
    return [
        CountedDay(*row) for row in sql.rows(_load("list_days"), {"link": link.pk, "since": since})
    ]


def count_mailing(issued_for: UUID) -> dict[int, Count]:
    """What was counted of a mailing: link -> how often and by how many. Erasure takes nothing off it."""
    found = sql.rows(_load("count_mailing"), {"issued_for": issued_for})
    return {link: Count(*figures) for link, *figures in found}


def clicked(issued_for: UUID) -> set[int]:
    """The contacts on file who clicked on a link of a mailing themselves."""
    found = Click.objects.filter(issued_for=issued_for, automated=False)
    return set(found.values_list("contact", flat=True))


def resolve(text: str, *, keys: LinkKeys, now: datetime) -> Resolved:
    """What a token or code stands for; nothing is written down.

    A contact's own link resolves as long as it is known, also expired or ended: its state says so.
    """
    if clicks.is_code(text):
        link = TrackedLink.objects.filter(code=text.lower()).first()
        return Resolved(_state(link), link)
    handle = keys.handle(text)
    if handle is None:
        return Resolved(State.UNKNOWN)
    on_file = Issued.objects.filter(handle=handle, contact__anonymised_on=None)
    issued = on_file.select_related("link").first()
    if issued is None:
        return Resolved(State.ENDED)
    state = _state(issued.link)
    if issued.revoked_at is not None:
        state = State.ENDED
    elif state is State.COUNTED and issued.expires_at is not None and now >= issued.expires_at:
        state = State.EXPIRED
    return Resolved(state, issued.link, issued.contact_id, issued.issued_for)


def lock_contacts(contacts: Collection[int]) -> list[int]:
    """Those of these contacts that are on file, locked until the transaction ends."""
    found = sql.rows(_load("lock_contacts"), {"contacts": list(contacts)})
    return [contact for (contact,) in found]


def _state(link: TrackedLink | None) -> State:
    if link is None:
        return State.UNKNOWN
    return State.COUNTED if link.retired_at is None else State.ENDED


def _load(name: str) -> str:
    return sql.load("links", name)
