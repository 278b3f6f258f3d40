"""``fadeout renewal``: ask those who fall due to stay, all in one go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import typer

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Json
from fadeout.renewal import operations, queries
from fadeout.renewal.models import Renewal, Step
from fadeout.renewal.operations import DEFAULT_MONTHS, DEFAULT_WITHIN, MOST_MONTHS

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Ask those who fall due to stay, all in one go.",
)
Id = Annotated[UUID, typer.Argument(metavar="ID", help="As `fadeout renewal list` shows it.")]

_SHOWN = (
    "id", "name", "destination", "months", "within", "cutoff", "link", "plan", "target", "campaign",
    "later_plan",
)  # fmt: skip
_OF_LETTERS = ("audience", "sent", "failed", "bounced", "in_doubt", "waiting", "unsubscribed")


def register(parent: typer.Typer) -> None:
    for name, command in (
        ("start", start), ("go-on", go_on), ("compare", compare), ("list", list_), ("show", show_),
    ):  # fmt: skip
        app.command(name)(command)
    parent.add_typer(app, name="renewal")


def start(
    name: Annotated[str, typer.Argument(help="What it, its link, target and campaign are called.")],
    page: Annotated[
        str | None,
        typer.Option("--page", metavar="URL", help="A page of your own; else Fadeout's own page."),
    ] = None,
    within: Annotated[
        int,
        typer.Option("--within", min=1, max=MOST_MONTHS, help="Ask who falls due within N months."),
    ] = DEFAULT_WITHIN,
    months: Annotated[
        int,
        typer.Option("--months", min=1, max=MOST_MONTHS, help="The period of its simulation."),
    ] = DEFAULT_MONTHS,
    by: By = None,
    json: Json = False,
) -> None:
    """Make a tracked link, a simulation, a target and the draft of a letter; nothing is sent."""
    with opened_house() as context:
        operator = context.operator(by)
        begun = operations.start(
            name=name, page_url=page, months=months, within=within, by=operator, now=context.now
        )
        made = operations.go_on(
            begun, house=context.house, by=operator, now=context.now,
            made=lambda step: None if json else _said(step),
        )  # fmt: skip
        told = _told(made)
    _print(told, json=json)


def go_on(renewal: Id, by: By = None, json: Json = False) -> None:
    """Take up a renewal that was broken off."""
    with opened_house() as context:
        made = operations.go_on(
            queries.by_public_id(renewal), house=context.house, by=context.operator(by),
            now=context.now, made=lambda step: None if json else _said(step),
        )  # fmt: skip
        told = _told(made)
    _print(told, json=json)


def compare(renewal: Id, by: By = None, json: Json = False) -> None:
    """Simulate once more by the same period, and tell what is different."""
    with opened_house() as context:
        found = queries.by_public_id(renewal)
        operations.compare(found, house=context.house, by=context.operator(by), now=context.now)
        told = _told(queries.by_public_id(renewal))
    _print(told, json=json)


def list_(json: Json = False) -> None:
    """All renewals, the newest first."""
    with opened_house():
        rows = [(renewal, queries.figures(renewal)) for renewal in queries.all_renewals()]
    if json:
        show.as_json({"renewals": [_named(r) | (f.as_dict() if f else {}) for r, f in rows]})
        return
    figures = ("due", "renewed", "still due", "forgotten")
    table = show.table("id", "name", *figures, numbers=list(figures))
    table.columns[0].no_wrap = True  # it is copied from here
    for renewal, found in rows:
        counts = (
            (found.due, found.renewed, found.still_due, found.forgotten) if found else ("-",) * 4
        )
        table.add_row(
            str(renewal.public_id), show.plain(renewal.name),
            *(f"{count:,}" if isinstance(count, int) else count for count in counts),
        )  # fmt: skip
    show.results.print(table)


def show_(renewal: Id, json: Json = False) -> None:
    """What was made, and what came of it."""
    with opened_house():
        told = _told(queries.by_public_id(renewal))
    _print(told, json=json)


def _said(step: Step) -> None:
    show.results.print(f"{step.capitalize()} made.")


def _named(renewal: Renewal) -> dict[str, Any]:
    return {
        "id": renewal.public_id,
        "name": renewal.name,
        "next_step": renewal.next_step,
    }


def _told(renewal: Renewal) -> dict[str, Any]:
    figures, compared = queries.figures(renewal), queries.compared(renewal)
    return _named(renewal) | {
        "destination": renewal.destination,
        "months": renewal.months,
        "within": renewal.within,
        "cutoff": renewal.cutoff,
        "link": renewal.link.code if renewal.link else None,
        "plan": renewal.plan_id,
        "target": renewal.target.public_id if renewal.target else None,
        "campaign": renewal.campaign.public_id if renewal.campaign else None,
        "later_plan": renewal.later_plan_id,
        "figures": figures.as_dict() if figures else None,
        "compared": {"before": compared.before, "after": compared.after} if compared else None,
    }


def _print(told: dict[str, Any], *, json: bool) -> None:
    if json:
        show.as_json(told)
        return
    if told["next_step"]:
        show.results.print(
            f"Not made yet: the next step is the {told['next_step']}. "
            f"fadeout renewal go-on {told['id']} takes it up."
        )
    table = show.table("what", "value")
    for name in _SHOWN:
        table.add_row(name.replace("_", " "), show.plain(str(told[name] or "-")))
    for name, count in _counts(told["figures"] or {}):
        table.add_row(name.replace("_", " "), f"{count:,}")
    show.results.print(table)
    if told["compared"]:
        _print_compared(**told["compared"])


def _counts(figures: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Those of the renewal, and before them those of its letters once they began to go."""
    letters = figures.get("letters") or {}
    yield from ((f"letters {name}", letters[name]) for name in _OF_LETTERS if name in letters)
    yield from ((name, count) for name, count in figures.items() if isinstance(count, int))


def _print_compared(before: dict[str, int], after: dict[str, int]) -> None:
    numbers = ("before", "after", "difference")
    table = show.table("outcome", *numbers, numbers=numbers)
    for outcome, count in before.items():
        then = after.get(outcome, 0)
        table.add_row(outcome, f"{count:,}", f"{then:,}", f"{then - count:+,}")
    show.results.print(table)
