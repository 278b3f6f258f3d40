"""Month arithmetic, held against the plainest definition there is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fadeout.policy import periods

days = st.dates(date(1980, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 36, date(2023, 1, 15)),
        (date(2026, 12, 31), 6, date(2026, 6, 30)),
    ],
)
def test_months_before_keeps_the_day_or_takes_the_last_of_the_month(
    day: date, months: int, expected: date
) -> None:
    assert periods.months_before(day, months) == expected


@given(days, st.integers(1, 120))
def test_due_on_is_the_first_day_whose_cutoff_lies_after_the_recency(
    recency: date, months: int
) -> None:
    due = periods.due_on(recency, months)
    assert periods.cutoff(due, months) > recency
    assert periods.cutoff(due - timedelta(days=1), months) <= recency


def test_a_cutoff_before_the_first_year_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        periods.cutoff(date(2, 1, 1), 36)
