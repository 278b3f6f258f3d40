"""SQL lives in files: one statement each, its purpose on the first line.

``load("recency", "decide")`` reads ``fadeout/recency/sql/decide.sql``. Parameters are named,
``%(cutoff)s``; a literal per cent sign is therefore written twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.db import connection


@cache
def load(room: str, name: str) -> str:
    """The text of one SQL file of a room.

    Raises:
        FileNotFoundError: the room has no such file.
    """
    path = resources.files("fadeout").joinpath(*room.split("."), "sql", f"{name}.sql")
    return path.read_text(encoding="utf-8")


def rows(statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run a statement and fetch all that it returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def execute(statement: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Run a statement and say how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
