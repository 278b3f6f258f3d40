"""``fadeout worker``."""

from __future__ import annotations

import typer

from fadeout.cli.context import opened_house
from fadeout.core import logs
from fadeout.worker import service


def register(app: typer.Typer) -> None:
    app.command("worker")(worker)


def worker() -> None:
    """Do what was asked for in the console, and what is due by itself; until Ctrl-C.

    Logs as JSON on standard error. A run under way is paused after the chunk at hand, and goes on by
    itself when a worker is back. Pressed again, Ctrl-C ends at once.
    """
    with opened_house():
        logs.begin()
        service.work()
