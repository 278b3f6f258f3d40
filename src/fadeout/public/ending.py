"""Ends the links of a contact's own before their time: a mail went astray, or a mailbox has another owner.

What could go wrong: somebody cannot get out any more. So the way out of a mail, which does one thing alone,
is left as it is.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from fadeout.contacts import records
from fadeout.contacts.models import LinksEnded
from fadeout.links import operations as links


@transaction.atomic
def end_links(public_id: UUID, *, now: datetime) -> None:
    """No link that this contact has by now opens a page of theirs any more, or counts; later ones do.

    Raises:
        Refused: NOT_ON_FILE.
    """
    contact = records.locked(public_id)
    LinksEnded.objects.update_or_create(contact=contact, defaults={"at": now})
    links.revoke(contacts=[contact.pk], now=now)
