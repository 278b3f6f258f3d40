"""``fadeout demo``: an invented house, imported and simulated; ``fadeout invent`` writes it alone."""

from __future__ import annotations

import getpass
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.plans import print_plan
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import clock, database, tables
from fadeout.demo import house as demo_house
from fadeout.institution import operations, queries
from fadeout.plans import operations as plans
from fadeout.plans.models import Plan
from fadeout.plans.queries import struck_by

NAME, TIME_ZONE, CURRENCY = "Theatre of the Invented Coast", "Europe/Berlin", "EUR"
CONTACTS = 20_000

Contacts = Annotated[int, typer.Option("--contacts", min=1, help="How many contacts.")]


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
    app.command("invent")(invent)


def invent(
    path: Annotated[Path, typer.Argument(help="A folder; it is made if it is not there.")],
    contacts: Contacts = CONTACTS,
) -> None:
    """Write an invented house as a folder in the exchange format."""
    with show.errors.status("Inventing …"):
        rows = demo_house.invent(
            path, contacts=contacts, today=clock.local_day(clock.now(), TIME_ZONE)
        )
    show.results.print(f"{sum(rows.values()):,} rows are in {path}.", markup=False)


def demo(contacts: Contacts = CONTACTS) -> None:
    """Invent a house, import it and simulate, to look around in."""
    with database.opened():
        tables.migrate(verbosity=0)
        operations.found(name=NAME, time_zone=TIME_ZONE, currency=CURRENCY, now=clock.now())
    with opened_house() as context, tempfile.TemporaryDirectory() as folder:
        with show.errors.status("Inventing a house …"):
            demo_house.invent(Path(folder), contacts=contacts, today=context.today)
        with show.errors.status("Importing it …"):
            import_exchange(path=Path(folder), now=context.now, erased=context.tokens())
        with show.errors.status("Simulating 36 months …"):
            plan = plans.simulate(
                house=context.house,
                policy=queries.policy_in_force(),
                by=context.operator(None),
                as_of=context.today,
                months=36,
                now=context.now,
            )
    show.results.print(f"[bold]{NAME}[/], invented from the first to the last contact.\n")
    print_plan(plan)
    _print_ways_on(plan)


def _print_ways_on(plan: Plan) -> None:
    struck = struck_by(plan)
    run = f"fadeout run {plan.pk} --yes {struck}"
    # A first run strikes years at once, more than the brakes let pass without a word.
    override = f'{run} --override "the first run" --by {getpass.getuser()}'
    show.results.print("Go on from here, in a shell with the demo's folders:\n", markup=False)
    for line in (
        "export FADEOUT_HOME=$PWD/var/demo/home FADEOUT_KEYS=$PWD/var/demo/keys",
        "export PATH=$PWD/.venv/bin:$PATH",
        "fadeout simulate --csv list.csv --xlsx list.xlsx   # whom, and why not",
        "fadeout recency CONTACT_NUMBER                     # one contact, explained",
        f"fadeout approve {plan.pk} --yes {struck}",
        "fadeout vault identity support.age > support.pub   # in earnest: on support's own machine",
        'fadeout vault init --recipient "$(cat support.pub)"',
        f"{override}   # cannot be undone",
        "fadeout status",
        "fadeout certificate 1 --html certificate.html",
    ):
        show.results.print(f"  {line}", markup=False)
