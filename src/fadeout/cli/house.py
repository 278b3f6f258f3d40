"""``fadeout init``, ``fadeout policy``, ``fadeout datamap``, ``fadeout check``."""

from __future__ import annotations

from typing import Annotated

import typer
from django.core.checks import run_checks

from fadeout.cli import datamap, show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Json
from fadeout.cli.show import errors, results
from fadeout.core import clock, database, tables
from fadeout.core.errors import DidNotHold
from fadeout.institution import operations, queries
from fadeout.institution.models import PolicyVersion

Name = Annotated[str, typer.Option("--name", help="The name of the house.")]
TimeZone = Annotated[str, typer.Option("--time-zone", help="An IANA name, such as Europe/Zurich.")]
Currency = Annotated[str, typer.Option("--currency", help="ISO 4217, such as CHF.")]


def register(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("policy")(policy)
    app.command("check")(check)
    app.command("datamap")(datamap.datamap)


def init(name: Name, time_zone: TimeZone, currency: Currency) -> None:
    """Set up the house: make the tables, remember name, time zone and currency."""
    with database.opened():
        tables.migrate(verbosity=0)
        house = operations.found(name=name, time_zone=time_zone, currency=currency, now=clock.now())
        results.print(
            f"{house.name} is set up ({house.time_zone}, {house.currency}).", markup=False
        )


def policy(
    months: Annotated[int | None, typer.Option("--months", help="Period of inactivity.")] = None,
    largest_share: Annotated[
        int | None,
        typer.Option("--largest-share", metavar="PERCENT", help="Of all contacts, in one run."),
    ] = None,
    largest_growth: Annotated[
        int | None,
        typer.Option("--largest-growth", metavar="TIMES", help="What the last run struck."),
    ] = None,
    plan_days: Annotated[
        int | None, typer.Option("--plan-days", help="How long a plan stays good.")
    ] = None,
    two_people: Annotated[
        bool | None,
        typer.Option(
            "--two-people/--one-person", help="Whether somebody else than its author approves."
        ),
    ] = None,
    backup_months: Annotated[
        int | None,
        typer.Option("--backup-months", help="How long backups live; so long tokens are kept."),
    ] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Show the policy, or change it: a new version, under which plans have to be made anew."""
    given = {
        "months": months,
        "largest_share": largest_share,
        "largest_growth": largest_growth,
        "plan_days": plan_days,
        "two_people": two_people,
        "backup_months": backup_months,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    with opened_house() as context:
        if changes:
            version = operations.change_policy(
                changes=changes, by=context.operator(by), now=context.now
            )
        else:
            version = queries.policy_in_force()
    if json:
        show.as_json({"version": version.number} | {n: getattr(version, n) for n in given})
    else:
        _print_policy(version)


def _print_policy(version: PolicyVersion) -> None:
    made = show.table(f"policy, version {version.number}", "")
    made.add_row("inactive after", f"{version.months} months")
    made.add_row("a run strikes at most", f"{version.largest_share} % of all contacts")
    made.add_row("and at most", f"{version.largest_growth} times the last run")
    made.add_row("a plan stays good for", f"{version.plan_days} days")
    made.add_row(
        "approved by",
        "somebody else than its author" if version.two_people else "one person, also its author",
    )
    made.add_row("backups live for", f"{version.backup_months} months")
    show.results.print(made)


def check() -> None:
    """Check that every column is classified in the personal-data catalogue."""
    found = run_checks()
    for message in found:
        errors.print(str(message), markup=False)
    if found:
        raise DidNotHold(f"The check did not hold: {len(found)} findings.")
    results.print("Every column is classified.")
