"""Simulates, and approves what was simulated. No contact is changed here.

What could go wrong: a plan is approved that nobody could run as it was seen. So its rows are stored,
fingerprinted, and approved by fingerprint; the decision comes from the one statement that a run
uses again under lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fadeout.core import clock, sql
from fadeout.core.catalogue import declaration
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.erasure import operations as erasure
from fadeout.institution.models import Institution, Operator, PolicyVersion
from fadeout.plans import fingerprint, outlook, queries, record, under_way
from fadeout.plans.models import PLAN_FORMAT, Approval, Plan, RowState
from fadeout.policy.outcomes import Outcome, PlanKind, reasons_of
from fadeout.recency import operations as recency
from fadeout.recency.queries import Question, statement

STRUCK_ROWS = (
    "SELECT contact_id, outcome FROM plans_plan_row"
    " WHERE plan_id = %(plan)s AND outcome IN ('delete', 'anonymise')"
)
#: Of its own, since PostgreSQL decides on several cores only what it does not store in a kept table.
DECIDED = (
    "CREATE TEMPORARY TABLE decided ON COMMIT DROP AS {decision}"
    " SELECT contact_id, outcome, recency_on, activity, reasons FROM decision"
)
DECIDED_RECENCY = "SELECT contact_id, recency_on, activity FROM decided"
STORED_ROWS = """
INSERT INTO plans_plan_row (plan_id, contact_id, outcome, recency_on, activity, reasons, state)
SELECT %(plan)s, contact_id, outcome, recency_on, activity, reasons,
       CASE outcome WHEN 'keep' THEN 'kept' ELSE 'pending' END
FROM decided
ORDER BY outcome, recency_on, contact_id
"""


def simulate(  # noqa: PLR0913 - what a plan is made of
    *,
    house: Institution,
    policy: PolicyVersion,
    by: Operator,
    as_of: date,
    months: int,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Decide every contact and keep the decisions as a plan, with totals and forecast.

    Raises:
        BadInput: the cutoff lies before the year 1, or the period is not at least one month.
        DidNotHold: contacts were deleted meanwhile.
    """
    question = _question(as_of, months, house.time_zone)
    with transaction.atomic():
        under_way.begin()
        sql.plan_large_queries()
        changes, since = outlook.changes(), recency.begin()
        plan = begin(PlanKind.INACTIVITY, question, policy=policy, by=by, now=now)
        progress("deciding")
        with sql.local_days(house.time_zone):
            decision = statement(chosen=False, tail="")
            sql.execute(DECIDED.format(decision=decision), question.parameters())
        _store_rows(plan)
        sql.execute("ANALYZE plans_plan_row")
        progress("counting")
        figures = outlook.count_plan(plan, question)
        totals = _totals(plan, question, figures.forecast)
        if (as_of, months) == (clock.local_day(now, house.time_zone), policy.months):
            outlook.keep(figures, question, changes=changes, now=now)
        progress("sealing")
        seal(plan, totals)
        recency.keep_all(DECIDED_RECENCY, since=since)  # last: it locks rows that clicks wait for
        sql.execute("DROP TABLE decided")
    return plan


def begin(
    kind: PlanKind, question: Question, *, policy: PolicyVersion, by: Operator, now: datetime
) -> Plan:
    """A plan without rows yet, of the question that is asked of each contact."""
    return Plan.objects.create(
        kind=kind, created_at=now, created_by=by, as_of=question.as_of, months=question.months,
        cutoff=question.cutoff, policy=policy, plan_format=PLAN_FORMAT,
        catalogue_version=declaration.CATALOGUE_VERSION,
        catalogue_digest=declaration.digest(), totals={}, fingerprint="",
    )  # fmt: skip


def seal(plan: Plan, totals: dict[str, Any]) -> None:
    """Totals and fingerprint: from here on the plan is what it is."""
    plan.totals = totals
    plan.fingerprint = fingerprint.fingerprint(plan, fingerprint.digest_rows(plan.pk))
    plan.save(update_fields=["totals", "fingerprint"])
    record.simulated(plan)


def _store_rows(plan: Plan) -> None:
    try:
        sql.execute(STORED_ROWS, {"plan": plan.pk})
    except IntegrityError as error:
        raise DidNotHold(
            "Contacts were deleted while this was simulated, by a run that is under way maybe. "
            "No plan was stored.",
            way_out="Simulate again once the run has ended (fadeout status).",
        ) from error


def approve(*, plan: Plan, by: Operator, typed: int, today: date, now: datetime) -> Approval:
    """Somebody who looked at the plan answers for striking exactly ``typed`` contacts.

    Raises:
        BadInput: the number is not the plan's; or see :func:`require_approvable`.
        DidNotHold: the rows are not those that were simulated.
    """
    require_approvable(plan=plan, today=today)
    expected = queries.struck_by(plan)
    if typed != expected:
        raise BadInput(
            _(
                "%(typed)s is not the number of contacts in this plan that will be struck. Nothing was "
                "approved."
            )
            % {"typed": typed},
            way_out=_("It counts all deletions and anonymisations; the plan stands above."),
        )
    if fingerprint.fingerprint(plan, fingerprint.digest_rows(plan.pk)) != plan.fingerprint:
        raise DidNotHold(
            _("The rows of plan %(plan)s are not those that were simulated. Nothing was approved.")
            % {"plan": plan.pk},
            way_out=_("Simulate again."),
        )
    with transaction.atomic():
        approval, is_new = Approval.objects.get_or_create(
            plan=plan,
            approved_by=by,
            defaults={"approved_at": now, "fingerprint": plan.fingerprint},
        )
        if is_new:
            record.approved(approval)
    return approval


def require_approvable(*, plan: Plan, today: date) -> None:
    """Refuse what nobody can approve any more, or yet.

    Raises:
        BadInput: its "as of" is still to come, or a run of it has begun.
    """
    if plan.as_of > today:
        raise BadInput(
            _("Plan %(plan)s looks ahead to %(day)s: it can be looked at, not approved.")
            % {"plan": plan.pk, "day": plan.as_of},
            way_out=_("Simulate as of today and approve that plan."),
        )
    if plan.rows.filter(state=RowState.STRUCK).exists():
        raise BadInput(
            _("Plan %(plan)s was approved, and its run has begun.") % {"plan": plan.pk},
            way_out=_("fadeout status tells how far it is."),
            on_page=_("The page of the run tells how far it is."),
        )


def _question(as_of: date, months: int, time_zone: str) -> Question:
    question = Question(as_of=as_of, months=months, time_zone=time_zone)
    try:
        _ = question.cutoff
    except ValueError as error:
        raise BadInput(f"The period does not fit: {error}.") from error
    return question


def count_outcomes(plan: Plan) -> dict[str, Any]:
    """How many contacts the rows name, by outcome and by reason."""
    outcomes = Counter(dict.fromkeys(Outcome, 0))
    for outcome, _state, count in sql.rows(sql.load("plans", "count_rows"), {"plan": plan.pk}):
        outcomes[outcome] += count
    reasons = dict(sql.rows(sql.load("plans", "count_reasons"), {"plan": plan.pk}))
    return {
        "contacts": outcomes.total(),
        "outcomes": dict(outcomes),
        "reasons": {reason: reasons.get(reason, 0) for reason in reasons_of(plan.kind)},
    }


def _totals(plan: Plan, question: Question, forecast: Mapping[str, int]) -> dict[str, Any]:
    removals = erasure.count_removals(
        plan_rows=STRUCK_ROWS,
        parameters={"plan": plan.pk, "cutoff": question.cutoff, "time_zone": question.time_zone},
    )
    return {**count_outcomes(plan), "removals": removals, "forecast": forecast}
