"""What is on file about one contact in this room: identity, ties, authorisations, criteria, holds, notes.

What could go wrong: somebody who was anonymised is shown. So every read begins with the contact on file, and
who reads several things in a row asks again at the end (:func:`require_on_file`): erasure never comes undone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fadeout.contacts.models import (
    Answer,
    Authorisation,
    Contact,
    ContactKind,
    Criterion,
    Hold,
    Note,
    Origin,
    Role,
)
from fadeout.contacts.refusals import Refused, Why

#: Contacts on file; all reads of one contact begin here.
ON_FILE = Contact.objects.filter(anonymised_on=None)
MOST_TIES = 100


@dataclass(frozen=True)
class Address:
    street: str | None
    street2: str | None
    postcode: str | None
    town: str | None
    country: str | None


@dataclass(frozen=True)
class Identity:
    """Who it is. ``country`` of the address is a code of ISO 3166-1, ``language`` one of BCP 47."""

    public_id: UUID
    contact_number: str
    kind: ContactKind
    title: str | None
    first_name: str | None
    last_name: str | None
    birth_date: date | None
    language: str | None
    email: str | None
    email_validated_at: datetime | None
    phone: str | None
    mobile: str | None
    login: str | None
    address: Address
    remark: str | None
    has_photo: bool
    created_at: datetime
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Tie:
    """Another contact on file that this one hangs together with."""

    public_id: UUID
    contact_number: str
    kind: ContactKind
    first_name: str | None
    last_name: str | None


@dataclass(frozen=True)
class Ties:
    """``community`` are those that this contact created, ``relays`` those who act for it as a structure.

    Of either the first hundred by number, and how many there are.
    """

    structure: Tie | None
    created_by: Tie | None
    relays: tuple[Tie, ...]
    relay_count: int
    community: tuple[Tie, ...]
    community_count: int


@dataclass(frozen=True)
class AuthorisationRow:
    """One answer of the history."""

    changed_at: datetime
    value: Answer
    origin: Origin
    wording: str | None
    evidence: str | None


@dataclass(frozen=True)
class AuthorisationHistory:
    """All answers for a purpose and a channel, the latest first: that one is in force."""

    purpose: str
    channel: str
    rows: tuple[AuthorisationRow, ...]

    @property
    def in_force(self) -> AuthorisationRow:
        return self.rows[0]


@dataclass(frozen=True)
class CriterionRow:
    """One change of the history; without a value it was removed."""

    changed_at: datetime
    value: str | None
    origin: Origin


@dataclass(frozen=True)
class CriterionHistory:
    """All changes of a criterion, the latest first: that one is in force."""

    criterion: str
    rows: tuple[CriterionRow, ...]

    @property
    def in_force(self) -> CriterionRow:
        return self.rows[0]


@dataclass(frozen=True)
class HoldRow:
    """A reason not to touch the contact; ``until`` is its last day, None is open-ended.

    One that is ``of_request`` ends with the request for erasure that it stands for.
    """

    id: int
    reason: str
    until: date | None
    owner: str | None
    created_at: datetime | None
    of_request: bool


@dataclass(frozen=True)
class NoteRow:
    id: int
    written_at: datetime
    text: str


def on_file(public_id: UUID) -> Contact:
    """The contact.

    Raises:
        Refused: NOT_ON_FILE.
    """
    found = ON_FILE.filter(public_id=public_id).first()
    if found is None:
        raise Refused(Why.NOT_ON_FILE)
    return found


def locked(public_id: UUID) -> Contact:
    """The contact, locked against runs and other changes until the transaction ends.

    Raises:
        Refused: NOT_ON_FILE.
    """
    found = ON_FILE.select_for_update(no_key=True).filter(public_id=public_id).first()
    if found is None:
        raise Refused(Why.NOT_ON_FILE)
    return found


def require_on_file(public_id: UUID) -> None:
    """Once more, at the end of several reads.

    Raises:
        Refused: NOT_ON_FILE.
    """
    if not ON_FILE.filter(public_id=public_id).exists():
        raise Refused(Why.NOT_ON_FILE)


def identity(contact: Contact) -> Identity:
    """Who it is."""
    roles = Role.objects.filter(contact=contact).order_by("role").values_list("role", flat=True)
    return Identity(
        public_id=contact.public_id,
        contact_number=contact.contact_number,
        kind=ContactKind(contact.kind),
        title=contact.title,
        first_name=contact.first_name,
        last_name=contact.last_name,
        birth_date=contact.birth_date,
        language=contact.language,
        email=contact.email,
        email_validated_at=contact.email_validated_at,
        phone=contact.phone,
        mobile=contact.mobile,
        login=contact.login,
        address=Address(
            contact.street, contact.street2, contact.postcode, contact.town, contact.country
        ),
        remark=contact.remark,
        has_photo=contact.photo is not None,
        created_at=contact.created_at,
        roles=tuple(roles),
    )


def ties(contact: Contact) -> Ties:
    """Whom it hangs together with, of those on file."""
    above = ON_FILE.filter(pk__in=[contact.structure_id, contact.created_by_id]).in_bulk()
    relays = ON_FILE.filter(structure=contact)
    community = ON_FILE.filter(created_by=contact)
    return Ties(
        structure=_tie(above.get(contact.structure_id)),
        created_by=_tie(above.get(contact.created_by_id)),
        relays=_ties(relays),
        relay_count=relays.count(),
        community=_ties(community),
        community_count=community.count(),
    )


def _ties(contacts: Any) -> tuple[Tie, ...]:
    first = contacts.order_by("contact_number")[:MOST_TIES]
    return tuple(tie for contact in first if (tie := _tie(contact)))


def _tie(contact: Contact | None) -> Tie | None:
    if contact is None:
        return None
    return Tie(
        contact.public_id, contact.contact_number, ContactKind(contact.kind),
        contact.first_name, contact.last_name,
    )  # fmt: skip


def authorisations(contact: Contact) -> tuple[AuthorisationHistory, ...]:
    """By purpose and channel."""
    found: dict[tuple[str, str], list[AuthorisationRow]] = {}
    for row in Authorisation.objects.filter(contact=contact).order_by(
        "purpose", "channel", "-changed_at"
    ):
        found.setdefault((row.purpose, row.channel), []).append(
            AuthorisationRow(
                row.changed_at, Answer(row.value), Origin(row.origin), row.wording, row.evidence
            )
        )
    return tuple(AuthorisationHistory(*key, tuple(rows)) for key, rows in found.items())


def criteria(contact: Contact) -> tuple[CriterionHistory, ...]:
    """By criterion."""
    found: dict[str, list[CriterionRow]] = {}
    for row in Criterion.objects.filter(contact=contact).order_by("criterion", "-changed_at"):
        found.setdefault(row.criterion, []).append(
            CriterionRow(row.changed_at, row.value, Origin(row.origin))
        )
    return tuple(CriterionHistory(key, tuple(rows)) for key, rows in found.items())


def holds(contact: Contact) -> tuple[HoldRow, ...]:
    """By reason; also those that are over."""
    return tuple(
        HoldRow(row.pk, row.reason, row.until, row.owner, row.created_at, row.of_request)
        for row in Hold.objects.filter(contact=contact).order_by("reason")
    )


def notes(contact: Contact) -> tuple[NoteRow, ...]:
    """The latest first."""
    found = Note.objects.filter(contact=contact).order_by("-written_at", "-pk")
    return tuple(NoteRow(row.pk, row.written_at, row.text) for row in found)


def version(rows: Sequence[Any]) -> str:
    """A mark of what was shown: a form carries it, and a change finds out whether it still is so."""
    told = json.dumps(list(_plain(rows)), default=str, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(rows: Iterable[Any]) -> Iterable[Any]:
    return (astuple(row) for row in rows)
