"""Colours that a house chooses, and whether people can read what is written with them (WCAG 2.2, AA)."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What text needs to what lies behind it.
READABLE = 4.5
WHITE, BLACK = "#ffffff", "#000000"
#: What public pages are made of, by day: sheets and what lies around them.
GROUNDS = (WHITE, "#eef2f4")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Contrast:
    """How well a colour can be read on the worst of the grounds."""

    ratio: float

    @property
    def is_enough(self) -> bool:
        return self.ratio >= READABLE


def is_colour(text: str) -> bool:
    """Whether it is a colour such as ``#0b4f75``."""
    return _COLOUR.fullmatch(text) is not None


def on_grounds(colour: str) -> Contrast:
    """How well text of this colour can be read on a public page."""
    return Contrast(min(contrast(colour, ground) for ground in GROUNDS))


def text_on(ground: str) -> str:
    """White or black, whichever can be read better on this ground: one of them always can."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, ground))


def contrast(one: str, other: str) -> float:
    """The ratio of two colours: 1 for the same, 21 for black on white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
