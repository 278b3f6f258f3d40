"""What a command says when the database fails it: never the database's own text, which quotes rows."""

from __future__ import annotations

import psycopg
from django.db import Error

#: Shut down by an administrator, after a crash, or not up yet.
CONNECTION_STATES = ("57P01", "57P02", "57P03")
DISK_FULL = "53100"

LOST = "The connection to the database was lost."
FULL = "The disk of the database is full."
WAYS_OUT = {
    LOST: "What was not committed is undone. Give the same command again to go on.",
    FULL: "What was not committed is undone. Make room, then give the same command again to go on.",
}


def said_of(error: Error | psycopg.Error) -> str:
    """What went wrong, and the way out."""
    what = what_failed(error)
    return f"{what} {WAYS_OUT.get(what, 'Nothing half done stays.')}"


def what_failed(error: Error | psycopg.Error) -> str:
    """One sentence about an error of the database: by its code and its constraint alone."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(cause, psycopg.Error):
        return f"The database refused ({type(error).__name__})."
    if _is_lost_connection(cause):
        return LOST
    if cause.sqlstate == DISK_FULL:
        return FULL
    named = cause.diag.constraint_name
    code = f"SQLSTATE {cause.sqlstate or 'unknown'}" + (f", constraint {named}" if named else "")
    return f"The database refused ({code})."


def _is_lost_connection(cause: psycopg.Error) -> bool:
    """Whether the server, or the way to it, is gone; a lost connection often has no code at all."""
    if cause.sqlstate is None:
        return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    return cause.sqlstate.startswith("08") or cause.sqlstate in CONNECTION_STATES
