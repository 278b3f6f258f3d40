"""A tree of conditions as the fields of a form, and back: a draft may be half filled in, or wrong.

Each field is called after the entry and the place of its part: ``on:0.2`` is what the third part of the first
group asks about. A button says what to do with the draft, and where: ``add:0``, ``group:0``, ``remove:0.2``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from fadeout.targets.conditions import DEEPEST, SHAPES, Ask, How, On, Path, entries

FIELD = re.compile(r"(how|on|test|value|until|name|purpose|channel):((?:\d{1,3}(?:\.\d{1,3})*)?)")
DEED = re.compile(r"(add|group|remove):((?:\d{1,3}(?:\.\d{1,3})*)?)")
NEW = {"on": On.RECENCY.value, "test": Ask.BEFORE.value}
#: What an authorisation begins with: the one that mails need.
GIVEN = {
    On.AUTHORISATION.value: {"purpose": "institution", "channel": "email", "value": "yes"},
    On.KIND.value: {"value": "individual"},
}

Draft = dict[str, Any]


def empty() -> Draft:
    """All of one condition that is still to be filled in."""
    return {How.ALL.value: [dict(NEW)]}


def of(posted: Mapping[str, str]) -> Draft:
    """The draft that a form holds."""
    found: defaultdict[Path, dict[str, str]] = defaultdict(dict)
    for field in posted:
        if match := FIELD.fullmatch(field):
            found[_path(match[2])][match[1]] = posted[field]
    return _group(found, ())


def _group(found: Mapping[Path, dict[str, str]], path: Path) -> Draft:
    how = found.get(path, {}).get("how", How.ALL.value)
    parts = [
        _group(found, one) if "how" in found[one] else _condition(found[one])
        for one in sorted(found)
        if one and one[:-1] == path and len(path) < DEEPEST
    ]
    return {how if how in set(How) else How.ALL.value: parts}


def _condition(given: dict[str, str]) -> Draft:
    """Fits what is asked to what it is asked about: a field that is not shown any more does not count."""
    try:
        on = On(given.get("on", ""))
    except ValueError:
        return dict(NEW)
    tests = [test.value for test in SHAPES[on].tests]
    test = given.get("test", "")
    test = test if test in tests else tests[0]
    asked = entries(on, Ask(test))
    start = GIVEN.get(on.value, {})
    kept = {entry: given.get(entry) or start.get(entry, "") for entry in asked}
    return {"on": on.value, "test": test, **kept}


def deed(text: str) -> tuple[str, Path] | None:
    """What a button asks for, and where."""
    match = DEED.fullmatch(text)
    return (match[1], _path(match[2])) if match else None


def done(draft: Draft, what: str, path: Path) -> Draft:
    """The draft after a button; as it was, if there is no such place in it."""
    if what == "remove":
        holder = _parts(draft, path[:-1]) if path else None
        if holder is not None and path[-1] < len(holder):
            del holder[path[-1]]
        return draft
    parts = _parts(draft, path)
    if parts is not None:
        parts.append({How.ANY.value: [dict(NEW)]} if what == "group" else dict(NEW))
    return draft


def _parts(draft: Draft, path: Sequence[int]) -> list[Draft] | None:
    """The parts of the group at a place."""
    for how, parts in draft.items():
        if how not in set(How):
            return None
        if not path:
            return parts if isinstance(parts, list) else None
        return _parts(parts[path[0]], path[1:]) if path[0] < len(parts) else None
    return None


def _path(text: str) -> Path:
    return tuple(int(number) for number in text.split(".")) if text else ()
