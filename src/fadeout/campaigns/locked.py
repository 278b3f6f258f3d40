"""A campaign held by its row until the transaction ends, so that nobody else changes it."""

from __future__ import annotations

from fadeout.campaigns.models import Campaign, State
from fadeout.campaigns.refusals import Refused, Why


def draft(campaign: Campaign, seen: str | None) -> Campaign:
    found = any_state(campaign, seen)
    if found.state != State.DRAFT:
        raise Refused(Why.NOT_A_DRAFT)
    return found


def any_state(campaign: Campaign, seen: str | None) -> Campaign:
    found = Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    if found is None:
        raise Refused(Why.UNKNOWN)
    if seen is not None and seen != found.stamp:
        raise Refused(Why.CHANGED_MEANWHILE)
    return found
