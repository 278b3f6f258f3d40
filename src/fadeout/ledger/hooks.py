"""What the institution does is recorded in the transaction that does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from fadeout.institution import queries, signals
from fadeout.institution.models import Operator, PolicyVersion
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind


@receiver(signals.founded)
def _founded(*, version: PolicyVersion, now: datetime, **_: Any) -> None:
    house = queries.current()
    ledger.record(
        Kind.HOUSE, by=None, now=now,
        facts={
            "time_zone": house.time_zone,
            "currency": house.currency,
            "policy": queries.policy_values(version),
        },
    )  # fmt: skip


@receiver(signals.policy_changed)
def _policy_changed(*, version: PolicyVersion, by: Operator, now: datetime, **_: Any) -> None:
    ledger.record(Kind.POLICY, by=by, now=now, facts={"policy": queries.policy_values(version)})
