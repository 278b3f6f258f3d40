"""SQL lives in files: one statement each, its purpose on the first line.

``load("recency", "decide")`` reads ``fadeout/recency/sql/decide.sql``. Parameters are named,
``%(cutoff)s``; a literal per cent sign is therefore written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import resources
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from psycopg import adapters
from psycopg.adapt import Dumper


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
        cursor.execute(statement, _bound(parameters))
        return list(cursor.fetchall())


def execute(statement: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Run a statement and say how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _bound(parameters))
        return int(cursor.rowcount)


class _Numbers(list[int]):
    """Whole numbers alone."""


class _NumbersDumper(Dumper):
    """Writes an array in one go; psycopg looks at each number, which took half the time of a chunk."""

    oid = adapters.types["int8"].array_oid

    def dump(self, obj: _Numbers) -> bytes:
        return f"{{{','.join(map(str, obj))}}}".encode()


adapters.register_dumper(_Numbers, _NumbersDumper)


def _bound(parameters: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return parameters and {name: _fast(value) for name, value in parameters.items()}


def _fast(value: Any) -> Any:
    is_numbers = isinstance(value, list) and set(map(type, value)) == {int}
    return _Numbers(value) if is_numbers else value


def plan_large_queries() -> None:
    """One large statement at a time: memory, all cores, indexes in their order, no time to compile."""
    execute(
        "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1;"
        " SET LOCAL parallel_tuple_cost = 0.001; SET LOCAL parallel_setup_cost = 100"
    )


@contextmanager
def local_days(time_zone: str) -> Iterator[None]:
    """Inside, an instant cast to a day is a day of this time zone.

    Only for statements that return no instants: Django reads those as of its own time zone.
    """
    with transaction.atomic():
        execute("SELECT set_config('TimeZone', %(zone)s, TRUE)", {"zone": time_zone})
        yield
        execute("SELECT set_config('TimeZone', %(zone)s, TRUE)", {"zone": settings.TIME_ZONE})


@contextmanager
def ended_by(undo: Callable[[], object]) -> Iterator[None]:
    """Undo something in this session when the block ends, however it ends.

    If both fail, as when the connection breaks, the error of the block is told: it came first. The session
    is gone then, and what was to be undone in it with it.
    """
    try:
        yield
    except BaseException:
        with suppress(Error):
            undo()
        raise
    undo()
