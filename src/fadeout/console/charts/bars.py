"""Bar charts for every page: SVG from the server, and the table of the same numbers.

What could go wrong, and what prevents it:

- The library brings a stylesheet, scripts and colours of its own, which the pages' policy forbids: the
  drawing goes through :mod:`fadeout.console.charts.drawing`, which keeps shapes and classes alone.
- Whoever sees no colour sees nothing: looks differ by pattern, numbers stand above bars, and a table holds
  every one of them.
- Letters shrink with the drawing on a phone: there is a second, narrow drawing; the stylesheet shows one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.safestring import SafeString

from fadeout.console.charts import drawing, scale

if TYPE_CHECKING:
    from django.utils.functional import Promise

NARROW = 344


class Look(StrEnum):
    """How the bars of a series look; they differ by pattern first, by colour second."""

    LIT = "lit"
    HATCHED = "hatched"
    HOLLOW = "hollow"


@dataclass(frozen=True)
class Series:
    """What one look stands for; the name heads a column of the table and stands in the legend."""

    name: str | Promise
    look: Look = Look.LIT


@dataclass(frozen=True)
class Column:
    """One place on the axis, and one row of the table.

    Args:
        label: heads the row of the table; empty for a gap, which is no row.
        values: one for each series, piled up.
        tick: stands below the bar; ``narrow_tick`` does so where there is little room.
    """

    label: str
    values: Sequence[int] = ()
    tick: str = ""
    narrow_tick: str = ""

    @property
    def total(self) -> int:
        """All its values together."""
        return sum(self.values)


#: Between two groups of columns.
GAP = Column("")


@dataclass(frozen=True)
class Mark:
    """A line from top to bottom in the middle of the gap, with what it says on either side.

    There may be too little room for what lies before it: then ``narrow_before`` stands there.
    """

    before: str
    after: str
    narrow_before: str
    narrow_after: str


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    label: str
    values: Sequence[int]
    total: int


@dataclass(frozen=True)
class Chart:
    """What ``charts/chart.html`` shows."""

    name: str
    title: str
    head: str
    wide: SafeString
    narrow: SafeString
    series: Sequence[Series]
    unit: str
    rows: Sequence[Row]
    sums: Sequence[int]
    total: int

    @property
    def is_piled(self) -> bool:
        """Whether rows have a sum of their own."""
        return len(self.series) > 1 and any(sum(map(bool, row.values)) > 1 for row in self.rows)


def bar_chart(  # noqa: PLR0913 - what there is to say of a chart
    columns: Sequence[Column],
    series: Sequence[Series],
    *,
    name: str,
    title: str,
    about: str,
    head: str,
    unit: str,
    width: int = 900,
    height: int = 280,
    ceiling: int | None = None,
    mark: Mark | None = None,
) -> Chart:
    """A bar chart with its table, for ``{% include "charts/chart.html" with chart=… %}``.

    Args:
        columns: from left to right; ``GAP`` leaves a place empty.
        series: what the values of each column are, from the bottom up.
        name: tells this chart from others on the page (letters and hyphens).
        title: says what is shown: the caption of the table too.
        about: says in a sentence or two what the drawing shows, for those who do not see it.
        head: heads the first column of the table.
        unit: what is counted: heads the last column of the table.
        width: of the wide drawing, in the size of letters of 12; narrow ones fit a phone.
        height: of both drawings.
        ceiling: bars higher than this are cut off, visibly; say elsewhere what they stand for.
        mark: a line in the first gap.
    """
    cells = [column for column in columns if column is not GAP]
    highest = max((_seen(cell, ceiling) for cell in cells), default=0)
    text = drawing.Text(name=name, title=title, about=about)

    def drawn(size: drawing.Size) -> SafeString:
        is_narrow = size.width == NARROW
        has_room = scale.fits(number_format(highest), size.width // len(columns))
        bars = (_bar(c, ceiling, is_narrow=is_narrow, has_room=has_room) for c in columns)
        return drawing.draw(
            drawing.Drawing(
                bars=tuple(bars),
                looks=tuple(entry.look for entry in series),
                ticks=tuple((tick, number_format(tick)) for tick in scale.ticks(highest)),
                text=text,
                size=size,
                mark=_mark(mark, is_narrow=is_narrow),
            )
        )

    return Chart(
        name=name,
        title=title,
        head=head,
        unit=unit,
        wide=drawn(drawing.Size(width, height, "wide")),
        narrow=drawn(drawing.Size(NARROW, height, "narrow")),
        series=series,
        rows=[Row(cell.label, cell.values, cell.total) for cell in cells],
        sums=[sum(cell.values[n] for cell in cells) for n in range(len(series))],
        total=sum(cell.total for cell in cells),
    )


def _seen(column: Column, ceiling: int | None) -> int:
    return column.total if ceiling is None else min(column.total, ceiling)


def _bar(column: Column, ceiling: int | None, *, is_narrow: bool, has_room: bool) -> drawing.Bar:
    is_cut = _seen(column, ceiling) < column.total
    return drawing.Bar(
        values=tuple(_seen(Column("", (value,)), ceiling) for value in column.values),
        tick=column.narrow_tick if is_narrow else column.tick,
        number=number_format(column.total) if has_room and column.total and not is_cut else "",
        is_cut=is_cut,
    )


def _mark(mark: Mark | None, *, is_narrow: bool) -> tuple[str, str] | None:
    if mark is None:
        return None
    return (mark.narrow_before, mark.narrow_after) if is_narrow else (mark.before, mark.after)
