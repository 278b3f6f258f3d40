"""A chart of columns: figures in a row, as SVG that the page's stylesheet colours. Its table is beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 1_000
HEIGHT = 160
WIDEST = 80


@dataclass(frozen=True)
class Column:
    """One figure, and where its column stands."""

    label: object
    value: float
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True)
class Chart:
    """Columns, and the highest of their figures."""

    columns: tuple[Column, ...]
    highest: float
    width: int = WIDTH
    height: int = HEIGHT


def chart(figures: Sequence[tuple[object, float]]) -> Chart:
    """Columns for these labels and figures, from left to right."""
    highest = max((value for _, value in figures), default=0) or 1
    room = min(WIDTH / max(len(figures), 1), WIDEST)
    columns = []
    for place, (label, value) in enumerate(figures):
        height = HEIGHT * value / highest
        columns.append(
            Column(
                label, value,
                x=f"{place * room:.2f}", width=f"{room * 0.8:.2f}",
                y=f"{HEIGHT - height:.2f}", height=f"{height:.2f}",
            )
        )  # fmt: skip
    return Chart(tuple(columns), highest)
