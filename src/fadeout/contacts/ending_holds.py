"""Holds that end soon: whoever put them up may want to prolong them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min

from fadeout.contacts.models import Hold


@dataclass(frozen=True)
class Ending:
    """How many holds end, and the last day of the first of them."""

    holds: int
    first: date


def between(first: date, last: date) -> Ending | None:
    """Holds whose last day lies between these two, both included; None if there are none."""
    found = Hold.objects.filter(until__range=(first, last))
    counted = found.aggregate(holds=Count("pk"), first=Min("until"))
    return Ending(**counted) if counted["holds"] else None
