"""Sets campaigns up and changes them, as long as they are drafts.

What could go wrong, and what prevents it:

- What skips the *yes* is chosen by a slip: this type alone has to be confirmed, in words, by a person whom
  the row names; the database refuses it otherwise.
- Two tabs: a change carries the mark of what was shown; what changed since is not overwritten.
- It is changed while it goes out: only a draft can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from fadeout.campaigns import locked, merge, record, texts
from fadeout.campaigns.models import (
    LANGUAGES,
    Campaign,
    CampaignLink,
    CampaignText,
    CampaignType,
)
from fadeout.campaigns.refusals import Refused, Why
from fadeout.institution.models import Operator
from fadeout.links.models import TrackedLink

LONGEST_NAME = 200
MOST_LINKS = 9
CHANGEABLE = (
    "name", "type", "target", "sender_name", "sender_address", "reply_to", "language", "per_minute",
)  # fmt: skip


def by_public_id(public_id: UUID) -> Campaign:
    """The campaign of this id.

    Raises:
        Refused: UNKNOWN.
    """
    found = Campaign.objects.select_related("target", "created_by").filter(public_id=public_id)
    campaign = found.first()
    if campaign is None:
        raise Refused(Why.UNKNOWN)
    return campaign


def create(
    *,
    by: Operator,
    now: datetime,
    links: Sequence[TrackedLink] = (),
    about_a_purchase: bool = False,
    public_id: UUID | None = None,
    **given: Any,
) -> Campaign:
    """A new campaign, a draft.

    Args:
        by: who makes it.
        now: this instant.
        links: its tracked links, in order: ``{{ link }}``, ``{{ link_2 }}``, …
        about_a_purchase: confirms that it is directly about each contact's own purchase or reservation.
        public_id: what it is known by, so that what is sent twice makes one; chosen if left out.
        **given: name, type, target, sender_name, sender_address, reply_to, language, per_minute.

    Raises:
        Refused: EMPTY, TOO_LONG, NOT_ONE_LINE, NOT_AN_ADDRESS, NOT_CONFIRMED, NAME_TAKEN, LINK_RETIRED.
    """
    checked = _checked(given)
    exemption = _exemption(checked["type"], about_a_purchase, by, now)
    known = {"created_by": by, "created_at": now, "changed_at": now, **checked, **exemption}
    if public_id is not None:
        known["public_id"] = public_id
    with _one_of_its_name(), transaction.atomic():
        made = Campaign.objects.create(**known)
        made.refresh_from_db(fields=["public_id"])
        _place(made, links)
        record.write(made, "created", by=by, now=now)
    return made


def change(  # noqa: PLR0913 - as create
    campaign: Campaign,
    *,
    by: Operator,
    now: datetime,
    seen: str | None = None,
    links: Sequence[TrackedLink] | None = None,
    about_a_purchase: bool = False,
    **given: Any,
) -> Campaign:
    """Change a draft; ``seen`` is the mark of what was shown.

    Raises:
        Refused: as :func:`create`; NOT_A_DRAFT, CHANGED_MEANWHILE, UNKNOWN.
    """
    checked = _checked({name: getattr(campaign, name) for name in CHANGEABLE} | given)
    with _one_of_its_name(), transaction.atomic():
        found = locked.draft(campaign, seen)
        exempts = about_a_purchase or (
            found.type == checked["type"] and found.exempted_at is not None
        )
        for name, value in checked.items():
            setattr(found, name, value)
        if not (found.exempted_at and exempts):
            for name, value in _exemption(checked["type"], exempts, by, now).items():
                setattr(found, name, value)
        found.changed_at = now
        found.save()
        if links is not None:
            found.placed.all().delete()
            _place(found, links)
        record.write(found, "changed", by=by, now=now)
    return found


def save_text(  # noqa: PLR0913 - what a text is made of
    campaign: Campaign, *, language: str, subject: str, mjml: str, plain: str, now: datetime,
    seen: str | None = None,
) -> CampaignText:  # fmt: skip
    """What a draft says in one language, checked; instead of what it said.

    Raises:
        Refused: TAG or MARKUP with the line; EMPTY, TOO_LONG, NOT_ONE_LINE; NOT_A_DRAFT, CHANGED_MEANWHILE.
    """
    if language not in LANGUAGES:
        raise Refused(Why.EMPTY, field="language", what="language")
    said = {
        "subject": subject.strip(),
        "mjml": _with_unix_lines(mjml),
        "plain": _with_unix_lines(plain),
    }
    texts.compiled(CampaignText(language=language, **said))
    with transaction.atomic():
        found = locked.draft(campaign, seen)
        text, _ = CampaignText.objects.update_or_create(
            campaign=found, language=language, defaults=said
        )
        found.changed_at = now
        found.save(update_fields=["changed_at"])
    return text


def remove_text(campaign: Campaign, *, language: str, now: datetime) -> None:
    """Take a language out of a draft.

    Raises:
        Refused: NOT_A_DRAFT.
    """
    with transaction.atomic():
        found = locked.draft(campaign, None)
        CampaignText.objects.filter(campaign=found, language=language).delete()
        found.changed_at = now
        found.save(update_fields=["changed_at"])


def remove(campaign: Campaign, *, by: Operator, now: datetime) -> None:
    """Remove a draft; nothing of it was sent.

    Raises:
        Refused: NOT_A_DRAFT.
    """
    with transaction.atomic():
        found = locked.draft(campaign, None)
        if found.messages.exists() or found.totals.exists():
            raise Refused(Why.NOT_A_DRAFT)
        record.write(found, "removed", by=by, now=now)
        found.delete()


class _one_of_its_name:  # noqa: N801 - read as a sentence
    """Tells a name that is taken from whatever else the database refuses."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, IntegrityError) and "campaign_name_once" in str(error):
            raise Refused(Why.NAME_TAKEN, field="name") from None


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(given) - set(CHANGEABLE):
        raise TypeError(f"a campaign has no {', '.join(sorted(unknown))}")
    checked = dict(given)
    checked["name"] = _line(given["name"], "name")
    checked["type"] = CampaignType(given["type"])
    checked["sender_name"] = _line(given["sender_name"], "sender_name")
    checked["sender_address"] = _address(given["sender_address"], "sender_address")
    reply_to = (given.get("reply_to") or "").strip()
    checked["reply_to"] = _address(reply_to, "reply_to") if reply_to else None
    if given["language"] not in LANGUAGES:
        raise Refused(Why.EMPTY, field="language", what="language")
    return checked


def _line(text: str, field: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise Refused(Why.EMPTY, field=field, what=field)
    if len(stripped) > LONGEST_NAME:
        raise Refused(Why.TOO_LONG, field=field, what=field)
    if any(map(merge.breaks, stripped)):
        raise Refused(Why.NOT_ONE_LINE, field=field, what=field)
    return stripped


def _address(text: str, field: str) -> str:
    address = _line(text, field)
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(Why.NOT_AN_ADDRESS, field=field, what=field) from error
    return address


def _exemption(kind: str, confirmed: bool, by: Operator, now: datetime) -> dict[str, Any]:
    if kind != CampaignType.PURCHASE:
        return {"exempted_by": None, "exempted_at": None}
    if not confirmed:
        raise Refused(Why.NOT_CONFIRMED, field="about_a_purchase")
    return {"exempted_by": by, "exempted_at": now}


def _place(campaign: Campaign, links: Sequence[TrackedLink]) -> None:
    for link in links:
        if link.retired_at is not None:
            raise Refused(Why.LINK_RETIRED, field="links", what=link.name)
    if len(links) > MOST_LINKS:
        raise Refused(Why.TOO_LONG, field="links", what="links")
    CampaignLink.objects.bulk_create(
        CampaignLink(campaign=campaign, link=link, position=n)
        for n, link in enumerate(links, start=1)
    )


def _with_unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
