"""``fadeout serve``: the console."""

from __future__ import annotations

import socket
from typing import Annotated

import typer
from django.conf import settings

from fadeout.accounts import secret
from fadeout.accounts.models import User
from fadeout.cli import show
from fadeout.core import database, paths, tables
from fadeout.core.catalogue import checks
from fadeout.core.errors import BadInput
from fadeout.institution import queries as institution

Host = Annotated[str, typer.Option("--host", help="The address to listen at.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65_535, help="The port to listen at.")]
Processes = Annotated[int, typer.Option("--processes", min=1, max=64, help="How many answer.")]


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(host: Host = "127.0.0.1", port: Port = 8000, processes: Processes = 2) -> None:
    """Serve the console until Ctrl-C."""
    from fadeout.console import server  # noqa: PLC0415 - the web server, for this command alone

    checks.require()
    require_free(host, port)
    keys = paths.keys()  # the folder's default hangs on the database that was given, if any
    with database.opened() as url:
        _require_tables()
        institution.current()
        secret.use_lasting_key()
        if not User.objects.exists():
            show.errors.print(
                "Nobody can sign in yet: fadeout operator add makes somebody who can."
            )
        shown = settings.PUBLIC_URL or f"http://{host}:{port}"
        show.results.print(f"The console is at {shown} (Ctrl-C stops it).", markup=False)
        server.serve(url=url, keys=keys, host=host, port=port, processes=processes)
    show.results.print("The console has stopped.")


def require_free(host: str, port: int) -> None:
    """Before anything starts: the server's own error would come from several processes at once.

    Raises:
        BadInput: something listens there, or nobody may.
    """
    try:
        _listen(host, port)
    except OSError as error:
        raise BadInput(
            f"Nothing can listen at {host}, port {port}: {error.strerror}.",
            way_out="Stop what listens there, or give another --port.",
        ) from error


def is_free(host: str, port: int) -> bool:
    """Whether a server can listen there."""
    try:
        _listen(host, port)
    except OSError:
        return False
    return True


def _listen(host: str, port: int) -> None:
    with socket.create_server((host, port)):
        pass


def _require_tables() -> None:
    if not tables.are_up_to_date():
        raise BadInput(
            "The tables are those of an older Fadeout.",
            way_out="Run fadeout database migrate first.",
        )
