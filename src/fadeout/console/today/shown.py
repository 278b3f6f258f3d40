"""The figures of the house as drawings: what falls due when, and how long contacts have been silent."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from fadeout.console.charts import months
from fadeout.console.charts.bars import GAP, Chart, Column, Look, Mark, Series, bar_chart
from fadeout.core import dates
from fadeout.plans.outlook import Seen, Silence

#: Calendar years of their own before this one; those before them are one column.
YEARS_BACK, FEWEST_YEARS_BACK = 9, 4
#: What is due now is cut off where it would make everything beside it a line: at so much of the rest.
LARGEST_OF_THE_REST = 1.6


@dataclass(frozen=True)
class Drawn:
    """A chart, and what to say under it."""

    chart: Chart
    caption: str


def forecast(seen: Seen) -> Drawn:
    """What is due now, and what falls due in each of the next 24 months if nobody comes back."""
    due = seen.figures.due
    falling = months.counts(seen.figures.forecast, seen.as_of)
    highest = max(count for _month, count in falling)
    total = sum(count for _month, count in falling)
    is_cut = 0 < highest * LARGEST_OF_THE_REST < due
    caption = _("Nobody falls due in the next 24 months.")
    if total:
        caption = ngettext(
            "If nobody comes back, %(total)s more contact falls due in the next 24 months.",
            "If nobody comes back, %(total)s more contacts fall due in the next 24 months.",
            total,
        ) % {"total": number_format(total)}
    about = ngettext(
        "%(due)s contact is due now.", "%(due)s contacts are due now.", due
    ) % {"due": number_format(due)}  # fmt: skip
    cut_off = _("The bar of what is due now is cut off; it stands for the number above it.")
    columns = [
        Column(
            _("Due now"), (due, 0), tick=pgettext("axis", "Now"), narrow_tick=pgettext("axis", "Now")
        ),
        GAP,
        *(months.column(n, month, 0, count) for n, (month, count) in enumerate(falling)),
    ]  # fmt: skip
    chart = bar_chart(
        columns,
        [
            Series(pgettext("contacts", "due now"), Look.HATCHED),
            Series(pgettext("contacts", "falls due"), Look.LIT),
        ],
        name="forecast",
        title=_("Contacts falling due month by month"),
        about=f"{about} {caption}",
        head=pgettext("head of a table", "Month"),
        unit=pgettext("head of a table", "Contacts"),
        ceiling=int(highest * LARGEST_OF_THE_REST) if is_cut else None,
        mark=Mark(
            before=ngettext("%(due)s due", "%(due)s due", due) % {"due": number_format(due)},
            after=_("Today, cutoff %(day)s") % {"day": dates.written(seen.cutoff)},
            narrow_before=number_format(due),
            narrow_after=_("Cutoff %(day)s")
            % {"day": dates.written(seen.cutoff, "SHORT_DATE_FORMAT")},
        ),
    )
    return Drawn(chart, f"{caption} {cut_off}" if is_cut else caption)


def recency(seen: Seen) -> Drawn:
    """All contacts by the calendar year of their last activity, and which of them are due."""
    this = seen.as_of.year
    years = {int(month[:4]) for month in seen.figures.recency} or {this}
    first = min(this - FEWEST_YEARS_BACK, max(min(years), this - YEARS_BACK))
    last = this + (max(years) > this)
    by_year = dict.fromkeys(range(first, last + 1), Silence())
    is_more = min(years) < first
    if is_more:
        by_year = {first - 1: Silence(), **by_year}
    for month, found in seen.figures.recency.items():
        year = min(max(int(month[:4]), first - is_more), last)
        by_year[year] = _both(by_year[year], found)

    def label(year: int) -> str:
        if year < first:
            return _("%(year)s and before") % {"year": year}
        if year > this:
            return _("%(year)s and later") % {"year": year}
        return str(year)

    columns = [
        Column(
            label(year),
            (found.kept, found.due, found.active),
            tick=_("≤ %(year)s") % {"year": year} if year < first else str(year),
            narrow_tick="" if year < first else f"’{year % 100:02}",
        )
        for year, found in by_year.items()
    ]
    chart = bar_chart(
        columns,
        [
            Series(pgettext("contacts", "silent, stays for a reason"), Look.HOLLOW),
            Series(pgettext("contacts", "due"), Look.HATCHED),
            Series(pgettext("contacts", "active"), Look.LIT),
        ],
        name="recency",
        title=_("Contacts by the year of their last activity"),
        about=_(
            "A bar for each year, up to now and what is still to come. The table holds every number."
        ),
        head=pgettext("head of a table", "Year"),
        unit=pgettext("head of a table", "All contacts"),
        width=620,
    )
    caption = _("Nobody who has been silent for too long stays for a reason.")
    if kept := seen.figures.kept:
        caption = ngettext(
            "%(kept)s contact has been silent for too long and stays for a named reason.",
            "%(kept)s contacts have been silent for too long and stay for a named reason.",
            kept,
        ) % {"kept": number_format(kept)}
    return Drawn(chart, caption)


def _both(one: Silence, other: Silence) -> Silence:
    return Silence(one.active + other.active, one.due + other.due, one.kept + other.kept)
