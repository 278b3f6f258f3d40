"""The steps of one message: what becomes of it after it was sent, and the statement that writes it.

What could go wrong, and what prevents it:

- A mail costs two commits, and the time of both: what became of one is written as the next is taken.
- Something is written of a message that somebody else has by now: only what is still claimed is changed;
  of what was taken for doubtful meanwhile, whoever sent it knows better; what was erased is counted, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from fadeout.campaigns import totals
from fadeout.campaigns.audience import LeftOut
from fadeout.campaigns.models import Campaign, Message, MessageState
from fadeout.core import sql
from fadeout.core.mail import Verdict

#: After the first, second, … try that failed for now.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1_440))
#: Until a server that takes nothing is asked again.
TROUBLE = timedelta(minutes=1)
GAVE_UP = "gave_up"


@dataclass(frozen=True)
class Claimed:
    """A message that is about to be sent."""

    key: int
    public_id: UUID
    contact_id: int
    attempts: int


@dataclass(frozen=True)
class End:
    """What became of a message: its state, and as what it is counted; as nothing if it is tried again."""

    claimed: Claimed
    state: MessageState
    what: str = ""
    reason: str = ""
    code: str | None = None
    provider_id: str | None = None
    wait: timedelta | None = None
    is_of_all: bool = False


def left_out(claimed: Claimed, reason: str) -> End:
    """Somebody does not get it after all."""
    return End(claimed, MessageState.LEFT_OUT, totals.LEFT_OUT, reason, code=reason)


def erased(claimed: Claimed) -> End:
    """Somebody was erased between the claim and the question."""
    return left_out(claimed, LeftOut.ERASED)


def end_of(claimed: Claimed, verdict: Verdict) -> End:
    """What a verdict of the mail server means for a message."""
    if verdict.taken:
        provider_id = verdict.provider_id or None
        return End(claimed, MessageState.SENT, totals.SENT, provider_id=provider_id)
    if verdict.in_doubt:
        return End(claimed, MessageState.IN_DOUBT, totals.IN_DOUBT, code=verdict.code)
    if verdict.is_of_all:
        return End(claimed, MessageState.RETRYING, code=verdict.code, wait=TROUBLE, is_of_all=True)
    if not verdict.is_final and claimed.attempts <= len(WAITS):
        wait = WAITS[claimed.attempts - 1]
        return End(claimed, MessageState.RETRYING, code=verdict.code, wait=wait)
    code = verdict.code if verdict.is_final else f"{GAVE_UP}: {verdict.code}"
    return End(claimed, MessageState.FAILED, totals.FAILED, code=code)


def record_and_claim(
    campaign: Campaign, end: End | None, message: int | None, *, now: datetime
) -> Claimed | None:
    """Write what became of one message, and take the next one, if it may still be sent."""
    [(recorded, *taken)] = sql.rows(
        sql.load("campaigns", "record_and_claim"),
        {**_written(end, now), "message": message, "now": now},
    )
    if end is not None and not recorded:
        _record_late(campaign, end, now)
    return Claimed(*taken) if taken[0] is not None else None


def _written(end: End | None, now: datetime) -> dict[str, Any]:
    if end is None:
        names = ("done", "state", "code", "ended_at", "provider_id", "next_try_at")
        return {**dict.fromkeys(names), "what": "", "reason": ""}
    return {
        "done": end.claimed.key,
        "state": end.state.value,
        "code": end.code,
        "ended_at": None if end.wait else now,
        "provider_id": end.provider_id,
        "next_try_at": now + end.wait if end.wait else None,
        "what": end.what,
        "reason": end.reason,
    }


@transaction.atomic
def _record_late(campaign: Campaign, end: End, now: datetime) -> None:
    """Another sender took this one for dead, and the message for doubtful; or it was erased."""
    if not end.what:
        return
    doubted = Message.objects.filter(pk=end.claimed.key, state=MessageState.IN_DOUBT)
    known = doubted.update(
        state=end.state, code=end.code, ended_at=now, provider_id=end.provider_id
    )
    totals.add(campaign.pk, totals.IN_DOUBT, -known)
    totals.add(campaign.pk, end.what, reason=end.reason)
