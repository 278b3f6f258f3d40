"""What a certificate says of a run, as plain values: the page and the JSON are made from it.

What could go wrong: a certificate says more than was done. So it is made only of a run that has ended,
from a ledger in which everything holds and tables that agree with it; an incomplete or cancelled run is
called that; and of what stays it says why, and that it may still single somebody out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from fadeout.certificates import agreement
from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Action, Reach, RowAction
from fadeout.core.errors import BadInput
from fadeout.institution import queries as institution
from fadeout.institution.models import Institution
from fadeout.ledger import queries as ledger
from fadeout.ledger.check import does_not_hold
from fadeout.ledger.models import Entry, Kind
from fadeout.plans import queries as plans
from fadeout.residue import queries as residue_queries
from fadeout.runs import control
from fadeout.runs import queries as runs
from fadeout.runs.models import Run, RunState

FORMAT = 1
ENDED = (RunState.DONE, RunState.INCOMPLETE, RunState.CANCELLED)
#: Audits with such a name tell what the search for residue found.
RESIDUE = "residue"
#: What anonymisation leaves of a column.
LEFT = (Action.KEEP, Action.COARSEN, Action.YEAR_START)
DID = {
    Kind.PLAN: "simulated",
    Kind.APPROVAL: "approved",
    Kind.OVERRIDE: "lifted a brake",
    Kind.RUN_STARTED: "ran",
    Kind.STOP_ASKED: "asked to stop",
    Kind.RUN_STOPPED: "stopped",
    Kind.RUN_ENDED: "ended",
    Kind.RESIDUE: "judged",
}

Certificate = dict[str, Any]


def certificate_of(
    run: Run, *, house: Institution, now: datetime, recoverable_until: date | None
) -> Certificate:
    """What can be certified of a run.

    Args:
        run: one that has ended.
        house: the institution.
        now: this instant.
        recoverable_until: the day on which its sealed copies expire; nothing if there are none (any more).

    Raises:
        BadInput: the run has not ended, or the ledger does not know it.
        DidNotHold: the ledger does not hold, or the tables say something else.
    """
    _require_ended(run)
    head = ledger.require_whole()
    entries = list(agreement.about(run))
    _require_agreement(run, entries)
    standing, totals = runs.standing(run), plans.totals(run.plan)
    audits, residue = _audits(run.audits or {})
    return {
        "format": FORMAT,
        "made_at": now.astimezone(UTC),
        "institution": {
            "name": house.name, "id": str(house.public_id), "time_zone": house.time_zone,
        },
        "run": {
            "number": run.pk, "state": run.state, "started_at": run.started_at,
            "last_change_at": runs.last_change_at(run),
            "ended_at": run.ended_at,
        },
        "plan": {
            "number": run.plan_id, "kind": run.plan.kind, "simulated_at": run.plan.created_at,
            "as_of": run.plan.as_of, "months": run.plan.months, "cutoff": run.plan.cutoff,
            "fingerprint": run.plan.fingerprint,
            "catalogue_version": run.plan.catalogue_version,
            "catalogue_digest": run.plan.catalogue_digest,
            "contacts": totals["contacts"],
        },
        "policy": institution.policy_values(run.plan.policy),
        "people": list(_people(entries)),
        "outcomes": {
            "deleted": standing.deleted, "anonymised": standing.anonymised,
            "requalified": standing.requalified, "left": standing.left, "kept": standing.kept,
        },
        "reasons": totals["reasons"],
        "removed": dict(sorted(runs.removed(run).items())),
        "audits": audits,
        "residue": residue,
        "found_in_texts": residue_queries.counts(run.pk),
        "texts_to_judge": residue_queries.left_to_judge(run.pk),
        "earlier_audits": run.earlier_audits,
        "data": _state_of_data(recoverable_until),
        "stays": list(_stays()),
        "ledger": {
            "entries": [entry.number for entry in entries],
            "head": {"number": head.number, "hash": head.hash, "code": head.mac},
            "printed": str(ledger.Printed.of(head)),
        },
    }  # fmt: skip


def _require_ended(run: Run) -> None:
    if run.state not in ENDED:
        raise BadInput(
            _("Run %(run)s has not ended: it is %(state)s.")
            % {"run": run.pk, "state": runs.told_state(run)},
            **control.ways_on(run),
        )


def _require_agreement(run: Run, entries: list[Entry]) -> None:
    if not any(entry.kind == Kind.RUN_STARTED for entry in entries):
        raise BadInput(
            _("The ledger does not know run %(run)s: it was before there was a ledger.")
            % {"run": run.pk},
            way_out=_("What the database tells of it: fadeout status."),
            on_page=_("What the database tells of it stands on the page of the run."),
        )
    finding = next(agreement.of_run(run), None)
    if finding is not None:
        none = _("No certificate of run %(run)s: %(what)s")
        raise does_not_hold(none % {"run": run.pk, "what": finding.what})


def _people(entries: list[Entry]) -> Iterator[Mapping[str, Any]]:
    """Who did what, in order: by the opaque id, and by name as far as it is still known."""
    names = ledger.names()
    for entry in (entry for entry in entries if entry.kind in DID):
        texts = {text.name: text.text for text in entry.texts.all()}
        yield {
            "entry": entry.number,
            "did": DID[Kind(entry.kind)],
            "at": entry.at,
            "operator": str(entry.actor) if entry.actor else None,
            "name": names.get(entry.actor) if entry.actor else None,
            "brakes": entry.facts.get("brakes", []),
            "reason": texts.get("reason"),
        }


def _audits(found: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """The audits, and apart from them what the search for residue found."""
    in_order = sorted(found.items())
    residue = {name: count for name, count in in_order if name.startswith(RESIDUE)}
    return {name: count for name, count in in_order if name not in residue}, residue


def _state_of_data(until: date | None) -> dict[str, Any]:
    """Whoever can be recovered is not anonymous, also when the day has come and nobody let it expire."""
    return {
        "state": "anonymous" if until is None else "pseudonymised and restricted",
        "until": until,
        "limits": declaration.HONEST_WORDS,
    }


def _stays() -> Iterator[dict[str, str]]:
    """What anonymisation leaves that says something about a person, and why: from the catalogue."""
    for table in declaration.tables().values():
        if table.reach is Reach.NONE or table.anonymisation is RowAction.REMOVE:
            continue
        for column in table.columns.values():
            if column.data_class.is_personal and column.anonymisation in LEFT:
                yield {
                    "table": table.name,
                    "column": column.name,
                    "what_becomes": column.anonymisation.value,
                    "why": column.why,
                }
