"""Columns of charts whose axis is the months to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, date

from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _

from fadeout.console.charts.bars import Column

#: The rest of this month and so many more.
MONTHS_AHEAD = 24
QUARTERS = (1, 4, 7, 10)


def counts(by_month: Mapping[str, int], first: date) -> list[tuple[date, int]]:
    """The first days of the month of this day and of the 24 after it, and what "2027-03" or so counts."""
    months = (_month_after(first, n) for n in range(MONTHS_AHEAD + 1))
    return [(month, by_month.get(f"{month:%Y-%m}", 0)) for month in months if month]


def column(place: int, month: date, *values: int) -> Column:
    """The column of a month; quarters and new years are written below it."""
    named = date_format(month, "YEAR_MONTH_FORMAT")
    short, year = _short(month), str(month.year)
    is_first = place == 0 and (month.month + 1) % 12 not in QUARTERS
    with_year = month.month == 1 or is_first
    is_quarter = month.month in QUARTERS
    return Column(
        _("Rest of %(month)s") % {"month": named} if place == 0 else named,
        values,
        tick=f"{short} {year}" if with_year else short if is_quarter else "",
        narrow_tick=year if month.month == 1 else short if month.month == 7 else "",
    )


def _short(month: date) -> str:
    """As days are written in short, such as "Sep" or "sept."."""
    return date_format(month, "N" if "N" in get_format("SHORT_DATE_FORMAT") else "M")


def _month_after(day: date, months: int) -> date | None:
    """Nothing after the last month that a date can have."""
    index = day.year * 12 + day.month - 1 + months
    if index // 12 > MAXYEAR:
        return None
    return date(index // 12, index % 12 + 1, 1)
