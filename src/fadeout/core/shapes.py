"""Shows the shape of a value without the value: what a mistake is found by, and nobody is named by."""

from __future__ import annotations

LONGEST_VALUE = 30


def masked(value: str) -> str:
    """The shape of a value: letters as x, digits as 9, everything else as it is."""
    return cut("".join(map(_mask, value[: 2 * LONGEST_VALUE])))


def cut(value: str) -> str:
    """A value on one line, no longer than is useful, without control characters."""
    printable = "".join(c if c.isprintable() else "·" for c in value[: 2 * LONGEST_VALUE])
    return printable if len(value) <= LONGEST_VALUE else printable[:LONGEST_VALUE] + "…"


def _mask(character: str) -> str:
    if character.isnumeric():
        return "9"
    return "x" if character.isalpha() or not character.isascii() else character
