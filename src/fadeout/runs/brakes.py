"""Why a plan may not run (rule book, section 3): every reason at once, each with its way out.

What could go wrong: a run strikes far more than anybody meant to, under rules that have changed, or
on the word of one person where the house asks for two. So a run looks here before its first change,
and whenever it goes on. Only the brakes on size can be lifted, and that is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator, PolicyVersion
from fadeout.plans import queries as plans
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import PlanKind
from fadeout.runs import queries
from fadeout.runs import record as in_ledger
from fadeout.runs.models import Override, Run


class Brake(StrEnum):
    """What holds a run back."""

    NOT_APPROVED = "not_approved"
    APPROVED_BY_AUTHOR = "approved_by_author"
    TOO_OLD = "too_old"
    POLICY_CHANGED = "policy_changed"
    TOO_LARGE_A_SHARE = "too_large_a_share"
    TOO_MUCH_GROWTH = "too_much_growth"


#: How somebody gets a plan under the policy in force.
AGAIN = {
    PlanKind.INACTIVITY: "Simulate again and approve the new plan.",
    PlanKind.FORGET: "Give the contact numbers again: fadeout forget.",
    PlanKind.REPLAY: "Give the command again: fadeout replay.",
}
LIFTABLE = (Brake.TOO_LARGE_A_SHARE, Brake.TOO_MUCH_GROWTH)


@dataclass(frozen=True)
class Held:
    """One brake that holds, in words, and what to do about it."""

    brake: Brake
    why: str
    way_out: str


@dataclass(frozen=True)
class Lifting:
    """An administrator answers for a run that brakes on size would hold."""

    reason: str
    by: Operator


def why_not(plan: Plan, *, now: datetime) -> list[Held]:
    """Every brake that holds a plan now; none if it may run.

    Size is a question of plans by the rule alone: whom somebody named by hand, they meant.
    """
    policy = institution.policy_in_force()
    held = of_approval(plan, policy) + of_age(plan, policy, now)
    if plan.kind == PlanKind.INACTIVITY:
        held += _size(plan, policy)
    return held


def require_free(plan: Plan, *, run: Run | None, now: datetime, lifting: Lifting | None) -> None:
    """Refuse a plan that a brake holds, unless only liftable ones do and somebody lifts them.

    A run that goes on was looked at for its size when it began.

    Raises:
        BadInput: the plan is not approved, or a lifting gives no reason.
        DidNotHold: another brake holds it.
    """
    if lifting is not None and not lifting.reason.strip():
        raise BadInput("An override needs a reason.", way_out='Give it: --override "…".')
    lifts = run is not None or lifting is not None
    held = [h for h in why_not(plan, now=now) if not (lifts and h.brake in LIFTABLE)]
    if held:
        refusal = BadInput if held[0].brake is Brake.NOT_APPROVED else DidNotHold
        raise refusal(
            " ".join(
                [f"Plan {plan.pk} may not run.", *(h.why for h in held), "Nothing was changed."]
            ),
            way_out=" ".join(h.way_out for h in held),
        )


def record(plan: Plan, lifting: Lifting | None, *, now: datetime) -> None:
    """Keep who lifted which brakes and why, with the start of the run; nothing if none held."""
    held = [h.brake for h in why_not(plan, now=now) if h.brake in LIFTABLE]
    if lifting is not None and held and lifted_by(plan, held) is None:
        override = Override.objects.create(
            plan=plan, overridden_by=lifting.by, overridden_at=now,
            brakes=held, reason=lifting.reason.strip(),
        )  # fmt: skip
        in_ledger.overridden(override)


def lifted_by(plan: Plan, held: Sequence[Brake]) -> Override | None:
    """Who lifted at least these brakes already, when the run was asked for."""
    overrides = plan.overrides.select_related("overridden_by").order_by("-pk")
    return next((found for found in overrides if set(held) <= set(found.brakes)), None)


def recorded_lifting(plan: Plan, *, now: datetime) -> Lifting | None:
    """The lifting that was recorded when the run was asked for, if it lifts what holds now."""
    held = [h.brake for h in why_not(plan, now=now) if h.brake in LIFTABLE]
    override = lifted_by(plan, held) if held else None
    if override is None:
        return None
    return Lifting(reason=override.reason or "recorded", by=override.overridden_by)


def of_approval(plan: Plan, policy: PolicyVersion) -> list[Held]:
    """Whether nobody approved it, or nobody but its author where two people are asked for."""
    approvers = plans.approvers(plan)
    if not approvers:
        return [
            Held(
                Brake.NOT_APPROVED,
                "It is not approved.",
                f"Somebody who looked at it approves it: fadeout approve {plan.pk}",
            )
        ]
    alone = approvers == {plan.created_by_id} and plan.kind != PlanKind.REPLAY
    if policy.two_people and alone:
        return [
            Held(
                Brake.APPROVED_BY_AUTHOR,
                "Whoever made it approved it, and this house asks for two people.",
                f"Somebody else approves it: fadeout approve {plan.pk} --by NAME",
            )
        ]
    return []


def of_age(plan: Plan, policy: PolicyVersion, now: datetime) -> list[Held]:
    """Whether it is too old, or the policy another one by now.

    What a replay strikes was approved when it was erased first, under the policy of that day.
    """
    if plan.kind == PlanKind.REPLAY:
        return []
    held = []
    if now - plan.created_at > timedelta(days=policy.plan_days):
        held.append(
            Held(
                Brake.TOO_OLD,
                f"It is older than {policy.plan_days} days.",
                AGAIN[PlanKind(plan.kind)],
            )
        )
    if plan.policy_id != policy.number:
        held.append(
            Held(
                Brake.POLICY_CHANGED,
                f"The policy has changed since (version {plan.policy_id}, now {policy.number}).",
                AGAIN[PlanKind(plan.kind)],
            )
        )
    return held


def _size(plan: Plan, policy: PolicyVersion) -> list[Held]:
    struck, contacts = plans.struck_by(plan), plan.totals["contacts"]
    lift = f'An administrator who means it: fadeout run {plan.pk} --override "REASON" --by NAME'
    held = []
    if struck * 100 > policy.largest_share * contacts:
        held.append(
            Held(
                Brake.TOO_LARGE_A_SHARE,
                f"It strikes {struck:,} of {contacts:,} contacts, more than "
                f"{policy.largest_share} %.",
                lift,
            )
        )
    last = queries.struck_by_last_run()
    if last and struck > policy.largest_growth * last:
        held.append(
            Held(
                Brake.TOO_MUCH_GROWTH,
                f"It strikes {struck:,} contacts, more than {policy.largest_growth} times the "
                f"{last:,} of the last run.",
                lift if not held else "",
            )
        )
    return held
