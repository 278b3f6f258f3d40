"""``fadeout demo``: an invented house to walk through; ``fadeout invent`` writes one as files alone."""

from __future__ import annotations

import getpass
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from fadeout.cli import serve, show, together
from fadeout.cli.context import Context, opened_house
from fadeout.cli.plans import print_plan
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.contacts.models import Contact
from fadeout.core import clock, database, paths, tables
from fadeout.core.errors import BadInput
from fadeout.core.postgres.folders import make_private
from fadeout.core.postgres.locks import Lock
from fadeout.demo import house as demo_house
from fadeout.demo import staff
from fadeout.institution import operations, queries
from fadeout.plans import operations as plans
from fadeout.plans.models import Plan
from fadeout.plans.queries import latest_by_rule, struck_by
from fadeout.vault import keyring
from fadeout.vault import operations as vault

NAME, TIME_ZONE, CURRENCY = "Theatre of the Invented Coast", "Europe/Berlin", "EUR"
CONTACTS = 20_000
HOST = "127.0.0.1"  # never for others: its passwords stand on a screen
PORTS = range(8000, 8100)

Contacts = Annotated[int, typer.Option("--contacts", min=1, help="How many contacts.")]
Serves = Annotated[
    bool, typer.Option("--serve/--no-serve", help="Whether console and worker run, until Ctrl-C.")
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65_535, help="The console's; a free one from 8000 on if left out."),
]  # fmt: skip


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


def demo(contacts: Contacts = CONTACTS, port: Port = None, serves: Serves = True) -> None:
    """Invent a house, import it, simulate, and run its console and worker, to look around in.

    The console answers this machine alone. A house that is there already is kept as it is.
    """
    with _alone() as folder:
        if serves:
            port = _free_port(port)
        with database.opened():
            tables.migrate(verbosity=0)
            operations.found(name=NAME, time_zone=TIME_ZONE, currency=CURRENCY, now=clock.now())
        with opened_house() as context:
            is_new = not Contact.objects.exists()
            if is_new:
                _bring_in(context, contacts)
            plan = _simulated(context)
            _set_up_vault(context, folder)
            _print_house(plan, is_new)
            if not serves:
                _print_commands(plan)
                return
            _print_logins(context)
            log = folder / "log"
            _print_places(folder, log)
            together.run(["serve", "--host", HOST, "--port", str(port)], ["worker"], log=log)
    show.results.print("The demo has stopped. Its house stays for the next time.")


@contextmanager
def _alone() -> Iterator[Path]:
    """The folder of what only a demo has, beside the data; held so that no two are at work at once."""
    folder = paths.home().with_name(f"{paths.home().name}-demo")
    make_private(folder)
    lock = Lock(folder / "lock")
    try:
        if not lock.take():
            raise BadInput(
                "A demo runs already, and its logins would end.",
                way_out="Use the one that runs, or stop it first with Ctrl-C.",
            )
        yield folder
    finally:
        lock.close()


def _free_port(wanted: int | None) -> int:
    """The port that was asked for, or the first that is free."""
    if wanted is not None:
        serve.require_free(HOST, wanted)
        return wanted
    for port in PORTS:
        if serve.is_free(HOST, port):
            return port
    raise BadInput(
        f"No port from {PORTS.start} to {PORTS.stop - 1} is free.",
        way_out="Give one: --port NUMBER.",
    )


def _bring_in(context: Context, contacts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with show.errors.status("Inventing a house …"):
            demo_house.invent(Path(folder), contacts=contacts, today=context.today)
        with show.errors.status("Importing it …"):
            import_exchange(path=Path(folder), now=context.now, erased=context.tokens())


def _simulated(context: Context) -> Plan:
    """The plan of today: made once a day, since nothing else has changed."""
    plan = latest_by_rule()
    if plan is not None and plan.as_of == context.today:
        return plan
    with show.errors.status("Simulating 36 months …"):
        return plans.simulate(
            house=context.house,
            policy=queries.policy_in_force(),
            by=context.operator(None),
            as_of=context.today,
            months=36,
            now=context.now,
        )


def _set_up_vault(context: Context, folder: Path) -> None:
    """With a key pair of its own, so that runs can be started; unless somebody set it up."""
    keys = context.keyring()
    if keys.recipient() is not None:
        return
    private, public = keyring.new_identity()
    file = folder / "support.age"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(f"# public key: {public}\n{private}\n")
    vault.set_up(keys, recipient=public, replace=False, by=context.operator(None), now=context.now)


def _print_house(plan: Plan, is_new: bool) -> None:
    if is_new:
        show.results.print(f"[bold]{NAME}[/], invented from the first to the last contact.\n")
    else:
        show.results.print(f"[bold]{NAME}[/] is as it was left.")
        show.results.print(
            f"For a new one, remove {paths.home()} and {paths.keys()}.\n", markup=False
        )
    print_plan(plan)


def _print_logins(context: Context) -> None:
    made = show.table("sign in as", "address", "password")
    for login in staff.let_in(by=context.operator(None), now=context.now):
        made.add_row(login.role, login.email, login.password)
    show.results.print(made)
    show.results.print("The passwords are new each time, and kept nowhere.")


def _print_places(folder: Path, log: Path) -> None:
    private = folder / "support.age"
    if private.exists():
        show.results.print(
            f"Support's private key, on a machine of support's own in earnest: {private}",
            markup=False,
        )
    show.results.print(f"What console and worker log: {log}\n", markup=False)


def _print_commands(plan: Plan) -> None:
    struck = struck_by(plan)
    run = f"fadeout run {plan.pk} --yes {struck}"
    # A first run strikes years at once, more than the brakes let pass without a word.
    override = f'{run} --override "the first run" --by {getpass.getuser()}'
    show.results.print("Go on from here, in a shell with the demo's folders:\n", markup=False)
    for line in (
        f"export FADEOUT_HOME={paths.home()} FADEOUT_KEYS={paths.keys()}",
        "fadeout simulate --csv list.csv --xlsx list.xlsx   # whom, and why not",
        "fadeout recency CONTACT_NUMBER                     # one contact, explained",
        f"fadeout approve {plan.pk} --yes {struck}",
        f"{override}   # cannot be undone",
        "fadeout status",
        "fadeout certificate 1 --html certificate.html",
    ):
        show.results.print(f"  {line}", markup=False)
