"""Asks for one contact to be forgotten: a plan that names it, the approval of whoever asks, and the run.

What could go wrong, and what prevents it:

- Somebody confirms one effect and brings about another, since something changed meanwhile: the effect is
  decided anew under the lock of the contact, and any other than the one confirmed is refused.
- A form is sent twice: whoever comes second finds the plan of the first, which waits or runs.
- A plan stays that nobody asked for: plan, approval and job are one transaction.
- One person is not enough: where the house asks for two, the plan waits for the approval of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from fadeout.contacts import records
from fadeout.contacts.models import Contact
from fadeout.contacts.refusals import Refused, Why
from fadeout.core.errors import DidNotHold
from fadeout.institution.models import Institution, Operator, PolicyVersion
from fadeout.plans import by_hand, forgetting, queries
from fadeout.plans import operations as plans
from fadeout.plans.by_hand import Effect
from fadeout.plans.forgetting import Named
from fadeout.plans.models import Plan, PlanRow, RowState
from fadeout.policy.outcomes import PlanKind
from fadeout.recency.queries import Question
from fadeout.runs import brakes
from fadeout.runs import queries as runs
from fadeout.runs.brakes import Brake
from fadeout.runs.control import ENDED
from fadeout.worker import jobs

#: What holds a plan that only waits for somebody's approval.
WAITS_FOR_APPROVAL = {Brake.NOT_APPROVED, Brake.APPROVED_BY_AUTHOR}


class EffectChanged(DidNotHold):
    """Something else would become of the contact than what was confirmed."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Something changed meanwhile: something else would become of this contact. Nothing was "
                "changed."
            ),
            way_out=_("Look at what would become of it now."),
        )


@dataclass(frozen=True)
class Asked:
    """The plan, and whether it was there already."""

    plan: Plan
    is_new: bool


@transaction.atomic
def ask(  # noqa: PLR0913 - who asks what, as of when
    public_id: UUID,
    *,
    confirmed: str,
    house: Institution,
    policy: PolicyVersion,
    by: Operator,
    today: date,
    now: datetime,
    without_recovery: bool = False,
) -> Asked:
    """Have the worker forget a contact; where two people are asked for, only plan it.

    Args:
        public_id: whom.
        confirmed: the mark of the effect that was confirmed.
        house: the institution.
        policy: the one in force.
        by: who asks, and answers for it.
        today: the institution's day.
        now: this instant.
        without_recovery: nothing is sealed, and nobody can bring it back.

    Raises:
        Refused: NOT_ON_FILE.
        EffectChanged: it is not the effect that was confirmed, or it is forbidden.
        DidNotHold: a brake holds the run.
    """
    contact = records.locked(public_id)
    if under_way := plan_under_way(contact, now=now):
        return Asked(under_way, is_new=False)
    question = Question(as_of=today, months=policy.months, time_zone=house.time_zone)
    _require_confirmed(by_hand.effect(contact.pk, question), confirmed)
    plan = forgetting.plan_forgetting(
        [Named("argument 1", contact.contact_number)],
        house=house, policy=policy, by=by, today=today, now=now,
    )  # fmt: skip
    if queries.struck_by(plan) != 1:
        raise EffectChanged
    if not policy.two_people:
        plans.approve(plan=plan, by=by, typed=1, today=today, now=now)
        jobs.start_run(plan, by, now=now, without_recovery=without_recovery)
    return Asked(plan, is_new=True)


def plan_under_way(contact: Contact, *, now: datetime) -> Plan | None:
    """The plan by which this contact is being forgotten, or that waits for somebody else to approve it."""
    rows = PlanRow.objects.filter(
        contact=contact, state=RowState.PENDING, plan__kind=PlanKind.FORGET
    ).select_related("plan", "plan__policy")
    return next((row.plan for row in rows.order_by("-plan_id") if _is_alive(row.plan, now)), None)


def _is_alive(plan: Plan, now: datetime) -> bool:
    run = runs.of_plan(plan)
    if run is not None:
        return run.state not in ENDED
    if jobs.is_about_to_run(plan):
        return True
    held = {held.brake for held in brakes.why_not(plan, now=now)}
    return plan.policy.two_people and held <= WAITS_FOR_APPROVAL


def _require_confirmed(effect: Effect | None, confirmed: str) -> None:
    if effect is None:
        raise Refused(Why.NOT_ON_FILE)
    if effect.mark != confirmed or effect.forbidding:
        raise EffectChanged
