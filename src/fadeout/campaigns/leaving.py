"""A contact leaves by the way out of a mail.

What could go wrong: somebody leaves twice, or once they are gone: then nothing changes, and nobody is told.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from fadeout.campaigns import totals
from fadeout.campaigns.models import Message
from fadeout.contacts import operations as contacts
from fadeout.contacts.models import Answer

#: How it is known that somebody unsubscribed.
BY_MAIL = "one click in a mail of a campaign (RFC 8058, or its page)"


def unsubscribe(message_id: UUID, *, now: datetime) -> bool:
    """A contact leaves by the way out of a mail: no more of this purpose by this channel.

    Whether anything changed: not the second time, nor for somebody who is not on file any more.

    Args:
        message_id: the message that the mail was.
        now: this instant.
    """
    with transaction.atomic():
        found = Message.objects.select_related("campaign").filter(public_id=message_id).first()
        if found is None or found.campaign.purpose is None:
            return False
        changed = contacts.answer_by_contact(
            found.contact_id,
            purpose=found.campaign.purpose,
            channel=found.campaign.channel,
            value=Answer.NO,
            evidence=BY_MAIL,
            now=now,
        )
        rows = Message.objects.filter(pk=found.pk, unsubscribed_at=None)
        if rows.update(unsubscribed_at=now):
            totals.add(found.campaign_id, totals.UNSUBSCRIBED)
    return changed
