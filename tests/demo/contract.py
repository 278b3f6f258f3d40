"""An independent checker of an exchange folder, written from the contract and not from the code."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

Row = dict[str, str]

REQUIRED = {
    "organisations": "code name",
    "products": "code organisation name dated",
    "contacts": "contact_number kind created_at",
    "orders": "order_number organisation ordered_at currency",
    "order_lines": "order_number line product kind state price",
    "answers": "order_number line question type",
    "payments": "payment_number order_number paid_at amount",
    "account_entries": "entry_number contact_number organisation booked_at amount",
    "waiting_list": "entry_number contact_number organisation added_at",
    "clicks": "click_number contact_number link clicked_at automated",
    "criteria": "contact_number criterion changed_at origin",
    "authorisations": "contact_number purpose channel changed_at value origin",
    "holds": "contact_number reason",
    "notes": "note_number contact_number written_at text",
}
OPTIONAL = {
    "contacts": (
        "structure title first_name last_name birth_date language email phone mobile street street2 "
        "postcode town country login email_validated_at remark roles created_by"
    ),
    "orders": "purchase_contact cultural_contact ip_address remark",
    "order_lines": (
        "confirmed_at valid_from valid_until beneficiary_contact beneficiary_first_name "
        "beneficiary_last_name beneficiary_email beneficiary_birth_date beneficiary_country"
    ),
    "answers": "answer",
    "account_entries": "currency label",
    "waiting_list": "product",
    "criteria": "value",
    "authorisations": "wording evidence",
    "holds": "until owner created_at",
}
KEYS = {
    "organisations": ("code",),
    "products": ("code",),
    "contacts": ("contact_number",),
    "orders": ("order_number",),
    "order_lines": ("order_number", "line"),
    "answers": ("order_number", "line", "question"),
    "payments": ("payment_number",),
    "account_entries": ("entry_number",),
    "waiting_list": ("entry_number",),
    "clicks": ("click_number",),
    "criteria": ("contact_number", "criterion", "changed_at"),
    "authorisations": ("contact_number", "purpose", "channel", "changed_at"),
    "holds": ("contact_number", "reason"),
    "notes": ("note_number",),
}
REFERENCES = {
    "products": {"organisation": "organisations"},
    "contacts": {"structure": "contacts", "created_by": "contacts"},
    "orders": {
        "organisation": "organisations",
        "purchase_contact": "contacts",
        "cultural_contact": "contacts",
    },
    "order_lines": {
        "order_number": "orders",
        "product": "products",
        "beneficiary_contact": "contacts",
    },
    "payments": {"order_number": "orders"},
    "account_entries": {"contact_number": "contacts", "organisation": "organisations"},
    "waiting_list": {
        "contact_number": "contacts",
        "organisation": "organisations",
        "product": "products",
    },
    "clicks": {"contact_number": "contacts"},
    "criteria": {"contact_number": "contacts"},
    "authorisations": {"contact_number": "contacts"},
    "holds": {"contact_number": "contacts"},
    "notes": {"contact_number": "contacts"},
}
ORIGINS = "contact operator import system"
CODES = {
    ("contacts", "kind"): "individual relay structure",
    ("products", "dated"): "true false",
    ("order_lines", "kind"): "option reservation sale",
    ("order_lines", "state"): "standing lapsed cancelled returned",
    ("answers", "type"): "text address email choice",
    ("clicks", "automated"): "true false",
    ("criteria", "origin"): ORIGINS,
    ("authorisations", "origin"): ORIGINS,
    ("authorisations", "value"): "yes no unanswered",
}
AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2})?")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
COUNTRY = re.compile("[A-Z]{2}")
CURRENCY = re.compile("[A-Z]{3}")
LANGUAGE = re.compile("[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


def is_time(text: str) -> bool:
    """A moment with its offset."""
    return bool(TIME.fullmatch(text)) and bool(datetime.fromisoformat(text))


def is_date(text: str) -> bool:
    """A day of the calendar."""
    return len(text) == 10 and bool(date.fromisoformat(text))


def shape_of(column: str) -> Callable[[str], object] | None:
    """What a column's name says about its fields."""
    shapes: dict[str, Callable[[str], object]] = {
        "line": lambda text: int(text) > 0,
        "price": AMOUNT.fullmatch,
        "amount": AMOUNT.fullmatch,
        "currency": CURRENCY.fullmatch,
        "language": LANGUAGE.fullmatch,
        "until": is_date,
        "roles": lambda text: all(text.split("|")),
        "valid_from": is_time,
        "valid_until": is_time,
    }
    if column.endswith("_at"):
        return is_time
    if column.endswith("birth_date"):
        return is_date
    if column.endswith("country"):
        return COUNTRY.fullmatch
    return shapes.get(column)


@dataclass(repr=False)
class House:
    """An exchange folder in memory, and what is wrong with it."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def keys(self, table: str) -> set[tuple[str, ...]]:
        """The keys of a table."""
        return {tuple(row[column] for column in KEYS[table]) for row in self.tables[table]}


def read(folder: Path) -> House:
    """Read a folder and note every breach of the contract."""
    house = House()
    for table, required in REQUIRED.items():
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
        columns = rows[0]
        house.tables[table] = [dict(zip(columns, row, strict=True)) for row in rows[1:]]
        expected = {*required.split(), *OPTIONAL.get(table, "").split()}
        if set(columns) != expected or len(columns) != len(expected):
            house.faults.append(f"{table}: columns {columns}")
    for faults in (_fields(house), _keys(house), _references(house)):
        house.faults.extend(faults)
    return house


def _fields(house: House) -> Iterator[str]:
    for table, rows in house.tables.items():
        required = set(REQUIRED[table].split())
        for column in rows[0] if rows else ():
            codes = CODES.get((table, column), "").split()
            shape = shape_of(column)
            for text in {row[column] for row in rows}:
                if not text:
                    if column in required:
                        yield f"{table}.{column} is empty"
                elif (codes and text not in codes) or (shape and not shape(text)):
                    yield f"{table}.{column}: {text!r}"


def _keys(house: House) -> Iterator[str]:
    for table, rows in house.tables.items():
        if len(house.keys(table)) != len(rows):
            yield f"{table}: a key occurs twice"


def _references(house: House) -> Iterator[str]:
    for table, columns in REFERENCES.items():
        for column, target in columns.items():
            known = {key[0] for key in house.keys(target)}
            found = {row[column] for row in house.tables[table]} - {""}
            yield from (f"{table}.{column}: {text} is not in {target}" for text in found - known)
    lines = house.keys("order_lines")
    answered = {(row["order_number"], row["line"]) for row in house.tables["answers"]}
    yield from (f"answers: {line} is not in order_lines" for line in answered - lines)
