"""What the ledger keeps of campaigns: what was done with which, and how many it reached. Never whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fadeout.campaigns.models import Campaign
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind


def write(
    campaign: Campaign, done: str, *, by: Operator | None, now: datetime, **more: Any
) -> None:
    """Record what was done, in the transaction that does it."""
    facts = {"campaign": campaign.pk, "done": done, "type": campaign.type, **more}
    ledger.record(Kind.CAMPAIGN, by=by, now=now, facts=facts)
