"""Houses that are looked at on the very day of the test, as pages are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from fadeout.core import clock
from fadeout.institution import queries as institution
from fadeout.plans import outlook
from tests import support
from tests.model.house import House
from tests.plans.house import contact, house, sale


def today() -> date:
    return clock.local_day(clock.now(), support.TIME_ZONE)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def months_ago(months: int, days: int = 0) -> datetime:
    """Noon of the first of a month so many months ago, and some days."""
    index = today().year * 12 + today().month - 1 - months
    return noon(date(index // 12, index % 12 + 1, 1) + timedelta(days=days))


def varied() -> House:
    """Three due, one kept for a reason, five who fall due in different months, one who never does."""
    return house(
        contact("prospect"),
        contact("other prospect", created_at=months_ago(50)),
        contact("buyer"),
        *sale("O1", "buyer"),
        contact("structure", kind="structure", last_name="School"),
        *(contact(f"in {n}", created_at=months_ago(36 - n, days=9)) for n in (1, 2, 12, 23, 24)),
        contact("supplier", kind="structure", last_name="Wood", created_at=months_ago(1)),
    )


def imported(folder: Path) -> None:
    support.imported(varied(), folder / "in")


def counted() -> None:
    outlook.count_if_due(
        house=institution.current(), policy=institution.policy_in_force(), now=clock.now()
    )
