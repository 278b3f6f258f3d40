"""New subscriptions, confirmed by mail: somebody asks on a page, and is on file once they confirm it.

What could go wrong, and what prevents it:

- Somebody enters another's address: until that one confirms, nothing is on file. What was asked for travels
  sealed in the link itself, so that there is no list of people who never confirmed.
- Somebody finds out who is on file: whoever asks gets the same answer and the same mail either way.
- A scanner opens the link: opening it changes nothing, only the button does.
- A link is used twice, or years later: it is good once, for two days; within them it says that it was used.
- A mail program leaves the signs out with which a link ends: they are put back.
- Somebody floods a mailbox: mails to an address and requests from a source are limited, without a list.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from fadeout.accounts import sealing
from fadeout.contacts import offering, self_service
from fadeout.contacts.attempts import Limit
from fadeout.contacts.models import Contact, ContactKind
from fadeout.contacts.offering import Offering
from fadeout.contacts.refusals import Refused, Why
from fadeout.contacts.self_service import Place, Said, Wanted
from fadeout.core import sql

GOOD_FOR = timedelta(days=2)
LONGEST_EMAIL = 254
PURPOSE = b"subscription"
PADDING = "="
LOCK_ID = 0x666164737562  # "fadsub": any fixed number will do
PER_ADDRESS = Limit("subscription address", 3, timedelta(days=1))
PER_SOURCE = Limit("subscription source", 20, timedelta(hours=1))
#: Once: the second time is one too many.
PER_LINK = Limit("subscription link", 1, GOOD_FOR + timedelta(days=1))


@dataclass(frozen=True)
class Subscription:
    """What somebody asks for: the authorisations by their places in a version of the offering."""

    email: str
    language: str
    number: int
    answers: tuple[int, ...]
    criteria: Mapping[str, str]


def checked_email(text: str) -> str:
    """An e-mail address as it is kept.

    Raises:
        Refused: EMPTY, NOT_A_TEXT.
    """
    email = text.strip()
    if not email:
        raise Refused(Why.EMPTY, "email")
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(Why.NOT_A_TEXT, "email") from error
    if len(email) > LONGEST_EMAIL:
        raise Refused(Why.TOO_LONG, "email")
    return email


def may_mail(email: str, *, now: datetime) -> bool:
    """Whether this address gets another mail; counts it."""
    return PER_ADDRESS.allows(email.lower(), now=now)


def may_ask(source: str, *, now: datetime) -> bool:
    """Whether this source may ask once more; counts it."""
    return PER_SOURCE.allows(source, now=now)


def sealed(asked: Subscription, *, now: datetime) -> str:
    """What stands in the link."""
    content = {**asdict(asked), "once": secrets.token_urlsafe(12)}
    told = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    token = _fernet().encrypt_at_time(told.encode(), int(now.timestamp()))
    return token.decode().rstrip(PADDING)


def opened(token: str, *, now: datetime) -> Subscription | None:
    """What a link stands for; nothing if it is none of ours, or too old."""
    content = _content(token, now)
    return None if content is None else _subscription(content)


def is_confirmed(token: str, *, now: datetime) -> bool:
    """Whether the link of somebody who asked was used already."""
    content = _content(token, now)
    return content is not None and PER_LINK.is_used_up(content["once"], now=now)


def confirm(token: str, *, now: datetime) -> UUID | None:
    """Put a subscription on file; tells for whom. Nothing if the link is not good (any more).

    Who is on file with this address already is the one, the longest on file if there are several.

    Raises:
        Refused: a later change of theirs is on file.
    """
    content = _content(token, now)
    if content is None:
        return None
    asked = _subscription(content)
    offered = offering.version(asked.number)
    if offered is None:
        return None
    with transaction.atomic():
        sql.rows("SELECT pg_advisory_xact_lock(%(id)s)", {"id": LOCK_ID})
        if not PER_LINK.allows(content["once"], now=now):
            return None
        public_id = _known(asked.email) or _added(asked, now)
        said = Said(Place.SUBSCRIPTION, asked.language)
        self_service.change(
            public_id, _wanted(asked, offered), said, now=now, offered=offered, anew=True
        )
        Contact.objects.filter(public_id=public_id).update(email_validated_at=now)
    return public_id


def _wanted(asked: Subscription, offered: Offering) -> Wanted:
    keys = [one.key for one in offered.authorisations]
    return Wanted(asked.number, {keys[place]: True for place in asked.answers}, asked.criteria)


def _known(email: str) -> UUID | None:
    found = sql.rows(sql.load("contacts", "contacts_of_email"), {"email": email})
    return found[0][1] if found else None


def _added(asked: Subscription, now: datetime) -> UUID:
    added = Contact.objects.create(
        contact_number=f"W-{secrets.token_hex(8)}",
        kind=ContactKind.INDIVIDUAL,
        email=asked.email,
        language=asked.language,
        created_at=now,
    )
    added.refresh_from_db(fields=["public_id"])
    return added.public_id


def _subscription(content: dict[str, Any]) -> Subscription:
    known = {name: content[name] for name in Subscription.__dataclass_fields__}
    return Subscription(**{**known, "answers": tuple(known["answers"])})


def _content(token: str, now: datetime) -> dict[str, Any] | None:
    try:
        told = _fernet().decrypt_at_time(
            _padded(token).encode(), int(GOOD_FOR.total_seconds()), int(now.timestamp())
        )
    except (InvalidToken, UnicodeError):
        return None
    return dict(json.loads(told))


def _padded(token: str) -> str:
    bare = token.rstrip(PADDING)
    return bare + PADDING * (-len(bare) % 4)


def _fernet() -> Fernet:
    return sealing.fernet(PURPOSE)
