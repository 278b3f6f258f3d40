"""``fadeout init``, ``fadeout datamap``, ``fadeout check``."""

from __future__ import annotations

from typing import Annotated

import typer
from django.core.checks import run_checks
from django.core.management import call_command

from fadeout.cli import datamap
from fadeout.cli.show import errors, results
from fadeout.core import clock, database
from fadeout.core.errors import DidNotHold
from fadeout.institution import operations

Name = Annotated[str, typer.Option("--name", help="The name of the house.")]
TimeZone = Annotated[str, typer.Option("--time-zone", help="An IANA name, such as Europe/Zurich.")]
Currency = Annotated[str, typer.Option("--currency", help="ISO 4217, such as CHF.")]


def register(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("check")(check)
    app.command("datamap")(datamap.datamap)


def init(name: Name, time_zone: TimeZone, currency: Currency) -> None:
    """Set up the house: make the tables, remember name, time zone and currency."""
    with database.opened():
        call_command("migrate", verbosity=0)
        house = operations.found(name=name, time_zone=time_zone, currency=currency, now=clock.now())
        results.print(
            f"{house.name} is set up ({house.time_zone}, {house.currency}).", markup=False
        )


def check() -> None:
    """Check that every column is classified in the personal-data catalogue."""
    found = run_checks()
    for message in found:
        errors.print(str(message), markup=False)
    if found:
        raise DidNotHold(f"The check did not hold: {len(found)} findings.")
    results.print("Every column is classified.")
