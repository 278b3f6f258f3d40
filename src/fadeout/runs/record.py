"""What the ledger is told of runs: made from the rows, so that rows and ledger can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Entry, Kind
from fadeout.residue import queries as residue
from fadeout.runs import queries
from fadeout.runs.models import Override, Run, Wish


def overridden(override: Override) -> None:
    """Record that somebody lifted brakes, and why."""
    ledger.record(
        Kind.OVERRIDE,
        by=override.overridden_by,
        now=override.overridden_at,
        facts=of_override(override),
        texts={"reason": override.reason or ""},
    )


def started(run: Run, *, by: Operator, now: datetime) -> Run:
    """Record that a run begins, or goes on."""
    ledger.record(Kind.RUN_STARTED, by=by, now=now, facts=of_start(run))
    return run


def stop_asked(run: Run, wish: Wish, *, by: Operator | None, now: datetime) -> None:
    """Record that somebody asks a run to stop."""
    facts = {"run": run.pk, "plan": run.plan_id, "wish": wish}
    ledger.record(Kind.STOP_ASKED, by=by, now=now, facts=facts)


def stopped(run: Run, *, by: Operator | None, now: datetime) -> None:
    """Record that a run was paused or cancelled, with what it removed until then."""
    ledger.record(Kind.RUN_STOPPED, by=by, now=now, facts=of_end(run))


def ended(run: Run, *, by: Operator, now: datetime) -> None:
    """Record the end of a run, with what it removed and what its audits found."""
    ledger.record(Kind.RUN_ENDED, by=by, now=now, facts=of_end(run))


def empty_texts(*, entries: Sequence[int], by: Operator | None, now: datetime) -> Entry:
    """Empty what people typed for these entries, in the ledger and where it stands beside it.

    Raises:
        BadInput: one of them has no text that could be emptied.
    """
    with transaction.atomic():
        emptied = ledger.empty_texts(entries=entries, by=by, now=now)
        of_overrides = Entry.objects.filter(number__in=entries, kind=Kind.OVERRIDE)
        plans = [facts["plan"] for facts in of_overrides.values_list("facts", flat=True)]
        Override.objects.filter(plan__in=plans).update(reason=None)
    return emptied


def of_override(override: Override) -> dict[str, Any]:
    """The facts of an override; its reason is a text."""
    return {"plan": override.plan_id, "brakes": override.brakes}


def of_start(run: Run) -> dict[str, Any]:
    """The facts of a start."""
    return {
        "run": run.pk,
        "plan": run.plan_id,
        "fingerprint": run.plan.fingerprint,
        "has_recovery": run.has_recovery,
    }


def of_standing(run: Run) -> dict[str, Any]:
    """Where a run stands, in figures."""
    standing = queries.standing(run)
    return {
        "run": run.pk,
        "plan": run.plan_id,
        "state": run.state,
        "deleted": standing.deleted,
        "anonymised": standing.anonymised,
        "requalified": standing.requalified,
        "left": standing.left,
        "ended_at": run.ended_at,
    }


def of_end(run: Run) -> dict[str, Any]:
    """What a run did: rows by table too, what it sealed under which key, and what its audits found."""
    sealed = {key: digest.as_list() for key, digest in queries.sealed(run).items()}
    return of_standing(run) | {
        "removed": queries.removed(run),
        "sealed": sealed,
        "audits": run.audits,
        "residue": residue.counts(run.pk),
        "last_change_at": queries.last_change_at(run),
    }
