"""``fadeout run`` and ``fadeout status``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import Progress as Bar

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Json, Yes
from fadeout.cli.plans import PlanNumber, print_removals
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.plans import queries as plan_queries
from fadeout.runs import operations, queries
from fadeout.runs.models import Run, RunState
from fadeout.runs.operations import Progress


def register(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("status")(status)


def run(plan: PlanNumber, by: By = None, yes: Yes = None) -> None:
    """Run an approved plan, or go on with a run that was interrupted. Cannot be undone."""
    with opened_house() as context:
        found = plan_queries.by_number(plan)
        earlier = queries.of_plan(found)
        if earlier is not None and earlier.state == RunState.DONE:
            show.results.print(f"Plan {plan} is done already (run {earlier.pk}).")
            return
        _confirm(plan, plan_queries.struck_by(found), yes)
        with _interruptible(plan), show.progress() as bar:
            done = operations.run_plan(
                plan=found,
                house=context.house,
                by=context.operator(by),
                tokens=context.tokens(),
                now=context.now,
                progress=_shown_on(bar),
            )
        _print(done)
    if done.state != RunState.DONE:
        raise DidNotHold(
            f"Run {done.pk} is incomplete.",
            way_out=f"See what did not hold above; run it again to go on: fadeout run {plan}",
        )


def status(
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The latest if left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell where a run stands: struck, left, requalified, kept."""
    with opened_house():
        found = queries.latest() if run is None else queries.by_number(run)
        if found is None:
            if json:
                show.as_json({"run": None})
            else:
                show.results.print("Nothing was run yet.")
        elif json:
            show.as_json(_as_json(found))
        else:
            _print(found)


@contextmanager
def _interruptible(plan: int) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        show.errors.print(
            "Interrupted. What is struck stays struck, nothing is half done. "
            f"Go on with: fadeout run {plan}"
        )
        raise


def _confirm(plan: int, expected: int, yes: int | None) -> None:
    typed = show.confirmed_number(
        f"Plan {plan} strikes {expected:,} contacts for good. Type that number:",
        yes,
        f"Give it with --yes N; N counts all deletions and anonymisations of plan {plan}.",
    )
    if typed != expected:
        raise BadInput(
            f"{typed} is not the number of contacts in plan {plan}. Nothing was changed.",
            way_out="N counts all deletions and anonymisations of the plan, also when going on.",
        )


def _shown_on(bar: Bar) -> operations.Shown:
    tasks: dict[str, int] = {}

    def shown(progress: Progress) -> None:
        total = progress.total or None
        if progress.stage not in tasks:
            tasks[progress.stage] = bar.add_task(progress.stage, total=total)
        bar.update(tasks[progress.stage], completed=progress.done, total=total)  # type: ignore[arg-type]

    return shown


def _as_json(run: Run) -> dict[str, object]:
    standing = queries.standing(run)
    return {
        "run": run.pk,
        "plan": run.plan_id,
        "state": standing.state,
        "struck": standing.struck,
        "left": standing.left,
        "deleted": standing.deleted,
        "anonymised": standing.anonymised,
        "requalified": standing.requalified,
        "kept": standing.kept,
        "removed": run.removed,
        "audits": run.audits,
    }


def _print(run: Run) -> None:
    standing = queries.standing(run)
    show.results.print(f"[bold]Run {run.pk}[/] of plan {run.plan_id}: {standing.state}.")
    show.results.print(
        show.counts(
            "what became of them",
            {
                "deleted": standing.deleted,
                "anonymised": standing.anonymised,
                "left to strike": standing.left,
                "requalified (kept after all)": standing.requalified,
                "kept by the plan": standing.kept,
            },
        )
    )
    if run.removed:
        print_removals(run.removed)
    _print_audits(run)


def _print_audits(run: Run) -> None:
    if run.audits is None:
        return
    findings = {audit: count for audit, count in run.audits.items() if count}
    if not findings:
        show.results.print(f"{len(run.audits)} audits found nothing, as they should.")
        return
    made = show.table("audit that did not hold", "findings", numbers=["findings"])
    for audit, count in findings.items():
        made.add_row(audit, f"{count:,}")
    show.results.print(made)
