"""``fadeout residue``: what a run found of struck contacts in texts about others."""

from __future__ import annotations

import csv as csv_format
from pathlib import Path
from typing import Annotated

import typer

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Json
from fadeout.cli.runs import RunNumber
from fadeout.core.errors import BadInput
from fadeout.residue import findings, queries
from fadeout.residue.queries import Left
from fadeout.runs import queries as runs
from fadeout.runs.models import RunState

SHOWN = 100
IN_WORDS = {
    "redacted": "taken out",
    "listed": "to be judged",
    "shared": "left: somebody else has it",
}


def register(app: typer.Typer) -> None:
    app.command("residue")(residue)


def residue(
    run: RunNumber,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the texts to be judged as CSV.")
    ] = None,
    judged: Annotated[
        bool,
        typer.Option("--judged", help="Somebody judged them: keep the counts, forget which texts."),
    ] = False,
    by: By = None,
    json: Json = False,
) -> None:
    """Show what a run found of struck contacts in texts about others, and which texts a person must judge."""
    if csv:
        show.require_place(csv)
    with opened_house() as context:
        found = runs.by_number(run)
        if judged and found.state not in (RunState.DONE, RunState.CANCELLED):
            raise BadInput(
                f"Run {run} has not ended: what it lists may still change.",
                way_out=f"Judge it when the run is done (fadeout status {run}).",
            )
        if csv:
            _write(csv, run)
        if json:
            _as_json(run)
        else:
            _print(run)
        if judged:
            forgotten = findings.forget_rows(run, by=context.operator(by), now=context.now)
            show.errors.print(f"{forgotten:,} texts are judged; only counts are kept.")
    if csv and not json:
        show.results.print(f"The texts to be judged are in {csv}.", markup=False)


def _write(path: Path, run: int) -> None:
    with show.new_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv_format.writer(file, lineterminator="\n")
        writer.writerow(Left._fields)
        writer.writerows(queries.to_judge(run))


def _as_json(run: int) -> None:
    show.as_json(
        {
            "run": run,
            "totals": [total._asdict() for total in queries.totals(run)],
            "to_judge": [left._asdict() for left in queries.to_judge(run)],
        }
    )


def _print(run: int) -> None:
    totals = queries.totals(run)
    if not totals:
        show.results.print(f"Run {run} found nothing in texts about others.")
        return
    made = show.table(
        "column", "kind", "what was done", "found", "texts", numbers=["found", "texts"]
    )
    for total in totals:
        column = f"{total.table}.{total.column}"
        made.add_row(
            column, total.kind, IN_WORDS[total.done], f"{total.found:,}", f"{total.texts:,}"
        )
    show.results.print(made)
    _print_list(run)


def _print_list(run: int) -> None:
    made = show.table("text", "row", "of", "kind", "why it was left", numbers=["row"])
    left = 0
    for left, one in enumerate(queries.to_judge(run), start=1):
        if left <= SHOWN:
            made.add_row(
                f"{one.table}.{one.column}", one.row, one.key, one.kind, IN_WORDS[one.done]
            )
    if left:
        show.results.print(made)
    if left > SHOWN:
        show.results.print(f"{left - SHOWN:,} more; all of them: fadeout residue {run} --csv FILE")
