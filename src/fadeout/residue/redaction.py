"""Takes identifiers out of a text, or out of the strings of a JSON value, and leaves the rest as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from fadeout.residue.folding import APART, fold_with_places
from fadeout.residue.matching import Match, Matcher

STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
NAMES_A_VALUE = re.compile(r"\s*:")

IsTakenOut = Callable[[Match], bool]


def redacted(text: str, matcher: Matcher, is_taken_out: IsTakenOut, mark: str) -> str:
    """The text with a mark for each match that is to be taken out.

    What was joined to one of them may stand alone now, so it is gone over until nothing is found.
    """
    while (other := _gone_over(text, matcher, is_taken_out, mark)) != text:
        text = other
    return text


def redacted_json(document: str, matcher: Matcher, is_taken_out: IsTakenOut, mark: str) -> str:
    """The same in every string of a JSON value, names of values included; all else stays as written."""
    names = {json.loads(m[0]) for m in STRING.finditer(document) if _names_a_value(document, m)}

    def replaced(found: re.Match[str]) -> str:
        string = json.loads(found[0])
        other = redacted(string, matcher, is_taken_out, mark)
        if other == string:
            return found[0]
        if _names_a_value(document, found):
            other = _not_yet_among(names, other)
        return json.dumps(other)

    return STRING.sub(replaced, document)


def strings_of_json(document: str) -> str:
    """All strings of a JSON value, decoded, apart from one another."""
    return APART.join(json.loads(found[0]) for found in STRING.finditer(document))


def _gone_over(text: str, matcher: Matcher, is_taken_out: IsTakenOut, mark: str) -> str:
    folded, places = fold_with_places(text)
    parts: list[str] = []
    done = 0
    for start, end in _spans(matcher.find(folded), is_taken_out):
        parts += [text[done : places[start]], mark]
        done = places[end - 1] + 1
    return "".join([*parts, text[done:]])


def _spans(matches: Iterator[Match], is_taken_out: IsTakenOut) -> list[tuple[int, int]]:
    """Places that are taken out, from left to right, each once."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((m.start, m.end) for m in matches if is_taken_out(m)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _names_a_value(document: str, string: re.Match[str]) -> bool:
    return NAMES_A_VALUE.match(document, string.end()) is not None


def _not_yet_among(names: set[str], name: str) -> str:
    """Two names that lost what they differed in would be one, and one value would be lost."""
    free, number = name, 2
    while free in names:
        free, number = f"{name} {number}", number + 1
    names.add(free)
    return free
