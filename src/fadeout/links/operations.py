"""Makes tracked links and retires them; issues links of contacts' own and revokes them.

What could go wrong, and what prevents it:

- A mailing is sent again after a crash, and contacts get a second link: each contact has one of a link and
  mailing, and is given the same token again.
- A link goes to somebody who is being struck: contacts are locked; whoever is gone gets none.
- A gateway clicked while the mail was still being handed over: once it is known when it was, such clicks are
  turned, and whose recency moves by it is told.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from fadeout.core import sql
from fadeout.institution.models import Operator
from fadeout.links import clicks, destinations, human, queries, tokens
from fadeout.links.human import Earlier
from fadeout.links.models import Click, Issued, TrackedLink
from fadeout.links.refusals import LinkRefused, Why
from fadeout.links.tally import Tally, without
from fadeout.links.tokens import LinkKeys

LONGEST_NAME = 200
FOLDED_AT_ONCE = 50_000


def add(*, name: str, destination: str, by: Operator, now: datetime) -> TrackedLink:
    """A new link, with an address for everybody.

    Args:
        name: what it is called; also what clicks on it are called on file.
        destination: where it leads (:func:`fadeout.links.destinations.checked`), for good.
        by: who makes it.
        now: this instant.

    Raises:
        LinkRefused: NAME_EMPTY, NAME_LONG, NAME_TAKEN, or the destination cannot be so.
    """
    made = TrackedLink(
        code="".join(secrets.choice(clicks.ALPHABET) for _ in range(clicks.CODE_LENGTH)),
        name=_name(name), destination=destinations.checked(destination), created_at=now, created_by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise LinkRefused(Why.NAME_TAKEN) from error
    return made


@transaction.atomic
def retire(link: TrackedLink, *, now: datetime) -> bool:
    """End a link, and all that were issued of it: they lead nowhere any more. False if it had ended."""
    ended = TrackedLink.objects.filter(pk=link.pk, retired_at=None).update(retired_at=now)
    link.refresh_from_db()
    return bool(ended)


@transaction.atomic
def restore(link: TrackedLink) -> bool:
    """Let a retired link lead on again; contacts' own too. False if it does."""
    back = TrackedLink.objects.filter(pk=link.pk).exclude(retired_at=None).update(retired_at=None)
    link.refresh_from_db()
    return bool(back)


@transaction.atomic
def issue(  # noqa: PLR0913 - what is issued to whom, for what, until when
    link: TrackedLink,
    *,
    contacts: Collection[int],
    issued_for: UUID,
    expires_at: datetime | None,
    keys: LinkKeys,
    now: datetime,
) -> dict[int, str]:
    """Give each of these contacts a link of their own: contact -> token (``/r/<token>``).

    Whoever has one of this link and mailing gets the same again, with the end that it has. Contacts who are
    not on file any more, or whose link was revoked, are left out.

    Args:
        link: which.
        contacts: whose, by their rows; a thousand and more at once.
        issued_for: what they have it from, such as a mailing: its own id.
        expires_at: when clicks stop to count; None for never.
        keys: of this house's key folder.
        now: this instant.

    Raises:
        LinkRefused: RETIRED.
        BadInput: the key of the links is missing though links are out.
    """
    if TrackedLink.objects.filter(pk=link.pk, retired_at=None).first() is None:
        raise LinkRefused(Why.RETIRED)
    keys.require(makes=not Issued.objects.exists())
    named = {"link": link.pk, "issued_for": issued_for, "contacts": list(contacts)}
    handles = {"handles": [tokens.handle() for _ in contacts]}
    sql.execute(
        sql.load("links", "issue"), {**named, **handles, "now": now, "expires_at": expires_at}
    )
    found = sql.rows(sql.load("links", "list_issued"), named)
    return {contact: keys.token(handle) for contact, handle in found}


@transaction.atomic
def delivered(issued_for: UUID, *, contacts: Collection[int], at: datetime) -> set[int]:
    """Note when a mailing was handed over to these contacts; tells whose recency moved back by it.

    What was clicked before anybody could read it was no human's after all.

    Args:
        issued_for: the mailing.
        contacts: to whom, by their rows.
        at: when.
    """
    ids = queries.lock_contacts(contacts)
    Issued.objects.filter(issued_for=issued_for, contact__in=ids).update(delivered_at=at)
    known: dict[int, list[Earlier]] = defaultdict(list)
    found = Click.objects.filter(issued_for=issued_for, contact__in=ids, automated=False)
    for contact, key, link, clicked_at in found.values_list(
        "contact", "pk", "tracked_link", "clicked_at"
    ):
        known[contact].append(Earlier(key, link or 0, clicked_at, automated=False))
    return {
        contact
        for contact, humans in known.items()
        if _turn([click for click in humans if human.is_too_soon(click.at, at)], humans, issued_for)
    }


def revoke(
    *,
    issued_for: UUID | None = None,
    link: TrackedLink | None = None,
    contacts: Collection[int] | None = None,
    now: datetime,
) -> int:
    """End links of contacts' own before their time; how many. What was counted stays.

    Args:
        issued_for: those of this mailing.
        link: those of this link.
        contacts: those of these contacts, by their rows.
        now: this instant.

    Raises:
        ValueError: all of everybody's: retire the link instead.
    """
    wanted: dict[str, Any] = {
        "issued_for": issued_for, "link": link, "contact__in": contacts,
    }  # fmt: skip
    given = {name: value for name, value in wanted.items() if value is not None}
    if not given:
        raise ValueError("say whose links are revoked")
    return Issued.objects.filter(revoked_at=None, **given).update(revoked_at=now)


def fold(*, most: int = FOLDED_AT_ONCE) -> int:
    """Add up what was clicked since the last time; how many entries there were. Two may do it at once."""
    folded = 0
    while step := int(sql.rows(sql.load("links", "fold_tally"), {"most": most})[0][0]):
        folded += step
        if step < most:
            break
    return folded


def _turn(turned: Sequence[Earlier], humans: Sequence[Earlier], issued_for: UUID) -> bool:
    if not turned:
        return False
    Click.objects.filter(pk__in=[click.key for click in turned]).update(automated=True)
    told = Tally()
    told.turn(turned, issued_for)
    told.recount(humans, without(humans, turned), issued_for)
    sql.execute(sql.load("links", "write_tally"), told.columns())
    return True


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name:
        raise LinkRefused(Why.NAME_EMPTY)
    if len(name) > LONGEST_NAME or any(unicodedata.category(c) in ("Cs", "Cc") for c in name):
        raise LinkRefused(Why.NAME_LONG)
    return name
