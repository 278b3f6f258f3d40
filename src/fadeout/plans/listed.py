"""Plans of contacts that are named one by one: by hand, or by the tokens of what was erased.

What could go wrong: such a plan goes another way than a simulated one, and misses what protects it.
So it is stored, fingerprinted, approved and run like any other; only its kind says how its rows came
about, and how they are looked at again under the locks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from fadeout.core import sql
from fadeout.core.errors import DidNotHold
from fadeout.erasure import operations as erasure
from fadeout.plans import operations, outlook, under_way
from fadeout.plans.models import Plan
from fadeout.recency.queries import Question

if TYPE_CHECKING:
    from fadeout.institution.models import Operator, PolicyVersion
    from fadeout.policy.outcomes import PlanKind


@dataclass(frozen=True)
class ListedRow:
    """One contact and what becomes of it; ``reasons`` are those that forbid or warn."""

    contact_id: int
    outcome: str
    recency_on: date | None = None
    activity: str | None = None
    reasons: tuple[str, ...] = ()


class ListedPlan:
    """A plan to which rows are added; sealed when its block ends."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows = 0

    def add(self, rows: Iterable[ListedRow]) -> None:
        """Add rows to those there are."""
        listed = list(rows)
        self.rows += len(listed)
        sql.execute(
            sql.load("plans", "add_rows"),
            {
                "plan": self.plan.pk,
                "contacts": [row.contact_id for row in listed],
                "outcomes": [str(row.outcome) for row in listed],
                "recencies": [row.recency_on for row in listed],
                "activities": [row.activity for row in listed],
                "reasons": ["|".join(row.reasons) or None for row in listed],
            },
        )


@contextmanager
def new_plan(
    kind: PlanKind, question: Question, *, policy: PolicyVersion, by: Operator, now: datetime
) -> Iterator[ListedPlan]:
    """A plan of this kind; whoever opens it adds its rows. Without any row nothing is stored.

    Raises:
        DidNotHold: contacts were deleted meanwhile.
    """
    try:
        with transaction.atomic():
            under_way.begin()
            listed = ListedPlan(operations.begin(kind, question, policy=policy, by=by, now=now))
            yield listed
            if listed.rows:
                _seal(listed.plan)
            else:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise DidNotHold(
            "Contacts were deleted meanwhile, by a run that is under way maybe. No plan was stored.",
            way_out="Give the same command again once the run has ended (fadeout status).",
        ) from error


def _seal(plan: Plan) -> None:
    outlook.plan_large_queries()
    removals = erasure.count_removals(
        plan_rows=operations.STRUCK_ROWS, parameters={"plan": plan.pk}
    )
    totals = operations.count_outcomes(plan)
    operations.seal(plan, totals | {"removals": removals, "forecast": {}})
