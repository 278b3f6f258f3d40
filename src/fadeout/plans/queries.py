"""Reads of plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from fadeout.core import sql
from fadeout.core.errors import BadInput
from fadeout.plans.models import Approval, Plan, RowState
from fadeout.policy.outcomes import Outcome, PlanKind, reasons_of

COLUMNS = ("contact_number", "outcome", "recency", "activity", "reasons")


def by_number(number: int) -> Plan:
    """The plan of this number.

    Raises:
        BadInput: there is none.
    """
    plan = Plan.objects.filter(pk=number).first() if number < 2**63 else None
    if plan is None:
        raise BadInput(
            f"There is no plan {number}.", way_out="fadeout simulate makes one and prints its id."
        )
    return plan


def latest_by_rule() -> Plan | None:
    """The last plan that a simulation made, if there is one."""
    return Plan.objects.filter(kind=PlanKind.INACTIVITY).order_by("-pk").first()


def listed(*, below: int | None = None, limit: int) -> list[Plan]:
    """Plans, the newest first, with who made them, who approved them and their runs."""
    plans = Plan.objects.select_related("created_by", "policy", "run").order_by("-pk")
    if below is not None:
        plans = plans.filter(pk__lt=below)
    return list(plans.prefetch_related("approvals__approved_by")[:limit])


def newer_by_rule(plan: Plan) -> Plan | None:
    """The last plan that a simulation made after this one, if there is one."""
    latest = latest_by_rule()
    return latest if latest is not None and latest.pk > plan.pk else None


def approvals(plan: Plan) -> list[Approval]:
    """The approvals of exactly these rows, with who gave them, the first one first."""
    given = plan.approvals.filter(fingerprint=plan.fingerprint).select_related("approved_by")
    return list(given.order_by("approved_at", "pk"))


def struck_by(plan: Plan) -> int:
    """How many contacts the plan would strike: all its deletions and anonymisations."""
    outcomes = plan.totals["outcomes"]
    return int(outcomes["delete"] + outcomes["anonymise"])


def totals(plan: Plan) -> dict[str, Any]:
    """The totals in the order of the rule book; the database keeps objects in an order of its own."""
    kept = plan.totals
    return {
        "contacts": kept["contacts"],
        "outcomes": {outcome.value: kept["outcomes"][outcome] for outcome in Outcome},
        "reasons": {r.value: kept["reasons"].get(r, 0) for r in reasons_of(plan.kind)},
        "removals": dict(sorted(kept["removals"].items())),
        "forecast": dict(sorted(kept["forecast"].items())),
    }


def approvers(plan: Plan) -> set[int]:
    """Who approved exactly these rows, by id."""
    return {
        given.approved_by_id
        for given in plan.approvals.all()
        if given.fingerprint == plan.fingerprint
    }


def requalified(plan: Plan) -> list[tuple[Any, ...]]:
    """The rows that a run kept after all, in the columns of the list; the reasons are those of then."""
    found = plan.rows.filter(state=RowState.REQUALIFIED).select_related("contact").order_by("pk")
    return [
        (row.contact.contact_number, row.state, row.recency_on, row.activity, row.kept_because)
        for row in found
        if row.contact is not None
    ]


def csv_blocks(plan: Plan, *, for_spreadsheets: bool = False) -> Iterator[bytes]:
    """The list that simulation prints, as CSV, block by block; straight from COPY.

    Args:
        plan: whose.
        for_spreadsheets: put an apostrophe before what a spreadsheet would take for a formula.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        text = cursor.mogrify(sql.load("plans", "list_rows"), {"plan": plan.pk})
        if for_spreadsheets:
            text = f"{sql.load('plans', 'no_formulas')} FROM ({text}) AS listed"
        statement = f"COPY ({text}) TO STDOUT (FORMAT csv, HEADER)"
        with cursor.copy(statement) as copy:
            yield from (bytes(block) for block in copy)


def rows(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """The same rows, fetched a few thousand at a time."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql.load("plans", "list_rows"), {"plan": plan.pk})
        while block := cursor.fetchmany(5_000):
            yield from block
