"""``fadeout report origin``: what must be the same before and after a run."""

from __future__ import annotations

import csv as csv_format
from pathlib import Path
from typing import Annotated

import typer

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.reports import queries


def register(app: typer.Typer) -> None:
    report = typer.Typer(no_args_is_help=True, help="Reports that a run does not change.")
    report.command("origin")(origin)
    report.callback()(lambda: None)
    app.add_typer(report, name="report")


def origin(
    csv: Annotated[Path | None, typer.Option("--csv", help="Write it as CSV.")] = None,
) -> None:
    """Show orders, tickets and amounts by year, country, town and postcode."""
    if csv:
        show.require_place(csv)
    with opened_house() as context:
        rows = queries.origin(time_zone=context.house.time_zone)
    if csv:
        with show.new_file(csv) as draft, draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv_format.writer(file, lineterminator="\n")
            writer.writerow(queries.ORIGIN_COLUMNS)
            writer.writerows(rows)
        show.results.print(f"The report is in {csv}.", markup=False)
        return
    made = show.table(*queries.ORIGIN_COLUMNS, numbers=["orders", "tickets", "amount"])
    for *names, orders, tickets, amount in rows:
        made.add_row(
            *("" if n is None else str(n) for n in names),
            f"{orders:,}",
            f"{tickets:,}",
            f"{amount:,}",
        )
    show.results.print(made)
