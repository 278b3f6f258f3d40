"""Tracked links in words and figures, for pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, pgettext

from fadeout.console.charts.bars import Chart, Column, Look, Series, bar_chart
from fadeout.links import addresses, qr, queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from fadeout.console.frame.desk import Request
    from fadeout.links.models import TrackedLink
    from fadeout.links.queries import CountedDay

DAYS_SHOWN = 30


def site(request: Request) -> str:
    """Where people reach this house: as it was set up, or as this page was reached."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def link(found: TrackedLink, request: Request) -> dict[str, Any]:
    """One link: its address, what was counted, day by day and in all."""
    today = request.desk.today
    since = today - timedelta(days=DAYS_SHOWN - 1)
    days = queries.days(found, since=since)
    address = addresses.address(found.code, site=site(request))
    drawn = qr.drawn(address, qr.Form.SVG).decode()
    return {
        "link": found,
        "address": address,
        "is_set_up": bool(settings.PUBLIC_URL),
        "count": queries.count(found),
        "drawn": mark_safe(drawn[drawn.index("<svg") :]),  # noqa: S308 - squares, made here
        "chart": _chart(days, since, today) if days else None,
        "days_shown": DAYS_SHOWN,
    }


def _chart(days: Sequence[CountedDay], since: date, today: date) -> Chart:
    counted = {day.day: day for day in days}
    return bar_chart(
        [_column(since + timedelta(days=n), counted) for n in range((today - since).days + 1)],
        [
            Series(pgettext("clicks", "people")),
            Series(pgettext("clicks", "programs"), Look.HATCHED),
        ],
        name="clicks",
        title=gettext("Clicks by day"),
        about=gettext("A bar for each of the last thirty days. The table holds every number."),
        head=pgettext("head of a table", "Day"),
        unit=pgettext("head of a table", "Clicks"),
        height=220,
    )


def _column(day: date, counted: dict[date, CountedDay]) -> Column:
    found = counted.get(day)
    is_marked = day.weekday() == 0
    return Column(
        date_format(day, "DATE_FORMAT"),
        (found.human, found.automated) if found else (0, 0),
        tick=date_format(day, "MONTH_DAY_FORMAT") if is_marked else "",
        narrow_tick=str(day.day) if is_marked else "",
    )
