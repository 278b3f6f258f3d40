"""Texts are compared folded: without case, without composition, with single spaces.

Each character is folded by itself, so that a place in the folded text leads back to one in the text
itself: ``ß`` becomes ``ss``, ``É`` becomes ``e`` and an accent, a full-width letter a plain one, and
what nobody sees (soft hyphens, joiners) goes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

#: Between texts that are gone through at once; no text of the database holds it.
APART = "\0"
#: The first character that changes the one before it comes after this one.
LAST_BEFORE_ACCENTS = "\u02ff"

#: Hyphen, the one that does not break, figure dash and en dash. A longer dash stands between sentences.
HYPHENS = "\u2010\u2011\u2012\u2013"


class _Folds(dict[int, str]):
    """Code point -> what it becomes; filled as characters come."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold_character(chr(code))
        return self[code]


def fold(text: str) -> str:
    """The form in which texts and identifiers are compared."""
    folded = text.lower() if text.isascii() else text.translate(_FOLDS)
    return " ".join(folded.split())


def fold_all(texts: Sequence[str]) -> list[str]:
    """The same of many at once, none of which holds a NUL."""
    joined = APART.join(texts)
    if not joined.isascii():
        return [fold(text) for text in texts]
    folded = joined.lower()
    parts = folded.split(APART) if texts else []
    has_spaces = folded.split(None, 1) != [folded]
    return [" ".join(part.split()) for part in parts] if has_spaces else parts


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in ``text`` that it came from."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in _FOLDS[ord(character)]:
            if not one.isspace():
                folded.append(one)
                places.append(place)
            elif folded and folded[-1] != " ":
                folded.append(" ")
                places.append(place)
    if folded and folded[-1] == " ":
        del folded[-1], places[-1]
    return "".join(folded), places


def is_of_a_word(character: str) -> bool:
    """Whether a character of a folded text belongs to the word that it stands at."""
    if character.isalnum() or character == "_":
        return True
    return character > LAST_BEFORE_ACCENTS and unicodedata.category(character)[0] == "M"


def _fold_character(character: str) -> str:
    if unicodedata.category(character) in ("Cf", "Cs"):
        return "" if unicodedata.category(character) == "Cf" else "\ufffd"
    if character in HYPHENS:
        return "-"
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    return unicodedata.normalize("NFKD", decomposed)


_FOLDS = _Folds()
