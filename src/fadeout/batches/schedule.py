"""When something is due: cron expressions of five fields, in the house's time zone.

What could go wrong, and what prevents it: the clock is put forward over an occurrence, or back over it.
As in Debian's cron, an occurrence that the clock jumps over comes right after the jump, one that comes
twice counts once.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, FormatError, Options
from cronsim import CronSim, CronSimError
from django.utils import dates, translation

FIELDS = 5
LOCALES = {"en": "en_US", "fr": "fr_FR", "de": "de_DE"}
#: How people there write days of the month, where the library leaves a bare number.
DAYS_OF_THE_MONTH = {
    "fr": (r"\b(le|du) 1 (du|et|au)\b", r"\1 1er \2"),
    "de": (r"\b(\d+)(?=(?:, \d+)*(?: und \d+)? Tag\b)", r"\1."),
}


class Fault(StrEnum):
    """What is wrong with an expression: not five fields, one of them, never, or more than once an hour."""

    FIELDS = "fields"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    WEEKDAY = "weekday"
    NEVER = "never"
    TOO_OFTEN = "too often"


class NotAScheduleError(ValueError):
    """Not a cron expression that a batch can go by; ``fault`` tells why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def check(cron: str, now: datetime) -> str:
    """The expression, with single blanks.

    Raises:
        NotAScheduleError: it is none, never comes, or comes more than once an hour: each time decides
            all contacts, and keeps what it decided.
    """
    fields = cron.split()
    if len(fields) != FIELDS:
        raise NotAScheduleError(Fault.FIELDS)
    tidy = " ".join(fields)
    if not _ever_comes(tidy, now):
        raise NotAScheduleError(_first_fault(fields, now))
    if len(CronSim(tidy, now.astimezone(UTC)).minutes) > 1:
        raise NotAScheduleError(Fault.TOO_OFTEN)
    return tidy


def next_times(cron: str, time_zone: str, *, after: datetime, n: int = 5) -> list[datetime]:
    """The next occurrences after an instant, as instants in the house's time zone."""
    return list(islice(_times(cron, time_zone, after), n))


def count_between(cron: str, time_zone: str, *, since: datetime, until: datetime, most: int) -> int:
    """How many occurrences lie between two instants, counted up to ``most``."""
    times = takewhile(lambda at: at < until, _times(cron, time_zone, since))
    return sum(1 for _ in islice(times, most))


def latest_due(cron: str, time_zone: str, *, since: datetime, now: datetime) -> datetime | None:
    """The last occurrence after ``since`` up to now: those missed before it are not made up for."""
    # Going back, the clock's changes are not minded the same way: so we go forward, from a day on which
    # something came for sure, or from ``since``.
    for days in (1, 2, 8, 35, 370, 1_470):
        begin = max(since, now - timedelta(days=days))
        latest = None
        for at in _times(cron, time_zone, begin):
            if at > now:
                break
            latest = at
        if latest is not None or begin == since:
            return latest
    return None


def in_words(cron: str, language: str) -> str:
    """The expression in words: "at 03:00, only on Monday"; itself where words fail."""
    options = Options()
    options.locale_code = LOCALES.get(language, "en_US")
    options.use_24hour_time_format = True
    options.casing_type = CasingTypeEnum.Sentence
    try:
        words = str(ExpressionDescriptor(cron, options).get_description())
    except (FormatError, ValueError, IndexError, KeyError):
        return cron
    return _with_own_names(words, language)


def _with_own_names(words: str, language: str) -> str:
    """The library takes days and months from the locale of the process, which is nobody's language."""
    with translation.override(language):
        own = {
            **{calendar.day_name[n]: str(name) for n, name in dates.WEEKDAYS.items()},
            **{calendar.month_name[n]: str(name) for n, name in dates.MONTHS.items()},
        }
    named = re.sub(r"\b(?:" + "|".join(own) + r")\b", lambda found: own[found[0]], words)
    return re.sub(*DAYS_OF_THE_MONTH[language], named) if language in DAYS_OF_THE_MONTH else named


def _ever_comes(cron: str, now: datetime) -> bool:
    try:
        next(CronSim(cron, now.astimezone(UTC)))
    except (CronSimError, StopIteration):
        return False
    return True


def _first_fault(fields: list[str], now: datetime) -> Fault:
    """The first field that is none by itself; with all of them good, the day never comes."""
    faults = (Fault.MINUTE, Fault.HOUR, Fault.DAY, Fault.MONTH, Fault.WEEKDAY)
    for place, fault in enumerate(faults):
        alone = ["*"] * FIELDS
        alone[place] = fields[place]
        if not _ever_comes(" ".join(alone), now):
            return fault
    return Fault.NEVER


def _times(cron: str, time_zone: str, after: datetime) -> Iterator[datetime]:
    for at in CronSim(cron, after.astimezone(ZoneInfo(time_zone))):
        if at > after:
            yield at
