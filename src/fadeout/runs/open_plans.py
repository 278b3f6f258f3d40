"""Plans that wait for somebody: to be approved, or to be run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from fadeout.institution import queries as institution
from fadeout.institution.models import Operator, PolicyVersion
from fadeout.plans import queries as plans
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import PlanKind
from fadeout.runs import approving, brakes
from fadeout.runs.brakes import Brake

MOST = 20


class Step(StrEnum):
    """What a plan waits for."""

    APPROVAL = "approval"
    RUN = "run"


@dataclass(frozen=True)
class Open:
    """A plan that waits.

    ``approved_by`` are those who approved it so far; ``held`` are the brakes that would hold its run.
    """

    plan: Plan
    step: Step
    approved_by: frozenset[int]
    held: tuple[Brake, ...] = ()

    def waits_for(self, somebody: Operator) -> bool:
        """Whether this operator can take the step."""
        if self.step is Step.RUN:
            return True
        policy = institution.policy_in_force()
        against = approving.why_not_you(
            self.plan, by=somebody, approvers=self.approved_by, policy=policy
        )
        return against is None


def find(*, today: date, now: datetime) -> list[Open]:
    """What waits, the newest first. Of plans by the rule, only the last one: it takes the place of others."""
    policy = institution.policy_in_force()
    last = plans.latest_by_rule()
    fresh = Plan.objects.filter(
        run=None,
        policy=policy,
        as_of__lte=today,
        created_at__gte=now - timedelta(days=policy.plan_days),
    ).order_by("-pk")
    found = [
        plan
        for plan in fresh.prefetch_related("approvals")[:MOST]
        if plans.struck_by(plan) and (plan.kind != PlanKind.INACTIVITY or plan == last)
    ]
    return [_open(plan, policy, now) for plan in found]


def _open(plan: Plan, policy: PolicyVersion, now: datetime) -> Open:
    approved_by = frozenset(plans.approvers(plan))
    if brakes.of_approval(plan, policy):
        return Open(plan, Step.APPROVAL, approved_by)
    held = tuple(held.brake for held in brakes.why_not(plan, now=now))
    return Open(plan, Step.RUN, approved_by, held)
