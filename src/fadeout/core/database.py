"""Opens the database for a command: the embedded PostgreSQL, or the one of ``FADEOUT_DATABASE_URL``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fadeout.core import paths
from fadeout.core.errors import BadInput

OLDEST_MAJOR_VERSION = 15


@contextmanager
def opened() -> Iterator[str]:
    """Hold the database open and point Django at it; yields the connection URL.

    Raises:
        BadInput: the URL is wrong, the server does not answer, or it is older than PostgreSQL 15.
    """
    url = paths.external_database_url()
    if url is None:
        from fadeout.core.postgres.embedded import serving  # noqa: PLC0415 - only when it is used

        with serving(paths.home()) as embedded_url, connected(embedded_url):
            yield embedded_url
    else:
        with connected(url):
            yield url


@contextmanager
def connected(url: str) -> Iterator[None]:
    """Point Django's only connection at a database, and close it in the end."""
    _check(url)
    configure(url)
    try:
        yield
    finally:
        connections.close_all()


def conninfo() -> str:
    """Where Django's connection leads, for connections beside it."""
    known = connection.settings_dict
    named = {"dbname": known["NAME"], "user": known["USER"], "password": known["PASSWORD"]}
    placed = {"host": known["HOST"], "port": known["PORT"]}
    given = {name: value for name, value in (named | placed).items() if value}
    return make_conninfo(**known["OPTIONS"] | given)


def configure(url: str) -> None:
    """Make Django use this database from now on (an open connection is closed)."""
    connection.close()
    parameters = conninfo_to_dict(url)
    known: dict[str, Any] = {
        "NAME": parameters.pop("dbname", "fadeout"),
        "USER": parameters.pop("user", ""),
        "PASSWORD": parameters.pop("password", ""),
        "HOST": parameters.pop("host", ""),
        "PORT": parameters.pop("port", ""),
        "OPTIONS": {**parameters, "application_name": "fadeout"},
    }
    for place in (settings.DATABASES["default"], connection.settings_dict):
        place.update(known)


def _check(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=10) as probe:
            version = probe.info.server_version // 10_000
    except psycopg.ProgrammingError as error:
        raise BadInput(
            "FADEOUT_DATABASE_URL is not a connection URL of PostgreSQL.",
            way_out="Write it like postgresql://user@host:5432/name.",
        ) from error
    except psycopg.OperationalError as error:
        raise BadInput(
            "The database does not answer.",
            way_out="Check FADEOUT_DATABASE_URL, and that the server runs and lets you in.",
        ) from error
    if version < OLDEST_MAJOR_VERSION:
        raise BadInput(
            f"The database is PostgreSQL {version}; Fadeout needs {OLDEST_MAJOR_VERSION} or newer."
        )
