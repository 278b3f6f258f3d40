"""For whom a plan waits is what an approval of theirs would be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from fadeout.institution import operations as institution
from fadeout.institution.models import Operator
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import PlanKind
from fadeout.runs import approving
from fadeout.runs.approving import NotNow
from fadeout.runs.open_plans import Open, Step
from tests import support
from tests.plans.house import contact, house


def against(plan: Plan, by: Operator) -> NotNow | None:
    return approving.why_not(plan, by=by, today=support.AS_OF, now=support.NOW)


@pytest.mark.parametrize(
    ("kind", "of_author"),
    [
        (PlanKind.INACTIVITY, NotNow.MADE_BY_YOU),
        (PlanKind.FORGET, NotNow.MADE_BY_YOU),
        (PlanKind.REPLAY, None),  # approved when it was erased first
    ],
)
def test_where_two_people_are_asked_for(
    kind: PlanKind, of_author: NotNow | None, database: str, tmp_path: Path
) -> None:
    support.imported(house(contact("due")), tmp_path)
    author, other = support.operator("Ada"), support.operator("Eve")
    institution.change_policy(changes={"two_people": True}, by=other, now=support.NOW)
    plan = support.simulated()
    plan.kind = kind
    waiting = Open(plan, Step.APPROVAL, approved_by=frozenset())
    assert (against(plan, author), against(plan, other)) == (of_author, None)
    assert waiting.waits_for(author) is (of_author is None)
    assert waiting.waits_for(other)
    assert not Open(plan, Step.APPROVAL, approved_by=frozenset({other.pk})).waits_for(other)
