"""Whose page a token opens: that of a contact's own tracked link, or of a mail that they got.

Both name a row under a code that nobody can make up (:mod:`fadeout.links.tokens`,
:mod:`fadeout.campaigns.tokens`); neither says who it is. Here alone they are looked up for pages, so that all
of them open and close alike.

What could go wrong, and what prevents it:

- A page tells strangers whether somebody was on file: unknown, expired, ended and erased look all the same.
- Whoever finds an old mail opens somebody's page: a link is good for two years, or until it is ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from fadeout.campaigns import tokens as mails
from fadeout.campaigns.models import Message
from fadeout.contacts.records import ON_FILE
from fadeout.core import paths
from fadeout.core.errors import BadInput
from fadeout.links import queries as links
from fadeout.links import tokens
from fadeout.links.clicks import State
from fadeout.links.tokens import LinkKeys

GOOD_FOR = timedelta(days=730)


@dataclass(frozen=True)
class Whose:
    """A contact on file, and the mailing that the link came with."""

    public_id: UUID
    row: int
    language: str | None
    mailing: UUID


def whose(token: str, *, now: datetime) -> Whose | None:
    """Whose page it is; nobody's, if it is none or none any more."""
    found = _of_link(token, now) if len(token) == tokens.LENGTH else _of_mail(token, now)
    if found is None:
        return None
    row, mailing = found
    known = ON_FILE.filter(pk=row).values_list("public_id", "language").first()
    return Whose(known[0], row, known[1], mailing) if known else None


def _of_link(token: str, now: datetime) -> tuple[int, UUID] | None:
    resolved = links.resolve(token, keys=LinkKeys(paths.keys()), now=now)
    if resolved.state is not State.COUNTED or not resolved.contact or not resolved.issued_for:
        return None
    return resolved.contact, resolved.issued_for


def _of_mail(token: str, now: datetime) -> tuple[int, UUID] | None:
    try:
        named = mails.MailKeys(paths.keys()).message(token)
    except BadInput:  # no mail went out yet
        return None
    if named is None:
        return None
    known = Message.objects.filter(public_id=named, claimed_at__gt=now - GOOD_FOR)
    known = known.exclude(contact__links_ended__at__gte=F("claimed_at"))
    found = known.values_list("contact", "campaign__public_id").first()
    return (found[0], found[1]) if found else None
