"""What can be asked about contacts: a tree of groups and conditions, read from data and never from SQL.

What could go wrong, and what prevents it:

- Somebody smuggles in a field or a comparison: whatever is not in :data:`SHAPES` is refused, by its place.
- A tree that nobody can read, or that no database can answer: depth and size are limited.
- One mistake hides the next: all are told, each with its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from fadeout.contacts.models import Answer, ContactKind

DEEPEST = 5
MOST_CONDITIONS = 50
LONGEST = 200
MOST_MONTHS = 1_200
FIRST_YEAR, LAST_YEAR = 1900, 2999
DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)


class How(StrEnum):
    """How the parts of a group hold together."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


class On(StrEnum):
    """What a condition asks about."""

    RECENCY = "recency"
    CRITERION = "criterion"
    AUTHORISATION = "authorisation"
    KIND = "kind"
    LANGUAGE = "language"
    COUNTRY = "country"
    POSTCODE = "postcode"
    ORGANISATION = "organisation"
    PRODUCT = "product"
    CREATED = "created"
    EMAIL = "email"
    TARGET = "target"


class Ask(StrEnum):
    """How it asks."""

    BEFORE = "before"
    FROM = "from"
    DUE_WITHIN = "due_within"
    NEVER = "never"
    IS = "is"
    SET = "set"
    NOT_SET = "not_set"
    BEGINS = "begins"
    BETWEEN = "between"
    DATED = "dated"
    UNDATED = "undated"


class Value(StrEnum):
    """What kind of value a test compares with."""

    DAY = "day"
    MONTHS = "months"
    TEXT = "text"
    ANSWER = "answer"
    KIND = "kind"
    LANGUAGE = "language"
    COUNTRY = "country"
    ORGANISATION = "organisation"
    PRODUCT = "product"
    TARGET = "target"


class Fault(StrEnum):
    """Why something cannot be asked."""

    NOT_A_GROUP = "not_a_group"
    UNKNOWN_ENTRY = "unknown_entry"
    UNKNOWN_ON = "unknown_on"
    UNKNOWN_TEST = "unknown_test"
    MISSING = "missing"
    NOT_A_DAY = "not_a_day"
    NOT_MONTHS = "not_months"
    NOT_A_COUNTRY = "not_a_country"
    NOT_A_LANGUAGE = "not_a_language"
    NOT_ONE_OF = "not_one_of"
    NOT_A_TEXT = "not_a_text"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    EMPTY_GROUP = "empty_group"
    BACKWARDS = "backwards"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_TARGET = "unknown_target"
    LOOP = "loop"
    TOO_MUCH = "too_much"


#: Where a part of the tree stands: which part of the whole, which part of that, and so on, from 0 on.
Path = tuple[int, ...]


@dataclass(frozen=True)
class Mistake:
    """Something that cannot be asked: where, which entry, why; ``detail`` is what could be."""

    path: Path
    entry: str
    fault: Fault
    detail: str = ""


@dataclass(frozen=True)
class Shape:
    """What a subject can be asked: its tests with the kind of their value, and what names it further."""

    tests: Mapping[Ask, Value | None]
    named_by: tuple[str, ...] = ()


_IS_SET: Mapping[Ask, None] = {Ask.SET: None, Ask.NOT_SET: None}
SHAPES: Mapping[On, Shape] = {
    On.RECENCY: Shape(
        {
            Ask.BEFORE: Value.DAY,
            Ask.FROM: Value.DAY,
            Ask.DUE_WITHIN: Value.MONTHS,
            Ask.NEVER: None,
        }
    ),
    On.CRITERION: Shape({Ask.IS: Value.TEXT, **_IS_SET}, ("name",)),
    On.AUTHORISATION: Shape({Ask.IS: Value.ANSWER}, ("purpose", "channel")),
    On.KIND: Shape({Ask.IS: Value.KIND}),
    On.LANGUAGE: Shape({Ask.IS: Value.LANGUAGE, **_IS_SET}),
    On.COUNTRY: Shape({Ask.IS: Value.COUNTRY, **_IS_SET}),
    On.POSTCODE: Shape(
        {Ask.IS: Value.TEXT, Ask.BEGINS: Value.TEXT, Ask.BETWEEN: Value.TEXT, **_IS_SET}
    ),
    On.ORGANISATION: Shape({Ask.IS: Value.ORGANISATION}),
    On.PRODUCT: Shape({Ask.IS: Value.PRODUCT, Ask.DATED: None, Ask.UNDATED: None}),
    On.CREATED: Shape({Ask.BEFORE: Value.DAY, Ask.FROM: Value.DAY}),
    On.EMAIL: Shape(dict(_IS_SET)),
    On.TARGET: Shape({Ask.IS: Value.TARGET}),
}
_CHOICES: Mapping[Value, type[Answer | ContactKind]] = {
    Value.ANSWER: Answer,
    Value.KIND: ContactKind,
}


@dataclass(frozen=True)
class Condition:
    """One question. ``value`` is as it is stored: days as YYYY-MM-DD, a target by its public id.

    ``until`` ends a range; ``name`` is that of a criterion, ``purpose`` and ``channel`` an authorisation's.
    """

    on: On
    test: Ask
    value: str = ""
    until: str = ""
    name: str = ""
    purpose: str = ""
    channel: str = ""

    @property
    def value_kind(self) -> Value | None:
        return SHAPES[self.on].tests[self.test]

    @property
    def day(self) -> date:
        """The value, where it is a day."""
        return date.fromisoformat(self.value)

    @property
    def months(self) -> int:
        """The value, where it is a number of months."""
        return int(self.value)

    def data(self) -> dict[str, Any]:
        """As it is stored."""
        return {entry: str(value) for entry, value in vars(self).items() if value}


@dataclass(frozen=True)
class Group:
    """Questions of which all hold, any holds, or none does."""

    how: How
    parts: tuple[Node, ...]

    def data(self) -> dict[str, Any]:
        """As it is stored."""
        return {str(self.how): [part.data() for part in self.parts]}


Node = Group | Condition
EVERYBODY = Group(How.ALL, ())


def conditions_of(node: Node) -> Iterator[Condition]:
    """Every condition of a tree."""
    if isinstance(node, Condition):
        yield node
    else:
        for part in node.parts:
            yield from conditions_of(part)


def entries(on: On, test: Ask) -> tuple[str, ...]:
    """What a condition must say besides."""
    shape = SHAPES[on]
    value = ("value",) if shape.tests[test] else ()
    return (*shape.named_by, *value, *(("until",) if test is Ask.BETWEEN else ()))


def read(data: Any) -> tuple[Group | None, list[Mistake]]:
    """The tree that some data holds, or every mistake in it."""
    reading = _Reading()
    tree = reading.group(data, ())
    if reading.count > MOST_CONDITIONS:
        reading.mistake((), "", Fault.TOO_MANY)
    return (None if reading.mistakes else tree), reading.mistakes


@dataclass
class _Reading:
    mistakes: list[Mistake] = field(default_factory=list)
    count: int = 0

    def mistake(self, path: Path, entry: str, fault: Fault, detail: str = "") -> None:
        self.mistakes.append(Mistake(path, entry, fault, detail))

    def node(self, data: Any, path: Path) -> Node:
        if isinstance(data, dict) and len(data) == 1 and set(data) <= set(How):
            return self.group(data, path)
        return self.condition(data, path)

    def group(self, data: Any, path: Path) -> Group:
        if not (isinstance(data, dict) and len(data) == 1 and set(data) <= set(How)):
            self.mistake(path, "", Fault.NOT_A_GROUP)
            return EVERYBODY
        [(how, parts)] = data.items()
        if not isinstance(parts, list):
            self.mistake(path, how, Fault.NOT_A_GROUP)
        elif len(path) >= DEEPEST:
            self.mistake(path, how, Fault.TOO_DEEP)
        elif not parts and (path or how != How.ALL):
            self.mistake(path, how, Fault.EMPTY_GROUP)
        elif len(parts) > MOST_CONDITIONS:
            self.mistake(path, how, Fault.TOO_MANY)
        else:
            return Group(How(how), tuple(self.node(p, (*path, n)) for n, p in enumerate(parts)))
        return EVERYBODY

    def condition(self, data: Any, path: Path) -> Condition:
        self.count += 1
        known = Condition.__dataclass_fields__
        nothing = Condition(On.EMAIL, Ask.SET)
        if not isinstance(data, dict):
            self.mistake(path, "", Fault.UNKNOWN_ON)
            return nothing
        for entry in data:
            if entry not in known:
                self.mistake(path, str(entry)[:LONGEST], Fault.UNKNOWN_ENTRY)
        try:
            on = On(str(data.get("on")))
        except ValueError:
            self.mistake(path, "on", Fault.UNKNOWN_ON, ", ".join(On))
            return nothing
        tests = SHAPES[on].tests
        try:
            test = Ask(str(data.get("test")))
            tests[test]
        except (ValueError, KeyError):
            self.mistake(path, "test", Fault.UNKNOWN_TEST, ", ".join(tests))
            return nothing
        asked = entries(on, test)
        for entry in data:
            if entry in known and entry not in ("on", "test", *asked) and data[entry]:
                self.mistake(path, entry, Fault.UNKNOWN_ENTRY)
        given = {entry: self.text(data.get(entry), path, entry) for entry in asked}
        if not self.mistakes_at(path):
            given = {entry: self.value(on, test, given, path, entry) for entry in asked}
        return Condition(on, test, **given)

    def mistakes_at(self, path: Path) -> bool:
        return any(found.path == path for found in self.mistakes)

    def text(self, given: Any, path: Path, entry: str) -> str:
        text = unicodedata.normalize("NFC", str(given).strip()) if given is not None else ""
        fault = None
        if not isinstance(given, (str, int, type(None))) or isinstance(given, bool):
            fault = Fault.NOT_A_TEXT
        elif not text:
            fault = Fault.MISSING
        elif len(text) > LONGEST:
            fault = Fault.TOO_LONG
        elif any(unicodedata.category(c) in ("Cs", "Cc") for c in text):
            fault = Fault.NOT_A_TEXT
        if fault:
            self.mistake(path, entry, fault)
        return text

    def value(self, on: On, test: Ask, given: Mapping[str, str], path: Path, entry: str) -> str:
        text = given[entry]
        if entry == "until":
            first = given["value"]
            if len(first) != len(text) or first > text:
                self.mistake(path, entry, Fault.BACKWARDS)
            return text
        kind = SHAPES[on].tests[test] if entry == "value" else Value.TEXT
        try:
            return str(_READERS.get(kind or Value.TEXT, str)(text))
        except _UnreadableError as error:
            self.mistake(path, entry, *error.args)
            return text


class _UnreadableError(ValueError):
    """A value that is none of its kind: the fault, and what could be."""


def _day(text: str) -> str:
    found = DAY.fullmatch(text)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _UnreadableError(Fault.NOT_A_DAY)
    return day.isoformat()


def _months(text: str) -> str:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MOST_MONTHS):
        raise _UnreadableError(Fault.NOT_MONTHS, str(MOST_MONTHS))
    return str(int(text))


def _country(text: str) -> str:
    if re.fullmatch(r"[A-Za-z]{2}", text) is None:
        raise _UnreadableError(Fault.NOT_A_COUNTRY)
    return text.upper()


def _language(text: str) -> str:
    if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", text) is None:
        raise _UnreadableError(Fault.NOT_A_LANGUAGE)
    return text


def _one_of(choices: type[Answer | ContactKind]) -> Any:
    def read_choice(text: str) -> str:
        if text not in choices.values:
            raise _UnreadableError(Fault.NOT_ONE_OF, ", ".join(choices.values))
        return text

    return read_choice


_READERS = {
    Value.DAY: _day,
    Value.MONTHS: _months,
    Value.COUNTRY: _country,
    Value.LANGUAGE: _language,
    **{kind: _one_of(choices) for kind, choices in _CHOICES.items()},
}
