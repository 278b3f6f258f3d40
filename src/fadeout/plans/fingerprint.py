"""The fingerprint of a plan: whether its rows are those that somebody approved.

It is additive over the rows, so it can be checked before the first chunk, after a crash and at the
end: rows still there plus rows struck give the rows approved. It finds accidents and tampering with
rows; who may tamper with the fingerprint as well is a matter of the ledger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fadeout.core import sql
from fadeout.core.digest import RowDigest
from fadeout.policy.outcomes import PlanKind

if TYPE_CHECKING:
    from fadeout.plans.models import Plan


def digest_rows(plan_id: int, rows: Sequence[int] | None = None) -> RowDigest:
    """The digest of the rows of a plan that are not struck: all, or those with these ids."""
    listed = list(rows) if rows is not None else None
    count, first, second = sql.rows(
        sql.load("plans", "digest_rows"), {"plan": plan_id, "rows": listed}
    )[0]
    return RowDigest.from_sums(count, first, second)


def fingerprint(plan: Plan, digest: RowDigest) -> str:
    """SHA-256, in hex, over the head and the totals of the plan and the digest of all its rows.

    What a plan is for goes in unless it is the rule: as it was before there were other kinds.
    """
    head = [
        plan.pk, plan.as_of.isoformat(), plan.months, plan.cutoff.isoformat(), plan.policy_id,
        plan.plan_format, plan.catalogue_version, plan.catalogue_digest, plan.totals, digest.as_list(),
    ]  # fmt: skip
    if plan.kind != PlanKind.INACTIVITY:
        head.append(plan.kind)
    return hashlib.sha256(json.dumps(head, sort_keys=True).encode()).hexdigest()
