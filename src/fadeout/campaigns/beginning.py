"""Begins a campaign that is due: a message for everybody whom it reaches, and the figures of all others.

What could go wrong, and what prevents it:

- It begins twice, or half: its messages, its figures and its new state are one transaction.
- The worker was down when it was due: it begins late, rather than never.
- Something it needs is gone by then: it is paused, and says so, rather than go out wrong.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from fadeout.campaigns import audience, readiness, record, totals
from fadeout.campaigns.models import Campaign, MessageState, State
from fadeout.contacts.models import Contact
from fadeout.core import clock
from fadeout.institution.models import Institution
from fadeout.targets import queries as targets

NOT_READY = "not_ready"


def due(*, now: datetime) -> list[Campaign]:
    """Campaigns whose time has come."""
    found = Campaign.objects.filter(state=State.SCHEDULED, scheduled_at__lte=now)
    return list(found.order_by("scheduled_at", "pk"))


@transaction.atomic
def begin(campaign: Campaign, *, house: Institution, now: datetime) -> Campaign:
    """Make the messages of a campaign that is due; whatever else it is, it stays so."""
    found = Campaign.objects.select_for_update().select_related("target").get(pk=campaign.pk)
    if found.state != State.SCHEDULED or (found.scheduled_at and found.scheduled_at > now):
        return found
    if readiness.missing(found):
        found.state, found.trouble, found.trouble_since = State.PAUSED, NOT_READY, now
        found.save()
        record.write(found, "held", by=None, now=now)
        return found
    today = clock.local_day(now, house.time_zone)
    contacts = targets.contacts(found.target, now=now, time_zone=house.time_zone)
    figures = audience.counted(contacts, found, today=today)
    made = _make_messages(found, contacts=contacts, today=today, now=now)
    totals.add(found.pk, totals.TARGET, made + sum(figures.left_out.values()))
    totals.add(found.pk, totals.AUDIENCE, made)
    for reason, count in figures.left_out.items():
        totals.add(found.pk, totals.LEFT_OUT, count, reason=reason)
    found.state, found.started_at, found.changed_at = State.SENDING, now, now
    found.save()
    record.write(found, "begun", by=found.started_by, now=now, contacts=made)
    return found


def _make_messages(
    campaign: Campaign, *, contacts: QuerySet[Contact], today: date, now: datetime
) -> int:
    """A message for each contact, in one statement; tells how many."""
    found, parameters = audience.reached(contacts, campaign, today=today).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            # The inner statement is Django's own, with parameters of its own.
            "INSERT INTO campaigns_message (campaign_id, contact_id, state, next_try_at)"  # noqa: S608
            f" SELECT %s, found.contact, %s, %s FROM ({found}) AS found (contact)",
            [campaign.pk, MessageState.WAITING.value, now, *parameters],
        )
        return int(cursor.rowcount)
