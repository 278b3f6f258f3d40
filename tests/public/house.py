"""Links that open pages of contacts' own, as mails of the house would bring them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from fadeout.campaigns.models import Campaign, Message
from fadeout.campaigns.tokens import MailKeys
from fadeout.contacts import offering, subscriptions
from fadeout.contacts.models import Contact
from fadeout.contacts.subscriptions import Subscription
from fadeout.core import clock, paths
from fadeout.institution import brand
from fadeout.institution.brand import Look
from fadeout.links import operations as links
from fadeout.links.tokens import LinkKeys
from fadeout.rights import operations as rights
from fadeout.rights.models import Identified
from tests import support
from tests.campaigns import house as campaigns
from tests.contacts.offered import offered


@dataclass(frozen=True)
class Own:
    """Tokens that open something, and a request that waits for an answer."""

    mail: str
    link: str
    asked: Subscription
    request: UUID

    @property
    def subscription(self) -> str:
        """Sealed when it is asked for: by the key that the server has by then."""
        return subscriptions.sealed(self.asked, now=clock.now())


def visitor(**given: Any) -> Client:
    """Somebody without any cookie."""
    return Client(headers={"host": "localhost"}, **given)


def mailed(contact: Contact) -> tuple[str, Message]:
    """The token of a mail that somebody got."""
    campaign = Campaign.objects.first() or campaigns.draft("Letter")
    message = Message.objects.create(
        campaign=campaign, contact=contact, next_try_at=support.NOW, claimed_at=clock.now()
    )
    message.refresh_from_db()
    return MailKeys(paths.keys(), makes=True).token(message.public_id), message


def linked(contact: Contact, **given: Any) -> str:
    """The token of a tracked link of somebody's own."""
    known = {"expires_at": None, "issued_for": uuid4(), "now": support.NOW} | given
    found = links.issue(
        campaigns.link(), contacts=[contact.pk], keys=LinkKeys(paths.keys()), **known
    )
    return found[contact.pk]


def opened(contact: Contact, asking: Contact) -> Own:
    """Pages of a contact, in a house that offers something; another one asks to be forgotten."""
    brand.change(Look("Theatre", "#0b4f75", "#1b2a3a", takes_subscriptions=True), now=support.NOW)
    if not offering.in_force().authorisations:
        offered()
    asked = Subscription("new@example.org", "en", offering.in_force().number, (0,), {})
    request = rights.open_erasure(
        asking.public_id, identified=Identified.LINK, time_zone=support.TIME_ZONE, now=clock.now()
    )
    return Own(
        mail=mailed(contact)[0],
        link=linked(contact),
        asked=asked,
        request=request.request.public_id,
    )
