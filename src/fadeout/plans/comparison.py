"""What is different from the plan before: who came in, who went out, whose outcome changed.

What could go wrong: somebody approves what they take for the list they saw last time. So both are laid side
by side, contact by contact. Whoever was struck since, by whatever plan, is in neither list any more; they are
counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from fadeout.contacts import search
from fadeout.contacts.search import Page, Place
from fadeout.core import sql
from fadeout.plans import listing
from fadeout.plans.listing import PAGE, Asked, ListedContact
from fadeout.plans.models import Plan

#: So many rows are looked at for a page.
WALK = 6_000


class Change(StrEnum):
    """What became of somebody between two plans."""

    CAME = "came"
    WENT = "went"
    CHANGED = "changed"


@dataclass(frozen=True)
class Counts:
    """How many contacts came in, went out, changed their outcome, stayed; and were struck between the two."""

    came: int
    went: int
    changed: int
    same: int
    struck_since: int


@dataclass(frozen=True)
class OtherRow:
    """What the other plan says of a contact."""

    outcome: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ChangedContact:
    """A contact as the plan has it, and what the other one says; nothing if it did not know them."""

    line: ListedContact
    other: OtherRow | None


def before(plan: Plan) -> Plan | None:
    """The plan of the same kind that was made before."""
    return Plan.objects.filter(kind=plan.kind, pk__lt=plan.pk).order_by("-pk").first()


def counts(plan: Plan, earlier: Plan) -> Counts:
    """How many came, went, changed."""
    parameters = {"now": plan.pk, "before": earlier.pk}
    [(came, went, changed, same)] = sql.rows(sql.load("plans", "count_changes"), parameters)
    struck_since = earlier.rows.filter(contact=None, outcome__in=listing.STRUCK).count()
    return Counts(came, went, changed, same, struck_since)


def page(
    plan: Plan, earlier: Plan, change: Change, *, today: date, place: Place | None = None
) -> Page[ChangedContact]:
    """A page of who came, went or changed, the last active first."""
    of, other = (earlier, plan) if change is Change.WENT else (plan, earlier)
    asked = Asked(outcomes=listing.STRUCK)
    begins = listing.beginning(of, place or Place())
    at = begins.place
    walked = listing.rows(of.pk, asked, descending=not at.backward, key=begins.key, limit=WALK)
    others = _others(other, [row[0] for row in walked])
    met = [row for row in walked if _is(change, row[2], others.get(row[0]))][: PAGE + 1]
    is_more, met = len(met) > PAGE, met[:PAGE]
    was_cut = not is_more and len(walked) == WALK
    if at.backward:
        met.reverse()
    lines = tuple(
        ChangedContact(line, others.get(line.contact.contact_id))
        for line in listing.lines(met, today=today)
    )
    ahead = _public_id(walked[-1][0]) if was_cut else _end(lines, at) if is_more else None
    back = _start(lines, at)
    following, preceding = (back, ahead) if at.backward else (ahead, back)
    return Page(
        lines,
        Place(after=following) if following else None,
        Place(before=preceding) if preceding else None,
        is_cut_short=was_cut,
        began_anew=begins.is_anew,
    )


def _is(change: Change, outcome: str, other: OtherRow | None) -> bool:
    was_struck = other is not None and other.outcome in listing.STRUCK
    if change is Change.CHANGED:
        return was_struck and other is not None and other.outcome != outcome
    return not was_struck


def _others(plan: Plan, contacts: list[int]) -> dict[int, OtherRow]:
    found = sql.rows(sql.load("plans", "rows_of_contacts"), {"plan": plan.pk, "contacts": contacts})
    return {
        contact: OtherRow(outcome, listing.reasons_of(reasons))
        for contact, _, outcome, _, _, reasons, *_ in found
    }


def _end(lines: tuple[ChangedContact, ...], at: Place) -> UUID | None:
    """The line beyond which the walk goes on."""
    return lines[0 if at.backward else -1].line.contact.public_id if lines else None


def _start(lines: tuple[ChangedContact, ...], at: Place) -> UUID | None:
    """The line before which the walk began, unless that is the beginning of the list."""
    if at.contact is None:
        return None
    return lines[-1 if at.backward else 0].line.contact.public_id if lines else at.contact


def _public_id(contact: int) -> UUID | None:
    found = search.lines([contact], today=date.min)
    return found[0].public_id if found else None
