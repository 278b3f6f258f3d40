"""``fadeout batch``: what simulates by itself at set times."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from fadeout.accounts import queries as accounts
from fadeout.batches import operations, queries
from fadeout.batches.models import Batch
from fadeout.cli import show
from fadeout.cli.context import Context, opened_house
from fadeout.cli.options import By, Json, Months, chosen_months

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What simulates by itself, at set times."
)


def register(parent: typer.Typer) -> None:
    app.command("add")(add)
    app.command("list")(list_)
    app.command("delete")(delete)
    parent.add_typer(app, name="batch")


def add(
    schedule: Annotated[
        str,
        typer.Argument(metavar="SCHEDULE", help='Five fields as in cron: "0 3 1 * *".'),
    ],
    tell: Annotated[
        list[str],
        typer.Option("--tell", metavar="EMAIL", help="Who is told how it ended; may be repeated."),
    ],
    months: Months = None,
    by: By = None,
) -> None:
    """Set up a batch that simulates; in the console, an administrator can let it run for real."""
    with opened_house() as context:
        made = operations.create(
            schedule=schedule,
            told=[accounts.by_email(email).operator for email in tell],
            months=chosen_months(months),
            by=context.operator(by),
            now=context.now,
        )
        times = _next(made, context)
    show.results.print(f"Batch {made.public_id}: {queries.in_words(made.schedule, 'en')}")
    show.results.print(f"It simulates. Next: {', '.join(times)} ({context.house.time_zone})")


def list_(json: Json = False) -> None:
    """Tell what is done by itself, and when next."""
    with opened_house() as context:
        found = [(batch, _next(batch, context)) for batch in queries.all_batches()]
    if json:
        show.as_json({"batches": [
            {
                "id": b.public_id, "schedule": b.schedule, "months": b.months, "mode": b.mode,
                "enabled": b.enabled, "next": times,
            }
            for b, times in found
        ]})  # fmt: skip
        return
    made = show.table("id", "when", "months", "mode", "next", numbers=["months"])
    for batch, times in found:
        made.add_row(
            str(batch.public_id), queries.in_words(batch.schedule, "en"), str(batch.months),
            batch.mode if batch.enabled else "off", times[0] if times else "",
        )  # fmt: skip
    show.results.print(made)


def delete(
    batch: Annotated[UUID, typer.Argument(metavar="ID", help="As `fadeout batch list` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    by: By = None,
) -> None:
    """Delete a batch; the plans and runs that it made stay."""
    with opened_house() as context:
        found = operations.by_public_id(batch)
        words = queries.in_words(found.schedule, "en")
        show.require_yes(f"Nothing happens by itself then any more: {words}. Go on?", given=yes)
        operations.delete(found, by=context.operator(by), now=context.now)
    show.results.print("The batch is deleted. What it simulated and ran stays.")


def _next(batch: Batch, context: Context) -> list[str]:
    if not batch.enabled:
        return []
    times = queries.next_times(batch.schedule, context.house.time_zone, n=3, after=context.now)
    return [f"{at:%Y-%m-%d %H:%M}" for at in times]
