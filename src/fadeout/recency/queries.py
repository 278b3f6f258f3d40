"""Recency and outcome, for all contacts or for some, by one and the same statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from fadeout.contacts.models import Contact
from fadeout.core import sql
from fadeout.core.errors import BadInput
from fadeout.policy import periods

MARKER = re.compile(r"\[\[(contact|order):(\w+)\]\]")
SOURCE = re.compile(r"FROM (\w+)\s+WHERE [^()\[\]]*" + MARKER.pattern)


@dataclass(frozen=True)
class Decision:
    """What the rules say of one contact.

    ``reasons`` is empty where the contact is deleted or anonymised. A sale still to take place is
    none of them: it matters where somebody is forgotten by hand. So does that they asked for erasure
    themselves: the reason ``request`` then stands for that request.
    """

    contact_id: int
    contact_number: str
    outcome: str
    recency_on: date
    activity: str
    reasons: tuple[str, ...]
    bought_or_benefited: bool
    sale_to_come: bool
    erasure_asked: bool


@dataclass(frozen=True)
class Question:
    """What is asked: as of which day, after how many months of silence, in which time zone."""

    as_of: date
    months: int
    time_zone: str

    @property
    def cutoff(self) -> date:
        """Computed here once and passed to SQL."""
        return periods.cutoff(self.as_of, self.months)

    def parameters(self) -> dict[str, Any]:
        """The parameters of :func:`statement`, which is run inside ``sql.local_days(time_zone)``."""
        return {"as_of": self.as_of, "cutoff": self.cutoff}


@dataclass(frozen=True)
class Source:
    """A table that the decision reads, and by which of its columns it belongs to a contact or an order."""

    table: str
    kind: str
    column: str


@cache
def sources() -> tuple[Source, ...]:
    """All tables that :func:`statement` reads of the chosen contacts and their orders."""
    return tuple(Source(*found) for found in SOURCE.findall(sql.load("recency", "sources")))


@cache
def statement(*, chosen: bool, tail: str) -> str:
    """The one statement that decides, followed by what is asked of its ``decision`` rows.

    Args:
        chosen: restrict it to the contacts of the parameter ``contact_ids``.
        tail: the SELECT over ``decision``; it becomes the statement's own.
    """
    sources = MARKER.sub(_of_the_chosen if chosen else "TRUE", sql.load("recency", "sources"))
    if chosen:  # few rows, read several times: fetched once
        sources = sources.replace("NOT MATERIALIZED", "MATERIALIZED")
    orders = sql.load("recency", "chosen") if chosen else ""
    return "\n".join(("WITH", orders, sources, ",", sql.load("recency", "decide"), tail))


def decide(
    *, as_of: date, months: int, time_zone: str, contact_ids: Sequence[int] | None = None
) -> list[Decision]:
    """Recency and outcome in byte order of contact number; of all contacts unless some are named."""
    question = Question(as_of=as_of, months=months, time_zone=time_zone)
    text = statement(
        chosen=contact_ids is not None,
        tail="SELECT contact_id, contact_number, outcome, recency_on, activity, reasons,"
        " bought_or_benefited, sale_to_come, erasure_asked"
        ' FROM decision ORDER BY contact_number COLLATE "C"',
    )
    parameters = question.parameters() | {"contact_ids": list(contact_ids or ())}
    with sql.local_days(time_zone):
        found = sql.rows(text, parameters)
    return [
        Decision(
            number,
            contact,
            outcome,
            recency,
            activity,
            tuple(reasons.split("|") if reasons else ()),
            bought,
            to_come,
            asked,
        )
        for number, contact, outcome, recency, activity, reasons, bought, to_come, asked in found
    ]


def _of_the_chosen(marker: re.Match[str]) -> str:
    kind, column = marker.groups()
    return f"{column} IN (SELECT id FROM chosen_{kind})"  # noqa: S608 - from our own file


@dataclass(frozen=True)
class ListedActivity:
    """One row on file that could move the recency of a contact.

    ``because`` is a code: why it counts as of this day, or why it does not count.
    """

    day: date
    activity: str
    counts: bool
    because: str
    part: str | None
    order_number: str | None
    line: int | None
    detail: str | None


@dataclass(frozen=True)
class Exclusion:
    """What lies behind a reason: a balance with an organisation, a hold, a role.

    ``detail`` is the amount and currency, the hold's reason or the role; ``until`` a hold's last day.
    """

    reason: str
    organisation: str | None
    detail: str
    until: date | None


@dataclass(frozen=True)
class Explanation:
    """Everything that makes the recency of one contact, and the day on which it falls due.

    ``due_on`` is None where that day lies beyond the calendar.
    """

    decision: Decision
    activities: tuple[ListedActivity, ...]
    exclusions: tuple[Exclusion, ...]
    due_on: date | None


def explain(*, contact_number: str, as_of: date, months: int, time_zone: str) -> Explanation:
    """Why the contact has the recency it has.

    Raises:
        BadInput: there is no such contact (any more).
    """
    found = Contact.objects.filter(contact_number=contact_number, anonymised_on=None).first()
    if found is None:
        raise BadInput("There is no contact of this number on file.")
    return explain_contact(contact_id=found.pk, as_of=as_of, months=months, time_zone=time_zone)


def explain_contact(*, contact_id: int, as_of: date, months: int, time_zone: str) -> Explanation:
    """Why a contact that is known by its row has the recency it has.

    Raises:
        BadInput: it is not on file any more.
    """
    question = Question(as_of=as_of, months=months, time_zone=time_zone)
    parameters = question.parameters() | {"contact_ids": [contact_id]}
    activities = f",\n{sql.load('recency', 'list_activities')}"
    exclusions = sql.load("recency", "list_exclusions")
    decided = decide(as_of=as_of, months=months, time_zone=time_zone, contact_ids=[contact_id])
    if not decided:
        raise BadInput("There is no such contact on file (any more).")
    [decision] = decided
    with sql.local_days(time_zone):
        listed = sql.rows(statement(chosen=True, tail=activities), parameters)
        behind = sql.rows(statement(chosen=True, tail=exclusions), parameters)
    return Explanation(
        decision=decision,
        activities=tuple(ListedActivity(*row) for row in listed),
        exclusions=tuple(Exclusion(*row) for row in behind),
        due_on=_due_on(decision.recency_on, months),
    )


def _due_on(recency: date, months: int) -> date | None:
    try:
        return periods.due_on(recency, months)
    except ValueError:
        return None
