"""Months, cutoffs and due days: computed here, once, and passed to SQL.

Two ways of writing month arithmetic disagree about once in 13,000 days, so there is one.
"""

from __future__ import annotations

import calendar
from datetime import date

DEFAULT_MONTHS = 36


def months_before(day: date, months: int) -> date:
    """The day ``months`` earlier; 31 March less one month is the last day of February.

    Raises:
        ValueError: the result lies before the year 1.
    """
    return _shift(day, -months)


def months_after(day: date, months: int) -> date:
    """The day ``months`` later; 31 January and one month is the last day of February.

    Raises:
        ValueError: the result lies after the year 9999.
    """
    return _shift(day, months)


def cutoff(as_of: date, months: int) -> date:
    """Contacts whose recency lies strictly before this day are inactive (rule book, section 3)."""
    return months_before(as_of, months)


def due_on(recency: date, months: int) -> date:
    """The first "as of" day on which a contact with this recency is inactive.

    It is the first day whose cutoff lies after the recency.

    Raises:
        ValueError: the day lies after the year 9999.
    """
    after = date.fromordinal(recency.toordinal() + 1)
    year, month = _month_index(after, months)
    if after.day <= calendar.monthrange(year, month)[1]:
        return date(year, month, after.day)
    return _first_of_next(year, month)


def _shift(day: date, months: int) -> date:
    year, month = _month_index(day, months)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _month_index(day: date, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"{months} months from {day} lies outside the years 1 to 9999")
    return year, month + 1


def _first_of_next(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)
