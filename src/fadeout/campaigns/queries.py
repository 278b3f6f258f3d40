"""Reads of campaigns."""

from __future__ import annotations

from uuid import UUID

from fadeout.campaigns.models import Campaign
from fadeout.links import queries as links


def listed(*, below: int | None = None, limit: int = 26) -> list[Campaign]:
    """Campaigns, the newest first."""
    found = Campaign.objects.select_related("target").order_by("-pk")
    if below is not None:
        found = found.filter(pk__lt=below)
    return list(found[:limit])


def clicked(campaign: Campaign) -> dict[str, int]:
    """Tag of a link -> how many contacts clicked theirs themselves; erasure takes nothing off it."""
    counts = links.count_mailing(campaign.public_id)
    return {
        placed.tag: counts[placed.link_id].contacts if placed.link_id in counts else 0
        for placed in campaign.placed.order_by("position")
    }


def is_known(public_id: UUID) -> bool:
    """Whether there is a campaign of this id."""
    return Campaign.objects.filter(public_id=public_id).exists()
