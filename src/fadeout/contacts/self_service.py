"""What contacts change themselves, from a page that a link of theirs leads to.

What could go wrong, and what prevents it:

- A run strikes them meanwhile: the contact is locked, as where operators change it.
- They change what nobody offered them: only what the version that they saw offers is taken.
- They are asked one thing and taken for another: the words that they saw become part of the answer, with
  the number of their version, their language and how they came there.
- A box that was never ticked becomes a change, and so an activity: an answer that was not given and is not
  given now stays so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from fadeout.contacts import changing, offering, records
from fadeout.contacts.changing import AuthorisationChange, CriterionChange
from fadeout.contacts.models import Answer, Contact, Origin
from fadeout.contacts.offering import OfferedAuthorisation, Offering, OfferingChangedMeanwhile
from fadeout.contacts.records import AuthorisationHistory
from fadeout.contacts.refusals import Refused, Why

Key = tuple[str, str]


class Place(StrEnum):
    """Where somebody said it: the first words of the evidence."""

    PREFERENCES = "preference page"
    STAY = "stay page"
    SUBSCRIPTION = "subscription, confirmed by mail"


@dataclass(frozen=True)
class Said:
    """How it is known: on which page, in which language, by the link of which mailing."""

    place: Place
    language: str
    mailing: UUID | None = None


@dataclass(frozen=True)
class Wanted:
    """What somebody wants: an answer for each authorisation that was shown, a value for each criterion.

    ``number`` is the version of the offering that they saw. A criterion without a value is removed.
    """

    number: int
    answers: Mapping[Key, bool]
    criteria: Mapping[str, str | None]


@dataclass(frozen=True)
class OwnRecord:
    """As much of a contact as their own page shows: a mail that was handed on gives nobody away."""

    language: str | None
    yes: frozenset[Key]
    criteria: Mapping[str, str]

    @property
    def allows_nothing(self) -> bool:
        return not self.yes


def own_record(public_id: UUID) -> OwnRecord:
    """What somebody's page shows of them.

    Raises:
        Refused: NOT_ON_FILE.
    """
    contact = records.on_file(public_id)
    shown = OwnRecord(
        language=contact.language,
        yes=_yes(records.authorisations(contact)),
        criteria={
            history.criterion: history.in_force.value
            for history in records.criteria(contact)
            if history.in_force.value is not None
        },
    )
    records.require_on_file(public_id)
    return shown


def change(  # noqa: PLR0913 - who wants what, how it is known, and of which version
    public_id: UUID,
    wanted: Wanted,
    said: Said,
    *,
    now: datetime,
    offered: Offering | None = None,
    anew: bool = False,
) -> int:
    """Put in force what somebody wants; tells how much changed.

    Args:
        public_id: who.
        wanted: what they want.
        said: how it is known.
        now: this instant.
        offered: the version that they saw, where an older one will do.
        anew: whether a yes that was given before is given once more, with its own proof.

    Raises:
        Refused: NOT_ON_FILE, NOT_OFFERED, LATER_CHANGE_ON_FILE.
        OfferingChangedMeanwhile: they saw another version than is in force.
    """
    offered = _offered(wanted, offered)
    with _locked(public_id) as contact:
        on_file = records.authorisations(contact)
        answers = _answers(offered, wanted, said, answered=_answered(on_file))
        noes = [one for one in answers if one.value is Answer.NO]
        yes = [one for one in answers if one.value is Answer.YES]
        changed = changing.answers(
            contact, on_file, noes, origin=Origin.CONTACT, now=now, in_any_case=True
        ) + changing.answers(contact, on_file, yes, origin=Origin.CONTACT, now=now, anew=anew)
        return changed + changing.labels(
            contact, records.criteria(contact), _labels(offered, wanted),
            origin=Origin.CONTACT, now=now,
        )  # fmt: skip


def stay(public_id: UUID, wanted: Wanted, said: Said, *, now: datetime) -> int:
    """As :func:`change`, and every yes is given anew; at least one is needed.

    Raises:
        Refused: EMPTY: nothing is allowed; and as :func:`change`.
        OfferingChangedMeanwhile: they saw another version than is in force.
    """
    if not any(wanted.answers.values()):
        raise Refused(Why.EMPTY, "answers")
    return change(public_id, wanted, said, now=now, anew=True)


def unsubscribe_from_everything(public_id: UUID, said: Said, *, now: datetime) -> int:
    """Every yes that is in force becomes a no, all at once; tells how many.

    Raises:
        Refused: NOT_ON_FILE.
    """
    evidence = f"{said.place}, unsubscribed from everything{_mailing(said)}"
    with _locked(public_id) as contact:
        on_file = records.authorisations(contact)
        changes = [AuthorisationChange(*key, Answer.NO, evidence=evidence) for key in _yes(on_file)]
        return changing.answers(
            contact, on_file, changes, origin=Origin.CONTACT, now=now, in_any_case=True
        )


@contextmanager
def _locked(public_id: UUID) -> Iterator[Contact]:
    with transaction.atomic():
        yield records.locked(public_id)


def _offered(wanted: Wanted, offered: Offering | None = None) -> Offering:
    """What is offered, if it is what they saw."""
    offered = offered or offering.in_force()
    if offered.number != wanted.number:
        raise OfferingChangedMeanwhile
    known = {one.key for one in offered.authorisations}
    values = {one.criterion: {c.value for c in one.choices} for one in offered.criteria}
    unknown = set(wanted.answers) - known or any(
        value is not None and value not in values.get(criterion, ())
        for criterion, value in wanted.criteria.items()
    )
    if unknown or set(wanted.criteria) - set(values):
        raise Refused(Why.NOT_OFFERED)
    return offered


def _answers(
    offered: Offering, wanted: Wanted, said: Said, *, answered: frozenset[Key]
) -> list[AuthorisationChange]:
    """Each with its proof; a no only where something was answered before."""
    return [
        _answer(one, wanted.answers[one.key], offered.number, said)
        for one in offered.authorisations
        if one.key in wanted.answers and (wanted.answers[one.key] or one.key in answered)
    ]


def _answer(
    one: OfferedAuthorisation, is_yes: bool, number: int, said: Said
) -> AuthorisationChange:
    language, words = one.said_in(said.language)
    return AuthorisationChange(
        purpose=one.purpose,
        channel=one.channel,
        value=Answer.YES if is_yes else Answer.NO,
        wording=f"{words.label}\n{words.wording}",
        evidence=f"{said.place}, wording {number} in {language}{_mailing(said)}",
    )


def _mailing(said: Said) -> str:
    return f", link of mailing {said.mailing}" if said.mailing else ""


def _labels(offered: Offering, wanted: Wanted) -> list[CriterionChange]:
    return [
        CriterionChange(one.criterion, wanted.criteria[one.criterion])
        for one in offered.criteria
        if one.criterion in wanted.criteria
    ]


def _yes(on_file: tuple[AuthorisationHistory, ...]) -> frozenset[Key]:
    return frozenset((h.purpose, h.channel) for h in on_file if h.in_force.value is Answer.YES)


def _answered(on_file: tuple[AuthorisationHistory, ...]) -> frozenset[Key]:
    return frozenset(
        (h.purpose, h.channel) for h in on_file if h.in_force.value is not Answer.UNANSWERED
    )
