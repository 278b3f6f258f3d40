"""The contact sheet: all that is on file about one contact, its time line, and until when it stays.

What could go wrong: the contact is erased while its sheet is read, and half of it is shown. So it is looked
for again at the end: what is still on file then was so all along, since erasure never comes undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fadeout.contacts import records
from fadeout.contacts.records import (
    AuthorisationHistory,
    CriterionHistory,
    HoldRow,
    Identity,
    NoteRow,
    Ties,
)
from fadeout.core.errors import BadInput
from fadeout.policy.outcomes import Activity, Outcome, Reason
from fadeout.recency import lists, queries
from fadeout.recency.queries import Exclusion, Explanation, ListedActivity
from fadeout.sales import queries as sales
from fadeout.sales.queries import OrdersOfContact

MOST_ACTIVITIES = 300


@dataclass(frozen=True)
class Stay:
    """Until when the contact stays, and why: all that a sentence about it needs.

    ``stays_until`` is the last day on which recency alone keeps it, ``due_on`` the day after (None where
    they lie beyond the calendar); ``behind`` is the activity that recency came from. ``reasons`` are all that
    keep it today, in the order of the rule book, ``exclusions`` what lies behind them: amounts,
    holds with their last day, roles. ``outcome`` is what a run would do to it today.
    """

    recency_on: date
    activity: Activity
    behind: ListedActivity | None
    stays_until: date | None
    due_on: date | None
    months: int
    outcome: Outcome
    reasons: tuple[Reason, ...]
    exclusions: tuple[Exclusion, ...]
    is_prospect: bool

    @property
    def is_kept_by_recency(self) -> bool:
        return Reason.ACTIVE in self.reasons


@dataclass(frozen=True)
class Seen:
    """Marks of what the sheet showed, for the forms that change it."""

    authorisations: str
    criteria: str
    holds: str
    notes: str


@dataclass(frozen=True)
class Sheet:
    """All that is on file about one contact. Of activities the latest, and how many there are."""

    identity: Identity
    ties: Ties
    stay: Stay
    activities: tuple[ListedActivity, ...]
    activity_count: int
    authorisations: tuple[AuthorisationHistory, ...]
    criteria: tuple[CriterionHistory, ...]
    holds: tuple[HoldRow, ...]
    notes: tuple[NoteRow, ...]
    orders: OrdersOfContact
    seen: Seen


def sheet(public_id: UUID, *, today: date, months: int, time_zone: str) -> Sheet:
    """The sheet of a contact.

    Args:
        public_id: of whom.
        today: the institution's day.
        months: the period of the policy in force.
        time_zone: the institution's.

    Raises:
        Refused: NOT_ON_FILE.
    """
    contact = records.on_file(public_id)
    try:
        explained = queries.explain_contact(
            contact_id=contact.pk, as_of=today, months=months, time_zone=time_zone
        )
    except BadInput:
        records.require_on_file(public_id)
        raise
    authorisations, criteria = records.authorisations(contact), records.criteria(contact)
    holds, notes = records.holds(contact), records.notes(contact)
    made = Sheet(
        identity=records.identity(contact),
        ties=records.ties(contact),
        stay=_stay(explained, months),
        activities=explained.activities[:MOST_ACTIVITIES],
        activity_count=len(explained.activities),
        authorisations=authorisations,
        criteria=criteria,
        holds=holds,
        notes=notes,
        orders=sales.orders_of(contact.pk),
        seen=Seen(*map(records.version, (authorisations, criteria, holds, notes))),
    )
    records.require_on_file(public_id)
    return made


def _stay(explained: Explanation, months: int) -> Stay:
    decision = explained.decision
    return Stay(
        recency_on=decision.recency_on,
        activity=Activity(decision.activity),
        behind=_behind(explained),
        stays_until=lists.stays_until(decision.recency_on, months),
        due_on=explained.due_on,
        months=months,
        outcome=Outcome(decision.outcome),
        reasons=tuple(map(Reason, decision.reasons)),
        exclusions=explained.exclusions,
        is_prospect=not decision.bought_or_benefited,
    )


def _behind(explained: Explanation) -> ListedActivity | None:
    decided = (explained.decision.recency_on, explained.decision.activity)
    counting = (row for row in explained.activities if row.counts)
    return next((row for row in counting if (row.day, row.activity) == decided), None)
