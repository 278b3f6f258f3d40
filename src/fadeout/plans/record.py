"""What the ledger is told of plans: made from the rows, so that rows and ledger can be compared."""

from __future__ import annotations

from typing import Any

from fadeout.institution import queries as institution
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind
from fadeout.plans import queries
from fadeout.plans.models import Approval, Plan


def simulated(plan: Plan) -> None:
    """Record a plan, with the transaction that stores it."""
    ledger.record(Kind.PLAN, by=plan.created_by, now=plan.created_at, facts=of_plan(plan))


def approved(approval: Approval) -> None:
    """Record an approval, with the transaction that stores it."""
    ledger.record(
        Kind.APPROVAL,
        by=approval.approved_by,
        now=approval.approved_at,
        facts=of_approval(approval),
    )


def of_plan(plan: Plan) -> dict[str, Any]:
    """The facts of a plan; counts only."""
    totals = queries.totals(plan)
    return {
        "plan": plan.pk,
        "kind": plan.kind,
        "as_of": plan.as_of,
        "months": plan.months,
        "cutoff": plan.cutoff,
        "policy": institution.policy_values(plan.policy),
        "format": plan.plan_format,
        "catalogue_version": plan.catalogue_version,
        "catalogue_digest": plan.catalogue_digest,
        "fingerprint": plan.fingerprint,
        "contacts": totals["contacts"],
        "outcomes": totals["outcomes"],
        "reasons": totals["reasons"],
        "removals": totals["removals"],
    }


def of_approval(approval: Approval) -> dict[str, Any]:
    """The facts of an approval."""
    return {
        "plan": approval.plan_id,
        "fingerprint": approval.fingerprint,
        "struck": queries.struck_by(approval.plan),
    }
