"""PostgreSQL's own client programs, for the embedded server and for any other.

What could go wrong: a password shows in the list of processes (so everything goes through the
environment); the caller's ``PGHOSTADDR`` or ``PGSERVICE`` leads the embedded server's client
astray (so they are taken out); ``pg_dump`` refuses a server newer than itself, and the wheel's
speaks no TLS (so another server gets the programs of the ``PATH`` when they are new enough).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from fadeout.core import paths
from fadeout.core.errors import BadInput
from fadeout.core.postgres import binaries

_VARIABLES = {
    option.keyword.decode(): option.envvar.decode()
    for option in pq.Conninfo.get_defaults()
    if option.envvar
}


def psql() -> Path:
    """The psql to use."""
    own = shutil.which("psql") if paths.external_database_url() else None
    return Path(own) if own else binaries.program("psql")


def pg_dump(url: str) -> Path:
    """A pg_dump that is not older than the server.

    Raises:
        BadInput: there is none.
    """
    server = server_version(url)[0]
    for candidate in _dumpers():
        if _not_older(candidate, server):
            return candidate
    raise BadInput(
        f"The database is PostgreSQL {server}, and no pg_dump at hand is as new as that.",
        way_out=f"Install the client programs of PostgreSQL {server} into the PATH.",
    )


def server_version(url: str) -> tuple[int, str]:
    """The major version of the server, and the version as it calls itself."""
    with psycopg.connect(url) as connection:
        named = connection.info.parameter_status("server_version") or ""
        return connection.info.server_version // 10_000, named.split(" ")[0]


def environment(url: str) -> dict[str, str]:
    """The environment in which a client program finds this database by itself."""
    kept = dict(os.environ)
    if paths.external_database_url() is None:
        for variable in _VARIABLES.values():
            kept.pop(variable, None)
    given = conninfo_to_dict(url)
    named = {_VARIABLES[key]: str(value) for key, value in given.items() if key in _VARIABLES}
    return {**kept, "PGAPPNAME": "fadeout", **named}


def masked(url: str) -> str:
    """What a connection URL says, without its secrets."""
    secret = {"password", "sslpassword", "oauth_client_secret", "scram_client_key"}
    given = conninfo_to_dict(url)
    return " ".join(f"{key}={'***' if key in secret else value}" for key, value in given.items())


def _dumpers() -> list[Path]:
    own = shutil.which("pg_dump") if paths.external_database_url() else None
    return [*([Path(own)] if own else []), binaries.program("pg_dump")]


def _not_older(candidate: Path, server: int) -> bool:
    try:
        return binaries.major_version(candidate) >= server
    except (subprocess.CalledProcessError, OSError, BadInput):
        return False
