"""What is counted of a campaign, as it happens: erasing a contact takes the message and leaves the count.

What could go wrong: a message is erased before it was counted, or counted twice. So every end of a message is
counted in the transaction that writes it; and what nobody ended was erased before its turn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from fadeout.campaigns.audience import LeftOut
from fadeout.campaigns.models import Campaign, CampaignTotal, Message, MessageState
from fadeout.core import sql

TARGET, AUDIENCE, LEFT_OUT = "target", "audience", "left_out"
SENT, FAILED, BOUNCED, IN_DOUBT, UNSUBSCRIBED = (
    "sent", "failed", "bounced", "in_doubt", "unsubscribed",
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A campaign in figures. ``left_out`` has those of the beginning, and those since.

    ``target`` = all of ``left_out`` + ``sent`` + ``failed`` + ``in_doubt`` + ``waiting``.
    """

    target: int = 0
    audience: int = 0
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)
    sent: int = 0
    failed: int = 0
    bounced: int = 0
    in_doubt: int = 0
    unsubscribed: int = 0
    retrying: int = 0

    @property
    def left_out_in_all(self) -> int:
        return sum(self.left_out.values())

    @property
    def waiting(self) -> int:
        """Those whose turn is still to come, or who were erased before it and are not counted so yet."""
        return max(self.target - self.left_out_in_all - self.done, 0)

    @property
    def done(self) -> int:
        return self.sent + self.failed + self.in_doubt

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "target": self.target, "audience": self.audience, "sent": self.sent, "failed": self.failed,
            "bounced": self.bounced, "in_doubt": self.in_doubt, "waiting": self.waiting,
            "retrying": self.retrying, "unsubscribed": self.unsubscribed,
            "left_out": {str(reason): n for reason, n in self.left_out.items()},
        }  # fmt: skip


def add(campaign_id: int, what: str, count: int = 1, *, reason: str = "") -> None:
    """Count, in the transaction of what is counted."""
    counted = {"campaign": campaign_id, "what": what, "reason": reason, "count": count}
    sql.execute(sql.load("campaigns", "add_to_total"), counted)


def standing(campaign: Campaign) -> Standing:
    """The figures of a campaign; nothing but zeros before it began."""
    return standings([campaign])[campaign.pk]


def standings(campaigns: Collection[Campaign]) -> dict[int, Standing]:
    """The figures of several campaigns, by their rows."""
    known: dict[int, dict[str, Any]] = {campaign.pk: {"left_out": {}} for campaign in campaigns}
    for row in CampaignTotal.objects.filter(campaign__in=known):
        figures = known[row.campaign_id]
        if row.what == LEFT_OUT:
            figures[LEFT_OUT][LeftOut(row.reason)] = row.count
        else:
            figures[row.what] = row.count
    retrying = Message.objects.filter(campaign__in=known, state=MessageState.RETRYING)
    for campaign, count in retrying.values_list("campaign").annotate(n=Count("pk")):
        known[campaign]["retrying"] = count
    return {campaign: _standing(**figures) for campaign, figures in known.items()}


def _standing(left_out: Mapping[LeftOut, int], **figures: int) -> Standing:
    in_order = {reason: left_out[reason] for reason in LeftOut if left_out.get(reason)}
    return Standing(left_out=in_order, **figures)
