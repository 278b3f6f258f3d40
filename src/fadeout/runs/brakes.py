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

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


LIFTABLE = (Brake.TOO_LARGE_A_SHARE, Brake.TOO_MUCH_GROWTH)


@dataclass(frozen=True)
class Held:
    """One brake that holds, in words, and what to do about it: with a command, and on a page."""

    brake: Brake
    why: str
    way_out: str
    #: What to do about it on a page.
    on_page: str


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
        raise BadInput(
            _("An override needs a reason."), way_out='Give it: --override "…".', on_page=""
        )
    lifts = run is not None or lifting is not None
    held = [h for h in why_not(plan, now=now) if not (lifts and h.brake in LIFTABLE)]
    if held:
        refusal = BadInput if held[0].brake is Brake.NOT_APPROVED else DidNotHold
        raise refusal(
            _("Plan %(plan)s may not run. %(why)s Nothing was changed.")
            % {"plan": plan.pk, "why": " ".join(h.why for h in held)},
            way_out=" ".join(h.way_out for h in held),
            on_page=" ".join(dict.fromkeys(h.on_page for h in held)),
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
                _("It is not approved."),
                f"Somebody who looked at it approves it: fadeout approve {plan.pk}",
                _("Somebody who looked at it approves it."),
            )
        ]
    alone = approvers == {plan.created_by_id} and plan.kind != PlanKind.REPLAY
    if policy.two_people and alone:
        return [
            Held(
                Brake.APPROVED_BY_AUTHOR,
                _("Whoever made it approved it, and this house asks for two people."),
                f"Somebody else approves it: fadeout approve {plan.pk} --by NAME",
                _("Somebody else approves it, too."),
            )
        ]
    return []


def of_age(plan: Plan, policy: PolicyVersion, now: datetime) -> list[Held]:
    """Whether it is too old, or the policy another one by now.

    What a replay strikes was approved when it was erased first, under the policy of that day.
    """
    if plan.kind == PlanKind.REPLAY:
        return []
    held, ways_on = [], again(plan)
    if now - plan.created_at > timedelta(days=policy.plan_days):
        older = ngettext(
            "It is older than %(days)s day.", "It is older than %(days)s days.", policy.plan_days
        )
        held.append(Held(Brake.TOO_OLD, older % {"days": policy.plan_days}, *ways_on))
    if plan.policy_id != policy.number:
        changed = _("The policy has changed since (version %(then)s, now %(now)s).")
        told = changed % {"then": plan.policy_id, "now": policy.number}
        held.append(Held(Brake.POLICY_CHANGED, told, *ways_on))
    return held


def again(plan: Plan) -> tuple[str, str]:
    """How somebody gets a plan under the policy in force: with a command, and on a page."""
    simulate = _("Simulate again and approve the new plan.")
    by_hand = "Give the contact numbers again: fadeout forget.", _("Name the contacts again.")
    ways = {
        PlanKind.FORGET: by_hand,
        PlanKind.REPLAY: ("Give the command again: fadeout replay.", ""),
    }
    return ways.get(PlanKind(plan.kind), (simulate, simulate))


def _size(plan: Plan, policy: PolicyVersion) -> list[Held]:
    struck, contacts = plans.struck_by(plan), plan.totals["contacts"]
    last = queries.struck_by_last_run()
    figures = {
        "struck": number_format(struck),
        "contacts": number_format(contacts),
        "share": policy.largest_share,
        "times": number_format(policy.largest_growth),
        "last": number_format(last),
    }
    lift = f'An administrator who means it: fadeout run {plan.pk} --override "REASON" --by NAME'
    lift_it = _("An administrator who means it lifts the brake, with a reason.")
    held = []
    if struck * 100 > policy.largest_share * contacts:
        share = _("It strikes %(struck)s of %(contacts)s contacts, more than %(share)s %%.")
        held.append(Held(Brake.TOO_LARGE_A_SHARE, share % figures, lift, lift_it))
    if last and struck > policy.largest_growth * last:
        growth = _(
            "It strikes %(struck)s contacts, more than %(times)s times the %(last)s of the last run."
        )
        held.append(Held(Brake.TOO_MUCH_GROWTH, growth % figures, "" if held else lift, lift_it))
    return held
