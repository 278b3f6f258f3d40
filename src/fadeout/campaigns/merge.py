"""Merge tags: ``{{ first_name|friend }}`` in what a house writes, and what stands there for a contact.

A language of its own, so small that nothing can be said in it but the tags listed here. A text is taken
apart once and put together for each contact.

What could go wrong, and what prevents it:

- A tag is misspelt, and a thousand people read ``{{ frist_name }}``: it is refused when the text is saved,
  with its line.
- A contact has no first name, and the mail begins "Hello ,": a tag that may be empty needs a fallback.
- A contact's name is HTML, or has a line break that would begin another header: values are escaped in HTML,
  and are one line everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

TAG = re.compile(r"\{\{(?P<inside>[^{}\r\n]*)\}\}")
INSIDE = re.compile(r"\s*(?P<name>[a-z][a-z_0-9]*)\s*(?:\|(?P<fallback>[^|]*))?\Z")
LINK = re.compile(r"link(_[2-9])?\Z")
#: What a contact may not have on file: each needs a fallback.
OF_A_CONTACT = ("title", "first_name", "last_name")
ADDRESSES = ("unsubscribe", "preferences")
OF_THE_HOUSE = ("house",)
UNSUBSCRIBE = "unsubscribe"
LONGEST_VALUE = 200
NO_TEXT = ("Cc", "Cs", "Cn", "Co", "Zl", "Zp")
#: Signs after which a line is read the other way round: a name could turn what stands behind it.
TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


class Fault(StrEnum):
    """What is wrong with a tag."""

    UNKNOWN = "unknown_tag"
    BROKEN = "broken_tag"
    NO_FALLBACK = "no_fallback"
    NO_PLACE = "tag_in_this_place"


@dataclass(frozen=True)
class Tag:
    """A tag; ``line`` is where it stands, counted from one."""

    name: str
    fallback: str
    line: int

    @property
    def is_address(self) -> bool:
        """Whether what stands there is an address."""
        return is_address(self.name)


class MergeError(ValueError):
    """A text whose tags cannot be used: what, where, and the tag as it was typed."""

    def __init__(self, fault: Fault, line: int, tag: str) -> None:
        super().__init__(fault, line)
        self.fault, self.line, self.what = fault, line, tag


Text = Sequence[str | Tag]


def is_address(name: str) -> bool:
    """Whether a tag of this name stands for an address."""
    return name in ADDRESSES or LINK.match(name) is not None


def parsed(text: str) -> Text:
    """A text taken apart.

    Raises:
        MergeError: a tag is unknown, broken, or lacks its fallback.
    """
    return tuple(_parts(text))


def tags(text: Text) -> Iterator[Tag]:
    """The tags of a text, in order."""
    return (part for part in text if isinstance(part, Tag))


def plain(text: Text, values: Mapping[str, str]) -> str:
    """What a contact reads, without markup: also what stands in a header."""
    return "".join(part if isinstance(part, str) else _value(part, values) for part in text)


def html(text: Text, values: Mapping[str, str]) -> str:
    """Likewise as HTML. A fallback is written like the text around it: it is HTML already."""
    return "".join(part if isinstance(part, str) else _escaped(part, values) for part in text)


def one_line(value: str) -> str:
    """A value without line breaks and control characters, no longer than a name can be."""
    return _unbroken(value[:LONGEST_VALUE])


def breaks(character: str) -> bool:
    """Whether this breaks a line, turns its direction, or is no text; no-break spaces, joiners are text."""
    return (
        unicodedata.category(character) in NO_TEXT
        or unicodedata.bidirectional(character) in TURNING
    )


def _unbroken(value: str) -> str:
    kept = "".join(" " if breaks(c) else c for c in value)
    return re.sub(" +", " ", kept).strip()


def _parts(text: str) -> Iterator[str | Tag]:
    end = 0
    for found in TAG.finditer(text):
        yield _without_tags(text, end, found.start())
        yield _tag(found["inside"], _line(text, found.start()), found[0])
        end = found.end()
    yield _without_tags(text, end, len(text))


def _without_tags(text: str, start: int, end: int) -> str:
    """Text between tags: half a tag in it was meant to be one."""
    between = text[start:end]
    for half in ("{{", "}}"):
        if (at := between.find(half)) >= 0:
            line = _line(text, start + at)
            raise MergeError(Fault.BROKEN, line, between[at : at + 30].splitlines()[0])
    return between


def _tag(inside: str, line: int, typed: str) -> Tag:
    found = INSIDE.match(inside)
    if found is None:
        raise MergeError(Fault.BROKEN, line, typed)
    name, fallback = found["name"], found["fallback"]
    if name in OF_A_CONTACT and fallback is None:
        raise MergeError(Fault.NO_FALLBACK, line, typed)
    if name not in (*OF_A_CONTACT, *OF_THE_HOUSE) and not is_address(name):
        raise MergeError(Fault.UNKNOWN, line, typed)
    return Tag(name, (fallback or "").strip(), line)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _value(tag: Tag, values: Mapping[str, str]) -> str:
    return _read(tag, values) or tag.fallback


def _escaped(tag: Tag, values: Mapping[str, str]) -> str:
    value = _read(tag, values)
    return escape(value) if value else tag.fallback


def _read(tag: Tag, values: Mapping[str, str]) -> str:
    """What a contact reads there: an address as a whole, or it leads elsewhere."""
    value = values.get(tag.name, "")
    return _unbroken(value) if tag.is_address else one_line(value)
