"""Changes what is on file about a contact: authorisations, criteria, holds, notes.

What could go wrong, and what prevents it:

- A run strikes somebody while they are being changed: a change locks the contact first. A run that comes
  second passes by whoever is locked and decides again afterwards; a change that comes second waits, and
  finds nobody on file any more.
- Two tabs: a form carries a mark of what it showed; what was changed since is never overwritten.
- Saving without a change would renew somebody, or two changes come within one tick:
  :mod:`fadeout.contacts.changing`.
- A hold that stands for a request for erasure is lifted, and nobody answers the request: the request has it.
- What people type is found in logs: errors tell codes, the ledger tells what was done and no more.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from fadeout.contacts import changing, records
from fadeout.contacts.changing import AuthorisationChange, CriterionChange, named, required, typed
from fadeout.contacts.models import Answer, Contact, Hold, Note, Origin
from fadeout.contacts.refusals import Refused, Why
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind

#: Reasons that the rules name otherwise than "hold".
NAMED = ("restriction", "request")


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
        return changing.answers(contact, histories, changes, origin=Origin.OPERATOR, now=now)


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
    contact = records.ON_FILE.select_for_update(no_key=True).filter(pk=contact_id).first()
    if contact is None:
        return False
    change = AuthorisationChange(purpose, channel, value, wording=wording, evidence=evidence)
    on_file = records.authorisations(contact)
    return bool(
        changing.answers(
            contact, on_file, [change], origin=Origin.CONTACT, now=now, in_any_case=True
        )
    )


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
        return changing.labels(contact, histories, changes, origin=Origin.OPERATOR, now=now)


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
    name = named(reason, "reason")
    _require_to_come(until, today)
    with _locked(public_id, records.holds, seen) as (contact, holds):
        if any(hold.reason == name for hold in holds):
            raise Refused(Why.HELD_ALREADY, "reason")
        hold = Hold.objects.create(
            contact=contact, reason=name, until=until, owner=typed(owner, "owner"), created_at=now
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
        wanted = (until, typed(owner, "owner"))
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
    written = required(typed(text, "text"), "text")
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
    written = required(typed(text, "text"), "text")
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


def _hold(contact: Contact, hold_id: int) -> Hold:
    hold = Hold.objects.filter(contact=contact, pk=hold_id).first()
    if hold is None:
        raise Refused(Why.NOT_THERE)
    if hold.of_request:
        raise Refused(Why.BELONGS_TO_REQUEST)
    return hold


def _require_to_come(until: date | None, today: date) -> None:
    if until is not None and until < today:
        raise Refused(Why.ENDED_ALREADY, "until")


def _record_hold(what: str, hold: Hold, *, by: Operator, now: datetime) -> None:
    """What was done with which; a reason that somebody typed is none of the ledger's."""
    called = hold.reason if hold.reason in NAMED else "hold"
    facts = {"hold": hold.pk, "what": what, "named": called}
    ledger.record(Kind.HOLD, by=by, now=now, facts=facts)
