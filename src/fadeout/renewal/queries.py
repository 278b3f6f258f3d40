"""Reads of renewals, and their figures.

All figures are about the contacts who were due when the target was frozen, and add up:
due = renewed + still due + forgotten since. Renewed is whoever's recency does not lie before the cutoff of
that day any more, for whatever reason: by a click on their own link, or otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from fadeout.campaigns import totals
from fadeout.campaigns.models import State
from fadeout.campaigns.totals import Standing
from fadeout.links import queries as links
from fadeout.plans import comparison
from fadeout.plans.comparison import Counts
from fadeout.recency import operations as recency
from fadeout.renewal.models import Renewal
from fadeout.renewal.refusals import RenewalRefused, Why
from fadeout.targets.models import Member

_MADE = ("created_by", "link", "plan", "target", "campaign", "later_plan")
#: So many languages are told apart; the rest is one line, under this sign.
MOST_LANGUAGES, OTHERS = 10, "*"
BEGUN = (State.SENDING, State.PAUSED, State.SENT, State.CANCELLED)


@dataclass(frozen=True)
class Figures:
    """What came of a renewal so far.

    ``clicked`` are contacts of the campaign who clicked themselves, also those forgotten since; of the
    renewed, ``renewed_by_click`` are those of them who are on file. ``automated`` clicks count for nobody.
    ``letters`` are the figures of the campaign, once it has begun. ``recency_as_of`` is when the recency of
    all was decided last; that of whoever clicked or changed something, since.
    """

    due: int
    renewed: int
    renewed_by_click: int
    still_due: int
    forgotten: int
    clicked: int
    automated: int
    letters: Standing | None
    recency_as_of: datetime | None
    languages: tuple[tuple[str, int, int], ...] = field(default=())

    @property
    def renewed_otherwise(self) -> int:
        return self.renewed - self.renewed_by_click

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "due": self.due, "renewed": self.renewed, "renewed_by_click": self.renewed_by_click,
            "still_due": self.still_due, "forgotten": self.forgotten, "clicked": self.clicked,
            "automated_clicks": self.automated,
            "letters": self.letters.as_dict() if self.letters else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """The plan before and the one after, by the same period; how they differ."""

    before: dict[str, int]
    after: dict[str, int]
    counts: Counts


def all_renewals() -> list[Renewal]:
    """Every renewal, the newest first."""
    return list(Renewal.objects.select_related(*_MADE).order_by("-pk"))


def by_public_id(public_id: UUID) -> Renewal:
    """The renewal of this id.

    Raises:
        RenewalRefused: UNKNOWN.
    """
    found = Renewal.objects.select_related(*_MADE).filter(public_id=public_id).first()
    if found is None:
        raise RenewalRefused(Why.UNKNOWN)
    return found


def figures(renewal: Renewal) -> Figures | None:
    """What came of it; nothing before its target was frozen."""
    if renewal.target is None or renewal.cutoff is None or renewal.due is None:
        return None
    members = Member.objects.filter(target=renewal.target, contact__anonymised_on=None)
    before = Q(contact__indicator__recency_on__lt=renewal.cutoff)
    counted = members.aggregate(on_file=Count("pk"), still=Count("pk", filter=before))
    clicks = _clicks(renewal)
    clickers = links.clicked(renewal.campaign.public_id) if renewal.campaign else set()
    by_click = members.filter(contact__in=clickers).exclude(before).count() if clickers else 0
    return Figures(
        due=renewal.due,
        renewed=counted["on_file"] - counted["still"],
        renewed_by_click=by_click,
        still_due=counted["still"],
        forgotten=renewal.due - counted["on_file"],
        clicked=clicks.contacts,
        automated=clicks.automated,
        letters=_letters(renewal),
        recency_as_of=recency.as_of(),
        languages=_by_language(renewal, before),
    )


def compared(renewal: Renewal) -> Compared | None:
    """The plan before and after; nothing before there are two."""
    if renewal.plan is None or renewal.later_plan is None:
        return None
    return Compared(
        before=renewal.plan.totals["outcomes"],
        after=renewal.later_plan.totals["outcomes"],
        counts=comparison.counts(renewal.later_plan, renewal.plan),
    )


def _clicks(renewal: Renewal) -> links.Count:
    if renewal.campaign is None or renewal.link_id is None:
        return links.Count()
    return links.count_mailing(renewal.campaign.public_id).get(renewal.link_id, links.Count())


def _letters(renewal: Renewal) -> Standing | None:
    if renewal.campaign is None or renewal.campaign.state not in BEGUN:
        return None
    return totals.standing(renewal.campaign)


def _by_language(renewal: Renewal, before: Q) -> tuple[tuple[str, int, int], ...]:
    """Language, how many of the due are on file, how many of them renewed; rare ones together."""
    rows = (
        Member.objects.filter(target=renewal.target, contact__anonymised_on=None)
        .values("contact__language")
        .annotate(members=Count("pk"), still=Count("pk", filter=before))
        .order_by("-members", "contact__language")
    )
    found = [
        (row["contact__language"] or "", row["members"], row["members"] - row["still"])
        for row in rows
    ]
    if len(found) <= MOST_LANGUAGES:
        return tuple(found)
    shown, rest = found[: MOST_LANGUAGES - 1], found[MOST_LANGUAGES - 1 :]
    others = (OTHERS, sum(members for _, members, _ in rest), sum(stay for *_, stay in rest))
    return (*shown, others)
