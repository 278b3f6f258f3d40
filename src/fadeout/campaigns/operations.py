"""Sets campaigns up, changes them, lets them go, halts them; and what a contact does with a mail: leave.

What could go wrong, and what prevents it:

- A campaign goes out that nobody decided on: it is let go with the number of contacts that it reaches, typed
  by whoever answers for it, and the ledger keeps who that was.
- What skips the *yes* is chosen by a slip: this type alone has to be confirmed, in words, by a person whom the
  row names; the database refuses it otherwise.
- Two tabs: a change carries the mark of what was shown; what changed since is not overwritten.
- It is changed while it goes out: only a draft can be changed.
- Somebody leaves twice, or once they are gone: the second time changes nothing, and nobody is told anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from fadeout.campaigns import audience, readiness, record, texts, totals
from fadeout.campaigns.models import (
    LANGUAGES,
    Campaign,
    CampaignLink,
    CampaignText,
    CampaignType,
    Message,
    MessageState,
    State,
)
from fadeout.campaigns.refusals import Refused, Why
from fadeout.contacts import operations as contacts
from fadeout.contacts.models import Answer
from fadeout.core import clock
from fadeout.institution.models import Operator
from fadeout.links.models import TrackedLink
from fadeout.targets import queries as targets

LONGEST_NAME = 200
MOST_LINKS = 9
CHANGEABLE = (
    "name", "type", "target", "sender_name", "sender_address", "reply_to", "language", "per_minute",
)  # fmt: skip
#: How it is known that somebody unsubscribed.
BY_MAIL = "one click in a mail of a campaign (RFC 8058, or its page)"


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


def change(
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
        found = _draft(campaign, seen)
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


def save_text(
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
        found = _draft(campaign, seen)
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
        found = _draft(campaign, None)
        CampaignText.objects.filter(campaign=found, language=language).delete()
        found.changed_at = now
        found.save(update_fields=["changed_at"])


def remove(campaign: Campaign, *, by: Operator, now: datetime) -> None:
    """Remove a draft; nothing of it was sent.

    Raises:
        Refused: NOT_A_DRAFT.
    """
    with transaction.atomic():
        found = _draft(campaign, None)
        if found.messages.exists() or found.totals.exists():
            raise Refused(Why.NOT_A_DRAFT)
        record.write(found, "removed", by=by, now=now)
        found.delete()


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
        found = _draft(campaign, seen)
        lacks = readiness.missing(found)
        if lacks:
            raise Refused(Why.NOT_READY, what="; ".join(map(str, lacks)))
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
    """Go on with a campaign that was paused.

    Raises:
        Refused: NOT_IN_THIS_STATE.
    """
    return _turn(campaign, (State.PAUSED,), State.SENDING, "resumed", by=by, now=now)


def back_to_draft(campaign: Campaign, *, by: Operator, now: datetime) -> Campaign:
    """Take a campaign out of the schedule before it began.

    Raises:
        Refused: NOT_IN_THIS_STATE.
    """
    return _turn(campaign, (State.SCHEDULED,), State.DRAFT, "unscheduled", by=by, now=now)


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
        found = _locked(campaign, None)
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


def _turn(
    campaign: Campaign, allowed: Sequence[State], to: State, done: str, *, by: Operator, now: datetime
) -> Campaign:  # fmt: skip
    with transaction.atomic():
        found = _locked(campaign, None)
        if found.state not in allowed:
            raise Refused(Why.NOT_IN_THIS_STATE, what=found.state)
        found.state, found.changed_at = to, now
        if to == State.CANCELLED:
            found.ended_at = now
        if to == State.DRAFT:
            found.scheduled_at = found.started_by = None
        found.save()
        record.write(found, done, by=by, now=now)
    return found


def _draft(campaign: Campaign, seen: str | None) -> Campaign:
    found = _locked(campaign, seen)
    if found.state != State.DRAFT:
        raise Refused(Why.NOT_A_DRAFT)
    return found


def _locked(campaign: Campaign, seen: str | None) -> Campaign:
    found = Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    if found is None:
        raise Refused(Why.UNKNOWN)
    if seen is not None and seen != found.stamp:
        raise Refused(Why.CHANGED_MEANWHILE)
    return found


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
    if any(not c.isprintable() for c in stripped):
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
