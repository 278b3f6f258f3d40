"""Tests talk to a real PostgreSQL: the embedded one, in a folder of this session's own.

A migrated template database is made once and cloned for every test that asks for ``database``.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"

import django

django.setup()

from django.db import connections
from psycopg.conninfo import make_conninfo

from fadeout.core import tables
from fadeout.core.database import configure
from fadeout.core.postgres.embedded import serving

TEMPLATE = "fadeout_template"
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of this session's own, with a migrated template database."""
    with serving(tmp_path_factory.mktemp("server")) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        configure(make_conninfo(url, dbname=TEMPLATE))
        tables.migrate(verbosity=0)
        connections.close_all()
        yield url


@pytest.fixture
def database(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh, migrated, empty database; Django points at it, and so do commands."""
    name = f"test_{next(numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
    url = make_conninfo(server, dbname=name)
    monkeypatch.setenv("FADEOUT_DATABASE_URL", url)
    monkeypatch.setenv("FADEOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "keys"))
    configure(url)
    yield url
    connections.close_all()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


Fadeout = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def fadeout() -> Fadeout:
    """Runs the real command in a process of its own, in the environment of the test."""

    def run(
        *arguments: str | Path, stdin: str = "", environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fadeout", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, "COLUMNS": "200", **(environment or {})},
        )

    return run
