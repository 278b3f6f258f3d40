"""Changes what is on file about a contact: authorisations, criteria, holds, notes.

What could go wrong, and what prevents it:

- A run strikes somebody while they are being changed: a change locks the contact first. A run that comes
  second passes by whoever is locked and decides again afterwards; a change that comes second waits, and
  finds nobody on file any more.
- Two tabs: a form carries a mark of what it showed; what was changed since is never overwritten.
- Saving without a change would renew somebody: only what differs from what is in force becomes a row.
- A change takes effect twice, or not at all, for rows of one instant or a later one: it gets an instant
  behind the latest of its kind, and is refused where that lies in the future.
- What people type is found in logs: errors tell codes, the ledger tells what was done and no more.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from fadeout.contacts import records
from fadeout.contacts.models import Answer, Authorisation, Contact, Criterion, Hold, Note, Origin
from fadeout.contacts.refusals import Refused, Why
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind

LONGEST_NAME = 200
LONGEST_TEXT = 10_000
TICK = timedelta(microseconds=1)
#: Reasons that the rules name otherwise than "hold".
NAMED = ("restriction", "request")


@dataclass(frozen=True)
class AuthorisationChange:
    """What a purpose and channel should say; what was agreed to, and how that is known."""

    purpose: str
    channel: str
    value: Answer
    wording: str | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class CriterionChange:
    """What a criterion should say; None removes it."""

    criterion: str
    value: str | None


def change_authorisations(
    public_id: UUID, changes: Sequence[AuthorisationChange], *, seen: str, now: datetime
) -> int:
    """Answers as an operator took them down; all take effect together.

    Args:
        public_id: whose.
        changes: what should be in force; what is in force already is left alone.
        seen: the mark of what was shown (``records.version`` of ``records.authorisations``).
        now: this instant.

    Returns:
        How many changed.

    Raises:
        Refused: NOT_ON_FILE, CHANGED_MEANWHILE, LATER_CHANGE_ON_FILE, EMPTY, TOO_LONG, NOT_A_TEXT.
    """
    with _locked(public_id, records.authorisations, seen) as (contact, histories):
        known = {(history.purpose, history.channel): history.in_force for history in histories}
        asked = dict(map(_answer, changes))  # of two for one, the last
        wanted = {
            key: answer
            for key, answer in asked.items()
            if answer[0] != (known[key].value if key in known else Answer.UNANSWERED)
        }
        at = _instant(now, [known[key].changed_at for key in wanted if key in known])
        Authorisation.objects.bulk_create(
            Authorisation(
                contact=contact, purpose=purpose, channel=channel, changed_at=at,
                value=value, origin=Origin.OPERATOR, wording=wording, evidence=evidence,
            )
            for (purpose, channel), (value, wording, evidence) in wanted.items()
        )  # fmt: skip
        return len(wanted)


@transaction.atomic
def answer_by_contact(  # noqa: PLR0913 - what an answer is made of
    contact_id: int,
    *,
    purpose: str,
    channel: str,
    value: Answer,
    evidence: str,
    now: datetime,
    wording: str | None = None,
) -> bool:
    """An answer of the contact's own, as by a link in a mail; False if that is in force already.

    Nobody is told whether somebody is on file: of one who is not any more, nothing changes.

    Args:
        contact_id: whose.
        purpose: what the answer is about.
        channel: the way that it is about.
        value: what they said.
        evidence: how that is known.
        now: this instant.
        wording: what they read.
    """
    contact = records.ON_FILE.select_for_update().filter(pk=contact_id).first()
    if contact is None:
        return False
    latest = (
        Authorisation.objects.filter(contact=contact, purpose=purpose, channel=channel)
        .order_by("-changed_at")
        .first()
    )
    if latest is not None and latest.value == value:
        return False
    last = [latest.changed_at] if latest else []
    Authorisation.objects.create(
        contact=contact, purpose=purpose, channel=channel, value=value, origin=Origin.CONTACT,
        changed_at=max([now, *(at + TICK for at in last)]), wording=wording, evidence=evidence,
    )  # fmt: skip
    return True


def change_criteria(
    public_id: UUID, changes: Sequence[CriterionChange], *, seen: str, now: datetime
) -> int:
    """Labels as an operator set them.

    Args:
        public_id: whose.
        changes: what should be in force; what is in force already is left alone.
        seen: the mark of what was shown (``records.version`` of ``records.criteria``).
        now: this instant.

    Returns:
        How many changed.

    Raises:
        Refused: NOT_ON_FILE, CHANGED_MEANWHILE, LATER_CHANGE_ON_FILE, EMPTY, TOO_LONG, NOT_A_TEXT.
    """
    with _locked(public_id, records.criteria, seen) as (contact, histories):
        known = {history.criterion: history.in_force for history in histories}
        asked = dict(map(_label, changes))  # of two for one, the last
        wanted = {
            name: value
            for name, value in asked.items()
            if value != (known[name].value if name in known else None)
        }
        at = _instant(now, [known[name].changed_at for name in wanted if name in known])
        Criterion.objects.bulk_create(
            Criterion(contact=contact, criterion=name, changed_at=at, value=value, origin=Origin.OPERATOR)
            for name, value in wanted.items()
        )  # fmt: skip
        return len(wanted)


def put_up_hold(  # noqa: PLR0913 - what a hold is made of
    public_id: UUID,
    *,
    reason: str,
    until: date | None,
    owner: str | None,
    seen: str,
    today: date,
    by: Operator,
    now: datetime,
) -> int:
    """Hold a contact; answers the id of the hold.

    Args:
        public_id: whom.
        reason: why; ``restriction`` and ``request`` are named so by the rules.
        until: the last day that it counts; None for no end.
        owner: who answers for it.
        seen: the mark of what was shown (``records.version`` of ``records.holds``).
        today: the institution's day.
        by: who does it.
        now: this instant.

    Raises:
        Refused: NOT_ON_FILE, CHANGED_MEANWHILE, HELD_ALREADY, ENDED_ALREADY, EMPTY, TOO_LONG, NOT_A_TEXT.
    """
    named = _name(reason, "reason")
    _require_to_come(until, today)
    with _locked(public_id, records.holds, seen) as (contact, holds):
        if any(hold.reason == named for hold in holds):
            raise Refused(Why.HELD_ALREADY, "reason")
        hold = Hold.objects.create(
            contact=contact, reason=named, until=until, owner=_text(owner, "owner"), created_at=now
        )
        _record_hold("put up", hold, by=by, now=now)
        return int(hold.pk)


def change_hold(  # noqa: PLR0913
    public_id: UUID,
    hold_id: int,
    *,
    until: date | None,
    owner: str | None,
    seen: str,
    today: date,
    by: Operator,
    now: datetime,
) -> bool:
    """Give a hold another last day or owner; its reason stays. False if it says that already.

    Raises:
        Refused: NOT_ON_FILE, CHANGED_MEANWHILE, NOT_THERE, ENDED_ALREADY, TOO_LONG, NOT_A_TEXT.
    """
    _require_to_come(until, today)
    with _locked(public_id, records.holds, seen) as (contact, _):
        hold = _hold(contact, hold_id)
        wanted = (until, _text(owner, "owner"))
        if (hold.until, hold.owner) == wanted:
            return False
        hold.until, hold.owner = wanted
        hold.save(update_fields=["until", "owner"])
        _record_hold("changed", hold, by=by, now=now)
        return True


def lift_hold(public_id: UUID, hold_id: int, *, seen: str, by: Operator, now: datetime) -> None:
    """End a hold at once.

    Raises:
        Refused: NOT_ON_FILE, CHANGED_MEANWHILE, NOT_THERE.
    """
    with _locked(public_id, records.holds, seen) as (contact, _):
        hold = _hold(contact, hold_id)
        _record_hold("lifted", hold, by=by, now=now)
        hold.delete()


def add_note(public_id: UUID, *, text: str, now: datetime, once: UUID | None = None) -> int:
    """Write something down about a contact; answers the id of the note. It is no activity.

    Args:
        public_id: about whom.
        text: what it says.
        now: this instant.
        once: what a form carries, so that sent twice it is written once.

    Raises:
        Refused: NOT_ON_FILE, NOT_THERE, EMPTY, TOO_LONG, NOT_A_TEXT.
    """
    written = _required(_text(text, "text"), "text")
    with _locked(public_id) as (contact, _):
        note, _ = Note.objects.get_or_create(
            note_number=f"fadeout-{once or uuid.uuid4()}",
            defaults={"contact": contact, "written_at": now, "text": written},
        )
        if note.contact_id != contact.pk:
            raise Refused(Why.NOT_THERE)
        return int(note.pk)


def edit_note(public_id: UUID, note_id: int, *, text: str, seen: str) -> bool:
    """Write a note anew; when it was written stays. False if it says that already.

    Args:
        public_id: whose.
        note_id: which.
        text: what it shall say.
        seen: the mark of what was shown (``records.version`` of ``records.notes``).

    Raises:
        Refused: NOT_ON_FILE, CHANGED_MEANWHILE, NOT_THERE, EMPTY, TOO_LONG, NOT_A_TEXT.
    """
    written = _required(_text(text, "text"), "text")
    with _locked(public_id, records.notes, seen) as (contact, _):
        note = Note.objects.filter(contact=contact, pk=note_id).first()
        if note is None:
            raise Refused(Why.NOT_THERE)
        if note.text == written:
            return False
        note.text = written
        note.save(update_fields=["text"])
        return True


@contextmanager
def _locked(
    public_id: UUID,
    read: Callable[[Contact], Sequence[Any]] | None = None,
    seen: str | None = None,
) -> Iterator[tuple[Contact, Sequence[Any]]]:
    """The contact, locked against runs and other changes, and what was shown, if it still is so."""
    with transaction.atomic():
        contact = records.locked(public_id)
        rows = read(contact) if read else ()
        if read and records.version(rows) != seen:
            raise Refused(Why.CHANGED_MEANWHILE)
        yield contact, rows


def _answer(
    change: AuthorisationChange,
) -> tuple[tuple[str, str], tuple[Answer, str | None, str | None]]:
    key = (_name(change.purpose, "purpose"), _name(change.channel, "channel"))
    return key, (
        Answer(change.value), _text(change.wording, "wording"), _text(change.evidence, "evidence"),
    )  # fmt: skip


def _label(change: CriterionChange) -> tuple[str, str | None]:
    return _name(change.criterion, "criterion"), _text(change.value, "value")


def _instant(now: datetime, latest: Sequence[datetime]) -> datetime:
    """Now, or just behind the latest row: two changes can come within one tick of the clock."""
    last = max(latest, default=None)
    if last is None or last < now:
        return now
    if last - now > timedelta(seconds=1):
        raise Refused(Why.LATER_CHANGE_ON_FILE)
    return last + TICK


def _hold(contact: Contact, hold_id: int) -> Hold:
    hold = Hold.objects.filter(contact=contact, pk=hold_id).first()
    if hold is None:
        raise Refused(Why.NOT_THERE)
    return hold


def _require_to_come(until: date | None, today: date) -> None:
    if until is not None and until < today:
        raise Refused(Why.ENDED_ALREADY, "until")


def _record_hold(what: str, hold: Hold, *, by: Operator, now: datetime) -> None:
    """What was done with which; a reason that somebody typed is none of the ledger's."""
    named = hold.reason if hold.reason in NAMED else "hold"
    facts = {"hold": hold.pk, "what": what, "named": named}
    ledger.record(Kind.HOLD, by=by, now=now, facts=facts)


def _name(text: str, field: str) -> str:
    name = _required(_text(text, field), field)
    if len(name) > LONGEST_NAME:
        raise Refused(Why.TOO_LONG, field)
    return name


def _required(text: str | None, field: str) -> str:
    if text is None:
        raise Refused(Why.EMPTY, field)
    return text


def _text(text: str | None, field: str) -> str | None:
    """What was typed, without blanks around it; nothing if there is nothing."""
    stripped = (text or "").strip()
    if len(stripped) > LONGEST_TEXT:
        raise Refused(Why.TOO_LONG, field)
    if any(unicodedata.category(c) in ("Cs", "Cc") and c not in "\n\r\t" for c in stripped):
        raise Refused(Why.NOT_A_TEXT, field)
    return stripped or None
