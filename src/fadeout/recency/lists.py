"""What a list of contacts tells of each: last active when, until when it stays, what keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fadeout.policy import periods
from fadeout.policy.outcomes import Outcome, Reason
from fadeout.recency.queries import decide


@dataclass(frozen=True)
class Standing:
    """Where a contact stands today; ``stays_until`` is None where that lies beyond the calendar.

    ``reasons`` are all that keep it, in the order of the rule book; ``outcome`` is what a run would do.
    """

    recency_on: date
    stays_until: date | None
    outcome: Outcome
    reasons: tuple[Reason, ...]
    is_prospect: bool

    @property
    def is_kept_by_recency(self) -> bool:
        return Reason.ACTIVE in self.reasons


def standings(
    contact_ids: Sequence[int], *, today: date, months: int, time_zone: str
) -> dict[int, Standing]:
    """By contact; whoever is not on file any more is not there."""
    if not contact_ids:
        return {}
    decided = decide(as_of=today, months=months, time_zone=time_zone, contact_ids=contact_ids)
    return {
        one.contact_id: Standing(
            recency_on=one.recency_on,
            stays_until=stays_until(one.recency_on, months),
            outcome=Outcome(one.outcome),
            reasons=tuple(map(Reason, one.reasons)),
            is_prospect=not one.bought_or_benefited,
        )
        for one in decided
    }


def stays_until(recency_on: date, months: int) -> date | None:
    """The last day on which this recency alone keeps a contact; None beyond the calendar."""
    try:
        return periods.due_on(recency_on, months) - timedelta(days=1)
    except ValueError:
        return None
