"""What the ledger is told of batches: who set what up, and who lets it run for real."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from fadeout.batches.models import Batch
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind


class Done(StrEnum):
    """What was done to a batch."""

    CREATED = "created"
    CHANGED = "changed"
    SWITCHED_ON = "switched_on"
    SWITCHED_OFF = "switched_off"
    DELETED = "deleted"


def batch(found: Batch, done: Done, *, by: Operator, now: datetime) -> None:
    """Record it, with the batch as it is afterwards."""
    ledger.record(
        Kind.BATCH,
        by=by,
        now=now,
        facts={
            "batch": found.public_id,
            "done": done,
            "kind": found.kind,
            "months": found.months,
            "mode": found.mode,
            "schedule": found.schedule,
            "enabled": found.enabled,
            "told": sorted(str(who) for who in found.told.values_list("public_id", flat=True)),
        },
    )
