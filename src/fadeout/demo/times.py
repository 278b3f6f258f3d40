"""Time as whole minutes since an epoch before everything: cheap to add, cheap to print."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fadeout.policy.periods import months_before

TIME_ZONE = "Europe/Berlin"
DAY = 1440
YEARS_BACK = 8
"""Years of sales before today. Year 0 is the last twelve months."""

YEARS_ON_FILE = 13
YEARS_TO_COME = 3
FIVE_IN_THE_MORNING = 5 * 60


class Times:
    """The calendar of the house, seen from one day."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._epoch = date(today.year - YEARS_ON_FILE, 1, 1)
        length = (date(today.year + YEARS_TO_COME, 12, 31) - self._epoch).days
        self._days = [(self._epoch + timedelta(days)).isoformat() for days in range(length)]
        # Seconds that are not all zero, without a draw for each time.
        self._clock = [f"T{m // 60:02}:{m % 60:02}:{m * 37 % 60:02}Z" for m in range(DAY)]
        self.now = self.midnight(today) + FIVE_IN_THE_MORNING
        """The last minute that has happened: the export was made early this morning."""
        self.years_ago = [self.midnight(months_before(today, 12 * n)) for n in range(13)]

    def midnight(self, day: date) -> int:
        """The minute at which a day begins in UTC."""
        return (day - self._epoch).days * DAY

    def local(self, day: date, clock: str) -> int:
        """The minute of a local time, such as 19:30, whatever the season's offset."""
        wall = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(TIME_ZONE))
        start = datetime.combine(self._epoch, time(), UTC)
        return (wall - start) // timedelta(minutes=1)

    def stamp(self, minute: int) -> str:
        """A moment as a field: seconds and all."""
        return self._days[minute // DAY] + self._clock[minute % DAY]

    def sharp(self, minute: int) -> str:
        """A moment as a field, to the minute: when a performance begins."""
        hour, rest = divmod(minute % DAY, 60)
        return f"{self._days[minute // DAY]}T{hour:02}:{rest:02}:00Z"

    def day(self, minute: int) -> str:
        """The day of a moment as a field."""
        return self._days[minute // DAY]

    def year_back(self, minute: int) -> int:
        """In which year back from today a moment lies; negative for what is still to come."""
        if minute >= self.now:
            return -1
        return sum(minute < start for start in self.years_ago[1:])
