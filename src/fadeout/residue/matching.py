"""Finds many identifiers in many texts, whole ones only.

Aho-Corasick finds where one may begin: it knows the first few characters of each, which is a tenth of
the memory that whole ones take. What begins there is then looked up as a whole, by its hash. Phone
numbers are read as people write them, and looked up by their digits.

What could go wrong: a part of something longer is taken for the whole, ``anna@example.org`` in
``joanna@example.org``, 1234567 in A-1234567 or in a phone number. So each kind has its own idea of
where a token ends, and a number beside other digits is only listed.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

import ahocorasick

from fadeout.erasure.texts import MARK
from fadeout.residue.folding import APART, fold, is_of_a_word
from fadeout.residue.identifiers import (
    DIGITS,
    LONGEST_PHONE,
    LONGEST_WRITTEN,
    PHONE,
    SHORTEST_PHONE,
    Kind,
    digits_of,
    is_exact,
)

BEGINNING = 6  # characters; more take memory, fewer take time
BUCKETS = 256
KIND_BITS = 3
#: Signs that join a token to the word before or after them.
JOINTS_BEFORE = {Kind.EMAIL: "_.-+%@'", Kind.LOGIN: ".-+%@'", Kind.NUMBER: "-+@/'", Kind.NAME: "-"}
JOINTS_AFTER = {Kind.EMAIL: "_.-+%@", Kind.LOGIN: ".-+%@", Kind.NUMBER: "-+@/'", Kind.NAME: "-"}
#: What stands in the place of what was taken out.
MARKS = re.compile(re.escape(MARK.removesuffix("]")) + r"(?: in row-[^\]\s]+)?\]")
MAY_END = re.compile(r"[\W_]|\Z")
FIGURES_BEFORE = re.compile(r"\d[ .,]\Z")
FIGURES_AFTER = re.compile(r"[ .,]\d")


@dataclass(frozen=True)
class Match:
    """An identifier that stands in a text, from ``start`` up to ``end``."""

    start: int
    end: int
    kind: Kind
    key: str
    owner: int
    exact: bool


class Matcher:
    """Identifiers, each with whom it belongs to."""

    def __init__(self) -> None:
        self._beginnings = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
        self._whole = _Hashes()
        self._longest = 0
        self._has_phones = False

    def add(self, kind: Kind, key: str, owner: int) -> None:
        """Look for this one too."""
        self.add_all([(kind, key)], owner)

    def add_all(self, identifiers: Collection[tuple[Kind, str]], owner: int) -> None:
        """Look for all of these, of one owner."""
        begin, keep = self._beginnings.add_word, self._whole.add
        for kind, key in identifiers:
            if kind is Kind.PHONE:
                self._has_phones = True
                keep(hash((True, key)), owner << KIND_BITS | kind)
            else:
                begin(key[:BEGINNING])
                keep(hash((False, key)), owner << KIND_BITS | kind)
                self._longest = max(self._longest, len(key))

    def freeze(self) -> Matcher:
        """Make it ready to search."""
        self._beginnings.make_automaton()
        self._whole.freeze()
        return self

    def find(self, folded: str) -> Iterator[Match]:
        """Every identifier that stands in a folded text as a whole token.

        Not what is part of a mark: somebody whose login is ``[removed]`` would be found for ever.
        """
        marks = [mark.span() for mark in MARKS.finditer(folded)]
        for match in self._find(folded):
            place = bisect_right(marks, (match.start, len(folded))) - 1
            if place < 0 or marks[place][1] < match.end:
                yield match

    def _find(self, folded: str) -> Iterator[Match]:
        if self._longest:
            yield from self._find_texts(folded)
        if self._has_phones:
            for start, end, digits in phones_in(folded):
                for owner, kind in self._owners(is_phone=True, key=digits):
                    yield Match(start, end, kind, digits, owner, is_exact(kind, digits))

    def find_in_all(self, texts: Iterable[str]) -> Iterator[tuple[int, Match]]:
        """The same in many texts at once, with the number of the text."""
        folded = [fold(text) for text in texts]
        ends = list(accumulate(len(text) + len(APART) for text in folded))
        for match in self.find(APART.join(folded)):
            yield bisect_right(ends, match.start), match

    def _find_texts(self, folded: str) -> Iterator[Match]:
        seen: set[int] = set()
        for last, length in self._beginnings.iter(folded):
            start = last - length + 1
            if start in seen or _is_of_a_word(Kind.EMAIL, folded[start - 1 : start]):
                continue
            seen.add(start)
            for end in MAY_END.finditer(folded, start + 1, start + self._longest + 1):
                yield from self._matches(folded, start, end.start())

    def _matches(self, folded: str, start: int, end: int) -> Iterator[Match]:
        key = folded[start:end]
        for owner, kind in self._owners(is_phone=False, key=key):
            if _stands_alone(kind, folded, start, end):
                may_be_part = key.isdecimal() and _is_among_figures(folded, start, end)
                exact = is_exact(kind, key) and not may_be_part
                yield Match(start, end, kind, key, owner, exact)

    def _owners(self, *, is_phone: bool, key: str) -> Iterator[tuple[int, Kind]]:
        for packed in self._whole.find(hash((is_phone, key))):
            yield packed >> KIND_BITS, Kind(packed & (1 << KIND_BITS) - 1)


class _Hashes:
    """Hash -> what was added under it, in sixteen bytes for each; Python's own dict takes ninety."""

    def __init__(self) -> None:
        self._hashes = [array("q") for _ in range(BUCKETS)]
        self._values = [array("q") for _ in range(BUCKETS)]

    def add(self, hashed: int, value: int) -> None:
        bucket = hashed % BUCKETS
        self._hashes[bucket].append(hashed)
        self._values[bucket].append(value)

    def freeze(self) -> None:
        for bucket, (hashes, values) in enumerate(zip(self._hashes, self._values, strict=True)):
            order = sorted(range(len(hashes)), key=hashes.__getitem__)
            self._hashes[bucket] = array("q", (hashes[place] for place in order))
            self._values[bucket] = array("q", (values[place] for place in order))

    def find(self, hashed: int) -> array[int]:
        hashes = self._hashes[hashed % BUCKETS]
        first = bisect_left(hashes, hashed)
        return self._values[hashed % BUCKETS][first : bisect_right(hashes, hashed, first)]


def phones_in(folded: str) -> Iterator[tuple[int, int, str]]:
    """Whatever may be a phone number: the whole of a row of digits, or a part of it that begins like one.

    Two numbers may stand beside one another; but a part that begins in the middle of a number is none.
    """
    for run in PHONE.finditer(folded):
        if is_of_a_word(folded[run.start() - 1 : run.start()] or " "):
            continue
        if folded[run.end() : run.end() + 1] == "@" or is_of_a_word(
            folded[run.end() : run.end() + 1]
        ):
            continue
        groups = list(DIGITS.finditer(folded, run.start(), run.end()))
        written = [group[0] for group in groups]
        for first, last in _parts(folded, groups):
            digits = digits_of(written[first : last + 1])
            if SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE:
                start, end = groups[first].start(), groups[last].end()
                yield _with_its_signs(folded, start, end), end, digits


def _parts(folded: str, groups: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Which groups of a row of digits may be a number together, from the first to the last of them.

    None is longer than a number can be: however long the row, each group begins a few parts at most.
    """
    for first, group in enumerate(groups):
        begins = group[0].startswith("0") or folded[group.start() - 1 : group.start()] == "+"
        if first and not begins:
            continue
        length = 0
        for last in range(first, len(groups)):
            length += len(groups[last][0].strip("()"))
            if length > LONGEST_WRITTEN:
                break
            is_end = last + 1 == len(groups)
            if is_end or (begins and _ends_between(folded, groups[last], groups[last + 1])):
                yield first, last


def _ends_between(folded: str, group: re.Match[str], following: re.Match[str]) -> bool:
    """Whether a number may end here: at a space, or at a slash before another that begins with 0."""
    between = folded[group.end() : following.start()]
    return " " in between or ("/" in between and following[0].startswith("0"))


def _with_its_signs(folded: str, start: int, end: int) -> int:
    """The place of the ``+`` before a number, and of a bracket that is closed within it."""
    signs = "+(" if ")" in folded[start:end] else "+"
    before = folded[max(0, start - 3) : start]
    return start - len(before) + len(before.rstrip(signs))


def _stands_alone(kind: Kind, folded: str, start: int, end: int) -> bool:
    before, after = folded[max(0, start - 8) : start], folded[end : end + 2]
    if _is_of_a_word(kind, before[-1:]) or _is_of_a_word(kind, after[:1]):
        return False
    stripped = before.rstrip(JOINTS_BEFORE[kind])
    if stripped != before and _is_of_a_word(kind, stripped[-1:]):
        return False
    return not (after[:1] in JOINTS_AFTER[kind] and _is_of_a_word(kind, after[1:]))


def _is_of_a_word(kind: Kind, character: str) -> bool:
    """The same as of any word; but people write ``_anna@example.org_`` to stress it."""
    return is_of_a_word(character) and not (character == "_" and kind is Kind.EMAIL)


def _is_among_figures(folded: str, start: int, end: int) -> bool:
    """Whether other digits stand beside a number: it may be part of an amount or of a phone number."""
    return bool(
        FIGURES_BEFORE.search(folded, max(0, start - 2), start)
        or FIGURES_AFTER.match(folded, end, end + 2)
    )
