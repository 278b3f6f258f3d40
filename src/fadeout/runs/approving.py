"""Why somebody cannot approve a plan at this moment: asked by pages before they show the form.

What could go wrong: somebody types a number for nothing, since the plan could not run with their approval.
So what holds is told beforehand; what cannot be approved at all is refused by
:func:`fadeout.plans.operations.approve` in any case.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime
from enum import StrEnum

from fadeout.institution import queries as institution
from fadeout.institution.models import Operator, PolicyVersion
from fadeout.plans import queries as plans
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import PlanKind
from fadeout.runs import brakes, queries
from fadeout.runs.brakes import Brake


class NotNow(StrEnum):
    """What stands against an approval."""

    HAS_RUN = "has_run"
    LOOKS_AHEAD = "looks_ahead"
    TOO_OLD = "too_old"
    POLICY_CHANGED = "policy_changed"
    APPROVED_BY_YOU = "approved_by_you"
    MADE_BY_YOU = "made_by_you"


def why_not(plan: Plan, *, by: Operator, today: date, now: datetime) -> NotNow | None:
    """The first thing that stands against an approval of this plan by somebody; None if nothing does."""
    policy = institution.policy_in_force()
    if queries.of_plan(plan) is not None:
        return NotNow.HAS_RUN
    if plan.as_of > today:
        return NotNow.LOOKS_AHEAD
    for held in brakes.of_age(plan, policy, now):
        return NotNow.TOO_OLD if held.brake is Brake.TOO_OLD else NotNow.POLICY_CHANGED
    return why_not_you(plan, by=by, approvers=plans.approvers(plan), policy=policy)


def why_not_you(
    plan: Plan, *, by: Operator, approvers: Container[int], policy: PolicyVersion
) -> NotNow | None:
    """What stands against the approval of this very person: that it is there, or who made the plan."""
    if by.pk in approvers:
        return NotNow.APPROVED_BY_YOU
    is_own = plan.created_by_id == by.pk and plan.kind != PlanKind.REPLAY
    return NotNow.MADE_BY_YOU if policy.two_people and is_own else None
