"""``fadeout database``: which database is used, how to reach it, dump it, put it back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import psycopg
import typer
from django.db import Error

from fadeout.cli.show import errors, results
from fadeout.core import paths, tables
from fadeout.core.database import opened
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.core.postgres import client, dumps
from fadeout.core.postgres.cluster import Cluster
from fadeout.institution import operations as institution
from fadeout.runs import replay

STANDARD_OUTPUT = Path("-")

database = typer.Typer(
    help="The database: where it is, psql, dump, restore.", invoke_without_command=True
)


def register(app: typer.Typer) -> None:
    """Add ``fadeout database``."""
    app.add_typer(database, name="database")


@database.callback()
def show(
    context: typer.Context,
    wait: Annotated[
        bool, typer.Option("--wait", help="Keep the embedded server up until Ctrl-C (exit code 0).")
    ] = False,
) -> None:
    """Say which database is used; the last line is its connection URL and nothing else.

    The embedded server stops when the last command that uses it ends. Whoever connects by the
    URL keeps it up with --wait, in another terminal.
    """
    if context.invoked_subcommand is not None:
        if wait:
            raise BadInput("--wait goes with `fadeout database` alone.")
        return
    with opened() as url:
        results.print(_description(url), markup=False)
        typer.echo(url)
        sys.stdout.flush()
        if wait:
            errors.print("The server stays up until Ctrl-C.")
            _until_interrupted()
        elif paths.external_database_url() is None:
            errors.print(
                "The server stops when the last command that uses it ends; "
                "`fadeout database --wait` keeps it up, `fadeout database psql` connects."
            )


@database.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
    help="Run psql on the database; all arguments and the exit code are psql's.",
)
def psql(context: typer.Context) -> None:
    """Run PostgreSQL's own client while the server is held up."""
    with opened() as url:
        code = _run_in_terminal([str(client.psql()), *context.args], client.environment(url))
    raise typer.Exit(code)


@database.command()
def dump(
    file: Annotated[Path, typer.Argument(help="Where to write; - for standard output.")],
) -> None:
    """Write the whole database to a file of plain SQL (readable by this user alone)."""
    with opened() as url:
        if file == STANDARD_OUTPUT:
            dumps.write_to_standard_output(url)
        else:
            dumps.dump(url, file)
            errors.print(f"The database is in {file}.", markup=False)


@database.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `fadeout database dump` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before replacing.")] = False,
) -> None:
    """Replace the content of the database by a dump, wholly or not at all."""
    with opened() as url:
        if not yes and sys.stdin.isatty():
            _ask_before_replacing(url)
        _settle_tokens()
        dumps.restore(url, file)
        errors.print(f"The database holds what {file} held.", markup=False)
        errors.print("The queue of the worker is empty: nothing that was queued begins by itself.")
        errors.print("Whoever was erased since is back. Now run: fadeout replay")


@database.command()
def migrate() -> None:
    """Bring the tables to the form that this version of Fadeout needs."""
    with opened():
        tables.migrate(interactive=False)


def _description(url: str) -> str:
    version = client.server_version(url)[1]
    if paths.external_database_url() is None:
        return f"Embedded PostgreSQL {version}, its data in {Cluster(paths.home()).data}"
    return f"PostgreSQL {version} of FADEOUT_DATABASE_URL: {client.masked(url)}"


def _ask_before_replacing(url: str) -> None:
    contacts = _contacts(url)
    if contacts and not typer.confirm(
        f"The database holds {contacts:,} contacts. Replace everything in it by the file?",
        err=True,
    ):
        raise DidNotHold("Nothing was changed.")


def _settle_tokens() -> None:
    """While the database still knows: what became of the last chunk of a run that crashed?"""
    try:
        tokens = institution.known_tokens(paths.keys())
    except (BadInput, Error):
        return  # no house, no tables, or not the key folder of this house: nothing to ask
    if tokens is not None:
        replay.settle_before_restore(tokens)


def _contacts(url: str) -> int:
    with psycopg.connect(url) as connection:
        there = connection.execute("SELECT to_regclass('public.contacts_contact')").fetchone()
        if there is None or there[0] is None:
            return 0
        counted = connection.execute("SELECT count(*) FROM public.contacts_contact").fetchone()
        return int(counted[0]) if counted else 0


def _run_in_terminal(command: list[str], environment: dict[str, str]) -> int:
    """Run a program that handles Ctrl-C itself; its exit code."""

    def leave_it_to_the_program(_signal: int, _frame: FrameType | None) -> None: ...

    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, leave_it_to_the_program)
    try:
        code = subprocess.run(command, env=environment, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def _until_interrupted() -> None:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        errors.print("Done.")
