"""Plans of contacts that are named one by one: by hand, or by the tokens of what was erased.

What could go wrong: such a plan goes another way than a simulated one, and misses what protects it.
So it is stored, fingerprinted, approved and run like any other; only its kind says how its rows came
about, and how they are looked at again under the locks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fadeout.core import sql
from fadeout.core.errors import DidNotHold
from fadeout.erasure import operations as erasure
from fadeout.plans import operations, queries, under_way
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


class Preview(NamedTuple):
    """A plan that was not kept, and its rows in the columns of the list."""

    plan: Plan
    rows: list[tuple[Any, ...]]


@contextmanager
def new_plan(
    kind: PlanKind, question: Question, *, policy: PolicyVersion, by: Operator, now: datetime
) -> Iterator[ListedPlan]:
    """A plan of this kind; whoever opens it adds its rows. Without any row nothing is stored.

    Raises:
        DidNotHold: contacts were deleted meanwhile.
    """
    with _begun(kind, question, policy=policy, by=by, now=now) as listed:
        yield listed
        if listed.rows:
            operations.seal(listed.plan, _totals(listed.plan))
        else:
            transaction.set_rollback(True)


def preview(  # noqa: PLR0913 - what a plan is made of
    kind: PlanKind,
    question: Question,
    rows: Sequence[ListedRow],
    *,
    policy: PolicyVersion,
    by: Operator,
    now: datetime,
) -> Preview:
    """What a plan of these rows would be. Nothing of it stays, nor does the ledger hear of it.

    Raises:
        DidNotHold: contacts were deleted meanwhile.
    """
    with _begun(kind, question, policy=policy, by=by, now=now) as listed:
        listed.add(rows)
        listed.plan.totals = _totals(listed.plan)
        seen = Preview(listed.plan, list(queries.rows(listed.plan)))
        transaction.set_rollback(True)
    return seen


@contextmanager
def _begun(
    kind: PlanKind, question: Question, *, policy: PolicyVersion, by: Operator, now: datetime
) -> Iterator[ListedPlan]:
    try:
        with transaction.atomic():
            under_way.begin()
            yield ListedPlan(operations.begin(kind, question, policy=policy, by=by, now=now))
    except IntegrityError as error:
        raise DidNotHold(
            _(
                "Contacts were deleted meanwhile, by a run that is under way maybe. No plan was stored."
            ),
            way_out=_("Do the same once more when the run has ended."),
        ) from error


def _totals(plan: Plan) -> dict[str, Any]:
    sql.plan_large_queries()
    removals = erasure.count_removals(
        plan_rows=operations.STRUCK_ROWS, parameters={"plan": plan.pk}
    )
    return operations.count_outcomes(plan) | {"removals": removals, "forecast": {}}
