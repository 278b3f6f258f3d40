"""Pages of the ledger, the newest entry first, by the number that a page ends with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fadeout.ledger.models import Entry, Kind

AT_ONCE = 50


@dataclass(frozen=True)
class Wanted:
    """Which entries: of a kind, about a plan or a run, from an instant on and before another."""

    kind: Kind | None = None
    plan: int | None = None
    run: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def as_conditions(self) -> dict[str, object]:
        """For the entries of the table."""
        conditions = {
            "kind": self.kind, "facts__plan": self.plan, "facts__run": self.run,
            "at__gte": self.since, "at__lt": self.until,
        }  # fmt: skip
        return {name: value for name, value in conditions.items() if value is not None}


@dataclass(frozen=True)
class Page:
    """Entries with their texts; ``older``: before which number the next page begins, if there is one."""

    entries: list[Entry]
    older: int | None


def page(wanted: Wanted, *, before: int | None = None, size: int = AT_ONCE) -> Page:
    """The newest entries of those wanted, or the newest before one."""
    found = Entry.objects.filter(**wanted.as_conditions())
    if before is not None:
        found = found.filter(number__lt=before)
    entries = list(found.order_by("-number").prefetch_related("texts")[: size + 1])
    older = entries[size - 1].number if len(entries) > size else None
    return Page(entries[:size], older)
