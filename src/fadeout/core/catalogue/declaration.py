"""Reads the ``personal_data.toml`` of every room: each column of each table, declared once.

Erasure, the data map, the masking of values and the start-up check all come from here, so that
none of them can say something else than the others.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from django.apps import apps

CATALOGUE_VERSION = 1
#: What nobody may promise away: said by the data map and on certificates.
HONEST_WORDS = (
    "Exact times and order numbers that stay may still single somebody out who holds an old "
    "receipt."
)


class DataClass(StrEnum):
    """What a column is."""

    IDENTITY = "identity"
    CONTACT = "contact"
    LOCATION = "location"
    BEHAVIOUR = "behaviour"
    FREE_TEXT = "free text"
    TECHNICAL = "technical"
    NOT_PERSONAL = "not personal"

    @property
    def is_personal(self) -> bool:
        """Whether a value says something about a person."""
        return self not in (DataClass.TECHNICAL, DataClass.NOT_PERSONAL)


class Reach(StrEnum):
    """How the rows of a table hang on a contact; also the name of a scope of the erasure."""

    CONTACT = "contact"
    ORDER = "order"
    LINE = "line"
    BOUGHT_LINE = "bought line"
    NONE = "none"


class RowAction(StrEnum):
    """What becomes of a row that hangs on an erased contact."""

    REMOVE = "remove"
    CHANGE = "change"
    KEEP = "keep"


class Action(StrEnum):
    """What becomes of a column in a row that stays."""

    KEEP = "keep"
    EMPTY = "empty"
    XXXXXXXX = "XXXXXXXX"
    NEW_NUMBER = "new number"
    NEW_ID = "new id"
    YEAR_START = "1 January of its year"
    COARSEN = "coarsen"
    MARK = "mark"
    DATE = "date"
    UNLINK = "unlink"


class Identifier(StrEnum):
    """What a column tells somebody apart by, so that it is looked for in texts about others."""

    EMAIL = "email"
    PHONE = "phone"
    LOGIN = "login"
    NUMBER = "number"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"


@dataclass(frozen=True)
class Column:
    """One column: what it is, what deletion and anonymisation do to it, and why what stays stays.

    ``identifier`` holds for the rows in which the columns of ``identifier_if`` have these values. A
    column that is not ``searched`` holds no text about anybody, for the reason given; nor do the rows in
    which one of the columns of ``searched_unless`` has this value. ``emptied_with`` names the column that
    goes with a text from which nothing can be taken out but all of it.
    """

    name: str
    data_class: DataClass
    deletion: Action
    anonymisation: Action
    access: bool
    why: str
    identifier: Identifier | None
    identifier_if: Mapping[str, str]
    searched: bool
    searched_unless: Mapping[str, str]
    emptied_with: str | None


@dataclass(frozen=True)
class Table:
    """One table: what it holds, how it hangs on a contact, what becomes of its rows."""

    name: str
    room: str
    about: str
    reach: Reach
    reached_by: str
    deletion: RowAction
    anonymisation: RowAction
    position: int
    columns: Mapping[str, Column]


class DeclarationError(ValueError):
    """A ``personal_data.toml`` that cannot be understood; names file, table and column."""


@cache
def tables() -> Mapping[str, Table]:
    """All declared tables by name, in the order in which erasure goes through them."""
    declared = [
        _table(config.label, name, body)
        for config in apps.get_app_configs()
        for name, body in _read(config.name).items()
    ]
    return {table.name: table for table in sorted(declared, key=lambda t: (t.position, t.name))}


def is_personal(table: str, column: str) -> bool:
    """Whether the values of a column are personal data, and masked wherever they are shown."""
    declared = tables()[table].columns[column]
    return declared.data_class.is_personal


@cache
def digest() -> str:
    """A fingerprint of the whole catalogue, kept with every plan."""
    content = {
        table.name: [
            table.reach, table.reached_by, table.deletion, table.anonymisation,
            [[c.name, c.data_class, c.deletion, c.anonymisation] for c in table.columns.values()],
        ]
        for table in tables().values()
    }  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(package: str) -> dict[str, Any]:
    path = resources.files(package).joinpath("personal_data.toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _table(room: str, name: str, body: dict[str, Any]) -> Table:
    place = f"{room}/personal_data.toml, table {name}"
    known = {"about", "reach", "reached_by", "deletion", "anonymisation", "position", "columns"}
    _refuse_unknown(place, body, known)
    try:
        return Table(
            name=name,
            room=room,
            about=body["about"],
            reach=Reach(body.get("reach", "none")),
            reached_by=body.get("reached_by", ""),
            deletion=RowAction(body.get("deletion", "keep")),
            anonymisation=RowAction(body.get("anonymisation", "keep")),
            position=body.get("position", 0),
            columns={
                column: _column(f"{place}, column {column}", column, entry)
                for column, entry in body["columns"].items()
            },
        )
    except (KeyError, ValueError) as error:
        raise DeclarationError(f"{place}: {error}") from error


def _column(place: str, name: str, entry: dict[str, Any]) -> Column:
    _refuse_unknown(
        place,
        entry,
        {"class", "erasure", "deletion", "anonymisation", "access", "why"}
        | {"identifier", "identifier_if", "searched", "searched_unless", "emptied_with"},
    )
    both = entry.get("erasure", "keep")
    try:
        data_class = DataClass(entry["class"])
        return Column(
            name=name,
            data_class=data_class,
            deletion=Action(entry.get("deletion", both)),
            anonymisation=Action(entry.get("anonymisation", both)),
            access=entry.get("access", data_class.is_personal),
            why=entry.get("why", ""),
            identifier=Identifier(entry["identifier"]) if "identifier" in entry else None,
            identifier_if=entry.get("identifier_if", {}),
            searched=entry.get("searched", True),
            searched_unless=entry.get("searched_unless", {}),
            emptied_with=entry.get("emptied_with"),
        )
    except (KeyError, ValueError) as error:
        raise DeclarationError(f"{place}: {error}") from error


def _refuse_unknown(place: str, body: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(body) - known):
        raise DeclarationError(f"{place}: unknown entry {', '.join(unknown)}")
