"""The clock is read at the edge (commands, views) and passed in; domain code never reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def local_day(instant: datetime, time_zone: str) -> date:
    """The day that an instant falls on in the institution's time zone."""
    return instant.astimezone(ZoneInfo(time_zone)).date()
