"""The ``fadeout`` command. Exit codes: 0 done, 1 did not hold, 2 bad input, 130 interrupted."""

from __future__ import annotations

import os
import sys

import django
import psycopg
import typer
from django.db import Error

from fadeout.core.errors import BAD_INPUT, DID_NOT_HOLD, DONE, INTERRUPTED, FadeoutError

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
try:
    django.setup()
except FadeoutError as wrong_setting:  # before there is anything that shows errors
    sys.stderr.write(f"Error: {wrong_setting}\n")
    sys.exit(wrong_setting.exit_code)

from fadeout.cli import (
    batches,
    campaigns,
    certificates,
    contacts,
    database,
    demo,
    exchange,
    forget,
    house,
    ledger,
    links,
    operators,
    plans,
    renewal,
    replay,
    reports,
    residue,
    runs,
    serve,
    targets,
    vault,
    worker,
)
from fadeout.cli.failures import said_of
from fadeout.cli.show import errors

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The personal-data life cycle of a ticketing house.",
)
for room in (
    house, exchange, contacts, plans, runs, forget, replay, residue, vault, certificates, ledger,
    reports, database, demo, operators, batches, links, targets, campaigns, renewal,
    serve, worker,
):  # fmt: skip
    room.register(app)


def main() -> None:
    """Run the command and leave with its exit code; bad input never shows a traceback."""
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code = app(standalone_mode=False)
    except FadeoutError as error:
        errors.print("[bold red]Error:[/] ", end="")
        errors.print(str(error), markup=False)
        code = error.exit_code
    except typer.TyperException as error:
        _show_usage(error)
        code = BAD_INPUT
    except (Error, psycopg.Error) as error:
        errors.print(f"Error: {said_of(error)}", markup=False)
        code = DID_NOT_HOLD
    except UnicodeEncodeError as error:
        code = _show_unwritable(error)
    except OSError as error:
        errors.print(f"Error: {error.strerror or 'input or output failed'}.", markup=False)
        code = DID_NOT_HOLD
    except (KeyboardInterrupt, typer.Abort):
        errors.print("Interrupted.")
        code = INTERRUPTED
    return code if isinstance(code, int) else DONE


def _show_unwritable(error: UnicodeEncodeError) -> int:
    """Of what somebody typed, nothing was done; of a result, perhaps all was done."""
    if any(error.object in argument for argument in sys.argv[1:]):
        errors.print("Error: A value that was given is no text in UTF-8. Nothing was changed.")
        return BAD_INPUT
    errors.print(
        f"Error: A text cannot be shown in {error.encoding}. What was done before stands.\n"
        "Set PYTHONIOENCODING=utf-8; fadeout status tells of a run.",
        markup=False,
    )
    return DID_NOT_HOLD


def _show_usage(error: typer.TyperException) -> None:
    # Typer carries Click inside itself: the class that can show itself has no public name.
    show = getattr(error, "show", None)
    if show is None:
        errors.print(f"Error: {error.format_message()}", markup=False)
    else:
        show()
