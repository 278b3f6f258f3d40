"""Lets campaigns go and halts them, and decides about mails in doubt.

What could go wrong, and what prevents it:

- A campaign goes out that nobody decided on: it is let go with the number of contacts that it reaches, typed
  by whoever answers for it, and the ledger keeps who that was.
- Somebody lets another campaign go than they looked at: the mark of what was shown goes along.
- What is in doubt is sent twice by itself: only a person decides, and the ledger keeps who.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from fadeout.campaigns import audience, locked, readiness, record, totals
from fadeout.campaigns.models import Campaign, Message, MessageState, State
from fadeout.campaigns.refusals import Refused, Why
from fadeout.core import clock
from fadeout.institution.models import Operator
from fadeout.targets import queries as targets


def let_go(  # noqa: PLR0913 - who decides what, and when it shall be
    campaign: Campaign,
    *,
    typed: int,
    by: Operator,
    now: datetime,
    time_zone: str,
    at: datetime | None = None,
    seen: str | None = None,
) -> Campaign:
    """Let a draft go, at once or at a set time. Whom it reaches is asked when it begins, and of each again.

    Args:
        campaign: which.
        typed: how many contacts it reaches, as whoever decides has read it.
        by: who answers for it.
        now: this instant.
        time_zone: the institution's.
        at: when it begins; now if left out.
        seen: the mark of what was shown.

    Raises:
        Refused: NOT_READY, ANOTHER_NUMBER, IN_THE_PAST, NOT_A_DRAFT, CHANGED_MEANWHILE.
    """
    if at is not None and at < now:
        raise Refused(Why.IN_THE_PAST, field="at")
    with transaction.atomic():
        found = locked.draft(campaign, seen)
        lacks = readiness.missing(found)
        if lacks:
            raise Refused(Why.NOT_READY, what=" ".join(map(str, lacks)))
        reached = reaches(found, now=now, time_zone=time_zone).reached
        if typed != reached or not reached:
            raise Refused(Why.ANOTHER_NUMBER, field="typed")
        found.state, found.scheduled_at = State.SCHEDULED, at or now
        found.started_by, found.changed_at = by, now
        found.save()
        record.write(
            found, "let_go", by=by, now=now, contacts=reached, at=found.scheduled_at.isoformat()
        )
    return found


def reaches(campaign: Campaign, *, now: datetime, time_zone: str) -> audience.Audience:
    """Whom the campaign would reach now, in figures."""
    found = targets.contacts(campaign.target, now=now, time_zone=time_zone)
    return audience.counted(found, campaign, today=clock.local_day(now, time_zone))


def pause(campaign: Campaign, *, by: Operator, now: datetime) -> Campaign:
    """Halt a campaign that is being sent; whoever has it keeps it.

    Raises:
        Refused: NOT_IN_THIS_STATE.
    """
    return _turn(campaign, (State.SENDING,), State.PAUSED, "paused", by=by, now=now)


def resume(campaign: Campaign, *, by: Operator, now: datetime) -> Campaign:
    """Go on with a campaign that was paused; one that was held before it began begins now.

    Raises:
        Refused: NOT_IN_THIS_STATE.
    """
    to = State.SCHEDULED if campaign.started_at is None else State.SENDING
    return _turn(campaign, (State.PAUSED,), to, "resumed", by=by, now=now)


def back_to_draft(campaign: Campaign, *, by: Operator, now: datetime) -> Campaign:
    """Take a campaign out of the schedule before it began; also one that was held when it should have.

    Raises:
        Refused: NOT_IN_THIS_STATE.
    """
    has_begun = campaign.started_at is not None
    allowed = (State.SCHEDULED,) if has_begun else (State.SCHEDULED, State.PAUSED)
    return _turn(campaign, allowed, State.DRAFT, "unscheduled", by=by, now=now)


def cancel(campaign: Campaign, *, by: Operator, now: datetime) -> Campaign:
    """End a campaign for good; whoever has it keeps it, nobody else gets it.

    Raises:
        Refused: NOT_IN_THIS_STATE.
    """
    allowed = (State.SCHEDULED, State.SENDING, State.PAUSED)
    return _turn(campaign, allowed, State.CANCELLED, "cancelled", by=by, now=now)


def decide_doubt(campaign: Campaign, *, send_again: bool, by: Operator, now: datetime) -> int:
    """Say what becomes of messages of which nobody knows whether they went out; tells how many there were.

    Args:
        campaign: which.
        send_again: whether they are sent again, perhaps a second time; else they count as sent.
        by: who decides.
        now: this instant.

    Raises:
        Refused: NOTHING_IN_DOUBT, NOT_IN_THIS_STATE.
    """
    with transaction.atomic():
        found = locked.any_state(campaign, None)
        if send_again and found.state == State.CANCELLED:
            raise Refused(Why.NOT_IN_THIS_STATE, what=found.state)
        doubted = Message.objects.filter(campaign=found, state=MessageState.IN_DOUBT)
        if send_again:
            count = doubted.update(state=MessageState.WAITING, next_try_at=now, claimed_at=None)
            if found.state == State.SENT:
                found.state, found.ended_at = State.SENDING, None
        else:
            count = doubted.update(state=MessageState.SENT, ended_at=now)
            totals.add(found.pk, totals.SENT, count)
        if not count:
            raise Refused(Why.NOTHING_IN_DOUBT)
        totals.add(found.pk, totals.IN_DOUBT, -count)
        found.changed_at = now
        found.save()
        done = "doubt_sent_again" if send_again else "doubt_counts_as_sent"
        record.write(found, done, by=by, now=now, contacts=count)
    return count


def _turn(  # noqa: PLR0913
    campaign: Campaign, allowed: Sequence[State], to: State, done: str, *, by: Operator, now: datetime
) -> Campaign:  # fmt: skip
    with transaction.atomic():
        found = locked.any_state(campaign, None)
        if found.state not in allowed:
            raise Refused(Why.NOT_IN_THIS_STATE, what=found.state)
        found.state, found.changed_at = to, now
        if found.started_at is None:
            found.trouble = found.trouble_since = None
        if to == State.CANCELLED:
            found.ended_at = now
        if to == State.DRAFT:
            found.scheduled_at = found.started_by = None
        found.save()
        record.write(found, done, by=by, now=now)
    return found
