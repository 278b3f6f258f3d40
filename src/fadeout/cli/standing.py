"""How a run stands, for people and for scripts."""

from __future__ import annotations

from datetime import date

from fadeout.cli import show
from fadeout.cli.plans import print_removals
from fadeout.core import clock
from fadeout.institution import queries as institution
from fadeout.residue import queries as residue
from fadeout.runs import queries
from fadeout.runs.models import Run
from fadeout.vault import queries as vault


def as_json(run: Run) -> dict[str, object]:
    """For scripts."""
    stands = queries.standing(run)
    return {
        "run": run.pk,
        "plan": run.plan_id,
        "state": stands.state,
        "struck": stands.struck,
        "left": stands.left,
        "deleted": stands.deleted,
        "anonymised": stands.anonymised,
        "requalified": stands.requalified,
        "kept": stands.kept,
        "removed": queries.removed(run),
        "audits": run.audits,
        "earlier_audits": run.earlier_audits,
        "recoverable_until": vault.recoverable_until(queries.sealed(run)),
        "overrides": [
            {"brakes": o.brakes, "by": o.overridden_by.name, "reason": o.reason}
            for o in queries.overrides(run)
        ],
    }


def print_run(run: Run) -> None:
    """For people: what became of whom, what was found, and whether it can be recovered."""
    stands = queries.standing(run)
    show.results.print(f"[bold]Run {run.pk}[/] of plan {run.plan_id}: {stands.state}.")
    for override in queries.overrides(run):
        lifted = ", ".join(brake.replace("_", " ") for brake in override.brakes)
        show.results.print(
            f"{override.overridden_by.name or 'An operator who left'} lifted a brake ({lifted}): "
            f"{override.reason or '(the reason was emptied)'}",
            markup=False,
        )
    show.results.print(
        show.counts(
            "what became of them",
            {
                "deleted": stands.deleted,
                "anonymised": stands.anonymised,
                "left to strike": stands.left,
                "requalified (kept after all)": stands.requalified,
                "kept by the plan": stands.kept,
            },
        )
    )
    if removed := queries.removed(run):
        print_removals(removed)
    if left := residue.left_to_judge(run.pk):
        show.results.print(f"{left:,} texts are for a person to judge: fadeout residue {run.pk}")
    _print_audits(run)
    _print_recovery(run)


def _print_audits(run: Run) -> None:
    for earlier in run.earlier_audits:
        if findings := {audit: count for audit, count in earlier.items() if count}:
            _print_findings("audit that did not hold at an earlier end", findings)
    if run.audits is None:
        return
    if findings := {audit: count for audit, count in run.audits.items() if count}:
        _print_findings("audit that did not hold", findings)
    else:
        show.results.print(f"{len(run.audits)} audits found nothing, as they should.")


def _print_recovery(run: Run) -> None:
    """What the data of those struck is by now; honest words (rule book, section 5)."""
    until = vault.recoverable_until(queries.sealed(run))
    if until is not None and until <= _today():
        show.results.print(
            f"What was removed was to be destroyed on {until}, and is not yet: support can still recover "
            "it, and those struck are pseudonymised and restricted. Destroy it: fadeout vault expire"
        )
    elif until is not None:
        show.results.print(
            f"Until {until} support can recover what was removed: those struck are pseudonymised and "
            "restricted. They are anonymous once that is destroyed (fadeout vault expire)."
        )
    elif queries.standing(run).struck:
        show.results.print("Nobody can recover what was removed: those anonymised are anonymous.")


def _today() -> date:
    return clock.local_day(clock.now(), institution.current().time_zone)


def _print_findings(heading: str, findings: dict[str, int]) -> None:
    made = show.table(heading, "findings", numbers=["findings"])
    for audit, count in findings.items():
        made.add_row(audit, f"{count:,}")
    show.results.print(made)
