"""The ``fadeout`` command. Exit codes: 0 done, 1 did not hold, 2 bad input, 130 interrupted."""

from __future__ import annotations

import os
import sys

import django
import typer

from fadeout.core.errors import INTERRUPTED, FadeoutError

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
django.setup()

from fadeout.cli import exchange, house  # noqa: E402 - they need Django's models
from fadeout.cli.show import errors  # noqa: E402

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The personal-data life cycle of a ticketing house.",
)
for room in (house, exchange):
    room.register(app)


def main() -> None:
    """Run the command and leave with its exit code; people never see a traceback for bad input."""
    try:
        app(standalone_mode=True)
    except FadeoutError as error:
        errors.print(f"[bold red]Error:[/] {error.message}", highlight=False)
        if error.way_out:
            errors.print(error.way_out, highlight=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        errors.print("Interrupted.")
        sys.exit(INTERRUPTED)
