"""The types of the exchange format: how each is written, staged and checked.

A check sees a whole column of text at once (Arrow, then RE2) and says which values fit. Only where
a whole column cannot be converted at one go is it looked at value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pycountry

Fits = Callable[[pa.Array], pa.Array]


@dataclass(frozen=True)
class Type:
    """One type: its name, its column in a staging table, and what makes a value fit."""

    name: str
    sql: str
    fits: Fits
    why_not: Callable[[str], str]
    has_few_values: bool = False

    def bad(self, values: pa.Array) -> pa.Array | None:
        """Which values do not fit (an empty one always does), or None when all do."""
        if self.has_few_values and _all(self.fits(pc.unique(values))):
            return None
        fits = self.fits(values)
        return None if _all(fits) else pc.fill_null(pc.invert(fits), fill_value=False)


def _all(fits: pa.Array) -> bool:
    return bool(pc.all(fits, min_count=0).as_py())


def _always(reason: str) -> Callable[[str], str]:
    return lambda _value: reason


def _anything(values: pa.Array) -> pa.Array:
    return pa.nulls(len(values), pa.bool_())


def _formed(form: str) -> Fits:
    return lambda values: pc.match_substring_regex(values, f"^(?:{form})$")


def _listed(choices: Callable[[], Iterable[str]]) -> Fits:
    return lambda values: _is_in(values, choices())


def _is_in(values: pa.Array, choices: Iterable[str]) -> pa.Array:
    known = pc.is_in(values, pa.array(list(choices), pa.string()))
    return pc.if_else(pc.is_valid(values), known, pa.scalar(None, pa.bool_()))


def _between(
    form: str, arrow: pa.DataType, parsed: Callable[[str], Any], first: Any, last: Any
) -> Fits:
    """Values of a form that also convert, and lie between two bounds."""

    def fits(values: pa.Array) -> pa.Array:
        formed = pc.match_substring_regex(values, f"^(?:{form})$")
        of_that_form = pc.if_else(formed, values, pa.scalar(None, values.type))
        converted = _converted(of_that_form, arrow, parsed)
        within = pc.and_(
            pc.greater_equal(converted, pa.scalar(first, arrow)),
            pc.less_equal(converted, pa.scalar(last, arrow)),
        )
        return pc.if_else(pc.is_valid(values), pc.fill_null(within, fill_value=False), formed)

    return fits


def _converted(values: pa.Array, arrow: pa.DataType, parsed: Callable[[str], Any]) -> pa.Array:
    try:
        return pc.cast(values, arrow)
    except pa.ArrowInvalid:
        one_by_one = [_parsed(value, parsed) for value in values.to_pylist()]
        return pa.array(one_by_one, arrow)


def _parsed(value: str | None, parsed: Callable[[str], Any]) -> Any:
    try:
        return None if value is None else parsed(value)
    except (ValueError, OverflowError):
        return None


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _why_not_a_time(value: str) -> str:
    if pc.match_substring_regex(pa.array([value]), r"\.\d{7,}").to_pylist()[0]:
        return "finer than a microsecond"
    if pc.match_substring_regex(pa.array([value]), r"^\d{4}-\d\d-\d\d[T ][\d:.]+$").to_pylist()[0]:
        return "a time without an offset or Z"
    return "not a time (ISO 8601 with offset or Z)"


@cache
def _countries() -> tuple[str, ...]:
    """The assigned codes, and XK for Kosovo: user-assigned, and in use everywhere."""
    return (*(country.alpha_2 for country in pycountry.countries), "XK")


_OFFSET = r"Z|[+-](?:0\d|1[0-5])(?::[0-5]\d)?"
_TIME = rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?(?:{_OFFSET})"
_LANGUAGE = (
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*(?:-[A-WY-Za-wy-z0-9](?:-[A-Za-z0-9]{2,8})+)*"
    r"(?:-[xX](?:-[A-Za-z0-9]{1,8})+)?|[A-Za-z]{4,8}|[xX](?:-[A-Za-z0-9]{1,8})+"
)
# Instants stay a day inside the years 1 to 9999, so that their local day is one too.
_FIRST_INSTANT = datetime(1, 1, 2, tzinfo=UTC)
_LAST_INSTANT = datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC)

TEXT = Type("text", "text", _anything, _always("not text"))
DATE = Type(
    "date",
    "date",
    _between(r"\d{4}-\d\d-\d\d", pa.date32(), date.fromisoformat, date.min, date.max),
    _always("not a date (YYYY-MM-DD)"),
)
TIME = Type(
    "time",
    "timestamptz",
    _between(_TIME, pa.timestamp("us", "UTC"), _instant, _FIRST_INSTANT, _LAST_INSTANT),
    _why_not_a_time,
)
BOOL = Type(
    "bool",
    "boolean",
    _formed("true|false"),
    _always("neither true nor false"),
    has_few_values=True,
)
AMOUNT = Type(
    "amount",
    "numeric(14,2)",
    _formed(r"-?\d{1,12}(?:\.\d{1,2})?"),
    _always("not an amount (a decimal with a point, at most 12 digits before and 2 after)"),
)
INTEGER = Type(
    "integer",
    "integer",
    _between(r"-?0{0,20}\d{1,10}", pa.int64(), int, -(2**31), 2**31 - 1),
    _always("not an integer from -2147483648 to 2147483647"),
)
LIST = Type(
    "list",
    "text",
    _formed(r"[^|]+(?:\|[^|]+)*"),
    _always("a list with an empty item (items are separated by |)"),
)
LANGUAGE = Type(
    "text (BCP 47)",
    "text",
    _formed(_LANGUAGE),
    _always("not a language tag (BCP 47, such as fr or de-CH)"),
    has_few_values=True,
)
COUNTRY = Type(
    "ISO 3166-1 alpha-2",
    "text",
    _listed(_countries),
    _always("not a country code (ISO 3166-1 alpha-2, such as CH)"),
    has_few_values=True,
)
CURRENCY = Type(
    "text (ISO 4217)",
    "text",
    _formed("[A-Z]{3}"),
    _always("not a currency code (ISO 4217, such as CHF)"),
    has_few_values=True,
)


def one_of(*choices: str) -> Type:
    """A type of a few codes, compared as they are written."""
    return Type(
        "/".join(choices),
        "text",
        _listed(lambda: choices),
        _always(f"none of {', '.join(choices)}"),
        has_few_values=True,
    )
