"""A house as plain rows: one dataclass for each file of the exchange format, and nothing clever.

``House.write_csv`` writes the folder that ``fadeout import`` takes, ``read_csv`` reads the one that
``fadeout export`` writes. Both know the contract's format and nothing of Fadeout.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints


def at(text: str) -> datetime:
    """An instant, written as the exchange format writes it."""
    return datetime.fromisoformat(text)


def day(text: str) -> date:
    """A day, written YYYY-MM-DD."""
    return date.fromisoformat(text)


LONG_AGO = at("2001-02-03T12:00:00Z")


@dataclass(frozen=True, kw_only=True)
class Organisation:
    code: str
    name: str = "Opera"


@dataclass(frozen=True, kw_only=True)
class Product:
    code: str
    organisation: str
    name: str = "Tosca"
    dated: bool


@dataclass(frozen=True, kw_only=True)
class Contact:
    contact_number: str
    kind: str = "individual"
    structure: str | None = None
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    birth_date: date | None = None
    language: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    street: str | None = None
    street2: str | None = None
    postcode: str | None = None
    town: str | None = None
    country: str | None = None
    login: str | None = None
    email_validated_at: datetime | None = None
    remark: str | None = None
    roles: tuple[str, ...] = ()
    created_at: datetime = LONG_AGO
    created_by: str | None = None
    #: The row that anonymisation left. Not a column: such a contact is in no file.
    is_anonymous: bool = field(default=False, metadata={"in_file": False})


@dataclass(frozen=True, kw_only=True)
class Order:
    order_number: str
    organisation: str
    purchase_contact: str | None = None
    cultural_contact: str | None = None
    ordered_at: datetime
    currency: str = "CHF"
    ip_address: str | None = None
    remark: str | None = None


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    order_number: str
    line: int = 1
    product: str
    kind: str = "sale"
    state: str = "standing"
    confirmed_at: datetime | None = None
    price: Decimal = Decimal(0)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    beneficiary_contact: str | None = None
    beneficiary_first_name: str | None = None
    beneficiary_last_name: str | None = None
    beneficiary_email: str | None = None
    beneficiary_birth_date: date | None = None
    beneficiary_country: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    order_number: str
    line: int = 1
    question: str
    type: str = "text"
    answer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Payment:
    payment_number: str
    order_number: str
    paid_at: datetime = LONG_AGO
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class AccountEntry:
    entry_number: str
    #: Empty only after the contact was deleted; such an entry is in no file.
    contact_number: str | None
    organisation: str
    booked_at: datetime = LONG_AGO
    currency: str | None = None
    amount: Decimal
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class WaitingListEntry:
    entry_number: str
    contact_number: str
    organisation: str
    product: str | None = None
    added_at: datetime


@dataclass(frozen=True, kw_only=True)
class Click:
    click_number: str
    contact_number: str
    link: str = "renewal"
    clicked_at: datetime
    automated: bool = False


@dataclass(frozen=True, kw_only=True)
class Criterion:
    contact_number: str
    criterion: str = "likes"
    changed_at: datetime
    value: str | None = None
    origin: str = "operator"


@dataclass(frozen=True, kw_only=True)
class Authorisation:
    contact_number: str
    purpose: str = "institution"
    channel: str = "email"
    changed_at: datetime
    value: str
    origin: str = "contact"
    wording: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hold:
    contact_number: str
    reason: str
    until: date | None = None
    owner: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    note_number: str
    contact_number: str
    written_at: datetime = LONG_AGO
    text: str = "a note"


@dataclass(frozen=True, kw_only=True)
class House:
    """All rows of a house. Each field but the currency is a file of its name."""

    organisations: tuple[Organisation, ...] = ()
    products: tuple[Product, ...] = ()
    contacts: tuple[Contact, ...] = ()
    orders: tuple[Order, ...] = ()
    order_lines: tuple[OrderLine, ...] = ()
    answers: tuple[Answer, ...] = ()
    payments: tuple[Payment, ...] = ()
    account_entries: tuple[AccountEntry, ...] = ()
    waiting_list: tuple[WaitingListEntry, ...] = ()
    clicks: tuple[Click, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()
    holds: tuple[Hold, ...] = ()
    notes: tuple[Note, ...] = ()
    #: The institution's own. Not a file.
    currency: str = field(default="CHF", metadata={"in_file": False})

    def write_csv(self, folder: Path) -> Path:
        """Write an exchange folder: a file for each kind of row that there is."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, row_type in ROW_TYPES.items():
            rows = getattr(self, name)
            if rows:
                names = columns(row_type)
                lines = [names, *([_text(getattr(row, c)) for c in names] for row in rows)]
                text = "".join(",".join(map(_quoted, line)) + "\n" for line in lines)
                (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
        return folder


#: File name -> the type of its rows, in the contract's order.
ROW_TYPES: dict[str, Any] = {
    name: get_args(kind)[0] for name, kind in get_type_hints(House).items() if name != "currency"
}


#: How many of a file's first columns are its key, where it is not one.
KEY_COLUMNS: dict[Any, int] = {
    OrderLine: 2,
    Answer: 3,
    Criterion: 3,
    Authorisation: 4,
    Hold: 2,
}


def key(row: Any) -> tuple[Any, ...]:
    """What identifies a row within its file: "Keys (first columns, in bold) identify a row"."""
    return tuple(getattr(row, c) for c in columns(type(row))[: KEY_COLUMNS.get(type(row), 1)])


def columns(row_type: Any) -> list[str]:
    """The columns of a file, in the contract's order."""
    return [f.name for f in fields(row_type) if f.metadata.get("in_file", True)]


def read_csv(folder: Path, *, currency: str = "CHF") -> House:
    """The house that an exchange folder of CSV files holds."""
    found = {
        name: tuple(_read(folder / f"{name}.csv", row_type))
        for name, row_type in ROW_TYPES.items()
        if (folder / f"{name}.csv").exists()
    }
    return House(**found, currency=currency)


def _read(path: Path, row_type: Any) -> Iterator[Any]:
    hints = get_type_hints(row_type)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            yield row_type(**{name: _value(text, hints[name]) for name, text in row.items()})


def _quoted(text: str) -> str:
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _text(value: Any) -> str:
    """A value as the exchange format writes it; an empty field is NULL."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple):
        return "|".join(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _value(text: str, hint: Any) -> Any:
    """The value that a field of a type of the contract holds."""
    if hint == tuple[str, ...]:
        return tuple(text.split("|")) if text else ()
    if text == "":
        return None
    kind = next((kind for kind in get_args(hint) if kind is not type(None)), hint)
    if kind is bool:
        return {"true": True, "false": False}[text]
    if kind is datetime:
        return datetime.fromisoformat(text).astimezone(UTC)
    if kind is date:
        return date.fromisoformat(text)
    return kind(text)
