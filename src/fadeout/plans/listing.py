"""The list of a plan, a page at a time: filtered, sorted, searched.

What could go wrong, and what prevents it:

- A list reads a million rows: rows of one outcome with the same reasons are a *group*, and lie in the order
  of recency in one piece of an index. There are a few dozen groups; a page takes as many rows of each as it
  shows, and keeps the first. By name or number it is a page of :mod:`fadeout.contacts.search`.
- Somebody is struck between two pages: a page begins behind or before a contact, known by public id. If that
  one is gone, the list begins anew, and says so.
- Somebody struck is shown: their rows name nobody, and no index of the list has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from fadeout.contacts import search
from fadeout.contacts.search import FoundContact, Page, Place
from fadeout.contacts.sought import BY_NUMBER, Filters
from fadeout.core import sql
from fadeout.plans.models import Plan, RowState
from fadeout.policy.outcomes import Outcome

PAGE = 50
#: So many are named one by one where contacts are searched; of more, each contact is asked for its row.
FEW = 2_000
STRUCK = (Outcome.DELETE, Outcome.ANONYMISE)

REASONS = "coalesce(reasons, '')"
RECENCY = "coalesce(recency_on, DATE '-infinity')"
#: Name -> what the index stands on.
INDEXES = {
    "plan_row_listed": f"(plan_id, outcome, ({REASONS}), ({RECENCY}), id) WHERE contact_id IS NOT NULL",
    "plan_row_requalified": "(plan_id, id) WHERE state = 'requalified'",
}


def index_statements() -> list[str]:
    """Makes all of them."""
    return [f"CREATE INDEX {name} ON plans_plan_row {on}" for name, on in INDEXES.items()]


class Sort(StrEnum):
    """What the list is sorted by; the longest silent first."""

    RECENCY = "recency"
    LATEST = "latest"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True)
class Asked:
    """Which rows of a plan: of these outcomes, with this reason, in this state; None does not ask."""

    outcomes: tuple[Outcome, ...] = tuple(Outcome)
    reason: str | None = None
    state: RowState | None = None


@dataclass(frozen=True)
class Look:
    """How somebody looks at the list. What is found by a text comes in the order of the search."""

    typed: str = ""
    sort: Sort = Sort.RECENCY
    place: Place = field(default_factory=Place)
    limit: int = PAGE


@dataclass(frozen=True)
class ListedContact:
    """A line of the list: what the plan says of somebody, and who that is."""

    row: int
    outcome: str
    recency_on: date | None
    activity: str | None
    reasons: tuple[str, ...]
    state: str
    kept_because: tuple[str, ...]
    contact: FoundContact


@dataclass(frozen=True)
class Beginning:
    """Where a page begins in the order of recency: at a key, or, if its contact is gone, anew."""

    place: Place
    key: tuple[str, int] | None
    is_anew: bool


@dataclass(frozen=True)
class InPlan(Filters):
    """Contacts that have such a row in a plan, as a filter of the search for contacts."""

    plan: int = 0
    asked: Asked = field(default_factory=Asked)
    #: Those that are meant, where they are few.
    contacts: tuple[int, ...] | None = None

    def conditions(self) -> tuple[str, ...]:
        """That the contact is one of the few, or has a row."""
        if self.contacts is not None:
            return ("c.id = ANY(%(contacts)s)",)
        return (sql.load("plans", "has_row"),)

    @property
    def are_many(self) -> bool:
        """Whether they are more than can be sorted."""
        return self.contacts is None

    def parameters(self, today: date) -> dict[str, Any]:
        """The values of the conditions."""
        of_plan = _parameters(self.plan, self.asked)
        contacts = list(self.contacts) if self.contacts is not None else None
        return super().parameters(today) | of_plan | {"contacts": contacts}


def page(plan: Plan, asked: Asked, look: Look | None = None, *, today: date) -> Page[ListedContact]:
    """A page of the list.

    Args:
        plan: whose.
        asked: which rows.
        look: what was typed, in which order, where the page begins.
        today: the institution's day.
    """
    look = look or Look()
    is_searched = look.typed.strip() or look.sort in (Sort.NUMBER, Sort.NAME)
    return (_searched if is_searched else _by_recency)(plan, asked, look, today)


def _searched(plan: Plan, asked: Asked, look: Look, today: date) -> Page[ListedContact]:
    found = search.search(
        look.typed,
        InPlan(plan=plan.pk, asked=asked, contacts=_few(plan.pk, asked)),
        today=today,
        place=look.place,
        limit=look.limit,
        order=BY_NUMBER if look.sort is Sort.NUMBER else None,
    )
    said = sql.rows(
        sql.load("plans", "rows_of_contacts"),
        {"plan": plan.pk, "contacts": [contact.contact_id for contact in found.rows]},
    )
    contacts = {contact.contact_id: contact for contact in found.rows}
    listed = {contact: _line(row, contacts[contact]) for contact, *row in said}
    return Page(
        tuple(listed[id_] for id_ in contacts if id_ in listed),
        found.following, found.preceding, found.is_cut_short, found.began_anew,
    )  # fmt: skip


def _by_recency(plan: Plan, asked: Asked, look: Look, today: date) -> Page[ListedContact]:
    begins = beginning(plan, look.place)
    backward = begins.place.backward
    descending = (look.sort is Sort.LATEST) != backward
    found = rows(plan.pk, asked, descending=descending, key=begins.key, limit=look.limit + 1)
    is_more, found = len(found) > look.limit, found[: look.limit]
    if backward:
        found.reverse()
    listed = tuple(lines(found, today=today))
    neighbours = _neighbours(listed, begins.place, is_more=is_more)
    return replace(neighbours, began_anew=begins.is_anew)


def lines(found: Sequence[Sequence[Any]], *, today: date) -> list[ListedContact]:
    """Rows with who they are about; without those who are not on file."""
    contacts = search.lines([contact for contact, *_ in found], today=today)
    known = {contact.contact_id: contact for contact in contacts}
    return [_line(row, known[contact]) for contact, *row in found if contact in known]


def _neighbours(
    listed: tuple[ListedContact, ...], place: Place, *, is_more: bool
) -> Page[ListedContact]:
    if not listed:
        return Page((), None, None)
    goes_on = is_more if not place.backward else place.before is not None
    goes_back = is_more if place.backward else place.after is not None
    return Page(
        listed,
        following=Place(after=listed[-1].contact.public_id) if goes_on else None,
        preceding=Place(before=listed[0].contact.public_id) if goes_back else None,
    )


def beginning(plan: Plan, place: Place) -> Beginning:
    """Where a page at this place begins in a plan."""
    if place.contact is None:
        return Beginning(place, None, is_anew=False)
    key = _key_of(plan, place.contact)
    return Beginning(place if key else Place(), key, is_anew=key is None)


def _key_of(plan: Plan, contact: UUID) -> tuple[str, int] | None:
    """What the row of a contact is sorted by; nothing if it is gone."""
    found = sql.rows(sql.load("plans", "key_of_contact"), {"plan": plan.pk, "contact": contact})
    return found[0] if found else None


def rows(
    plan: int, asked: Asked, *, descending: bool, key: tuple[str, int] | None, limit: int
) -> list[tuple[Any, ...]]:
    """Rows in the order of recency, from a key on: contact, row, and what the plan says."""
    direction, beyond = ("DESC", "<") if descending else ("ASC", ">")
    begun = f"AND ({RECENCY}, id) {beyond} (%(recency)s::date, %(id)s)" if key else ""
    recency, row = key or (None, None)
    parameters = _parameters(plan, asked) | {"recency": recency, "id": row, "limit": limit}
    columns = "contact_id, id, outcome, recency_on, activity, reasons, state, kept_because"
    ordered = f"ORDER BY {RECENCY} {direction}, id {direction} LIMIT %(limit)s"
    if asked.state is RowState.REQUALIFIED:
        where = f"{sql.load('plans', 'is_requalified')} {begun}"
        return sql.rows(f"SELECT {columns} FROM plans_plan_row WHERE {where} {ordered}", parameters)  # noqa: S608
    of_group = (
        f"SELECT {columns} FROM plans_plan_row"  # noqa: S608
        f" WHERE plan_id = %(plan)s AND contact_id IS NOT NULL AND outcome = g.outcome"
        f" AND {REASONS} = g.reasons AND (%(state)s::text IS NULL OR state = %(state)s) {begun} {ordered}"
    )
    groups = "unnest(%(group_outcomes)s::text[], %(group_reasons)s::text[]) AS g (outcome, reasons)"
    return sql.rows(
        f"SELECT r.* FROM {groups} CROSS JOIN LATERAL ({of_group}) AS r {ordered}",  # noqa: S608
        parameters,
    )


def _parameters(plan: int, asked: Asked) -> dict[str, Any]:
    groups = _groups(plan, asked)
    return {
        "plan": plan,
        "state": asked.state,
        "outcomes": [str(outcome) for outcome in asked.outcomes],
        "reason": asked.reason,
        "group_outcomes": [outcome for outcome, _ in groups],
        "group_reasons": [reasons for _, reasons in groups],
    }


def _groups(plan: int, asked: Asked) -> list[tuple[str, str]]:
    """The groups of a plan that are asked for."""
    return [
        (outcome, reasons)
        for outcome, reasons in sql.rows(sql.load("plans", "select_groups"), {"plan": plan})
        if outcome in asked.outcomes
        and (asked.reason is None or asked.reason in reasons.split("|"))
    ]


def _few(plan: int, asked: Asked) -> tuple[int, ...] | None:
    """The contacts that are asked for, if they are few."""
    if asked.state is RowState.REQUALIFIED:
        found = rows(plan, asked, descending=False, key=None, limit=FEW + 1)
    else:
        found = sql.rows(
            sql.load("plans", "contacts_of_groups"), _parameters(plan, asked) | {"limit": FEW + 1}
        )
    return tuple(contact for contact, *_ in found) if len(found) <= FEW else None


def _line(row: Sequence[Any], contact: FoundContact) -> ListedContact:
    number, outcome, recency_on, activity, reasons, state, kept_because = row
    return ListedContact(
        row=number, outcome=outcome, recency_on=recency_on, activity=activity,
        reasons=reasons_of(reasons), state=state, kept_because=reasons_of(kept_because),
        contact=contact,
    )  # fmt: skip


def reasons_of(stored: str | None) -> tuple[str, ...]:
    """The reasons that a row holds."""
    return tuple(stored.split("|")) if stored else ()
