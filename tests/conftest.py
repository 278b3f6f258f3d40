"""Tests talk to a real PostgreSQL: the embedded one, in a folder of this process's own.

A migrated template database is made once and cloned for every test that asks for ``database``.
What makes the whole suite fast, and how tests stay apart, is told in docs/explanation/tests.md.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import places

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
for size_of_terminal in ("COLUMNS", "LINES"):  # readline sets them in processes of pytest-xdist
    os.environ.pop(size_of_terminal, None)
places.take_the_fastest()

import django

django.setup()

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections
from django.utils import translation
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fadeout.core import tables
from fadeout.core.database import configure
from fadeout.core.postgres.cluster import Cluster, prepare
from fadeout.core.postgres.embedded import serving
from fadeout.public import clicking
from tests import forked
from tests.mail_server import box  # noqa: F401 - a fixture

#: The server that tests share is thrown away with them, and no test of it lets the machine die: what waits
#: for disks and what is sized for a large house only costs time. A commit is still in the journal when it
#: is told. Tests of crashes of the server have servers of their own, as Fadeout makes them.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
}
TEMPLATE = "fadeout_template"
#: Files that take longest. One that is missing here, or grew faster, costs a little time and nothing else.
LONGEST = (
    "runs/test_faults.py",
    "tests/test_rules_agree.py",
    "runs/test_crashes.py",
    "runs/test_pause_and_cancel.py",
    "runs/test_hard_cases.py",
    "browser/test_pages_at_a_desk.py",
    "browser/test_pages_on_a_phone.py",
    "cli/test_demo.py",
    "core/test_database_command.py",
    "core/test_embedded_postgres.py",
    "runs/test_scrub.py",
    "browser/test_stories.py",
    "browser/test_meanwhile.py",
    "browser/test_keyboard.py",
    "docs/test_tutorial.py",
    "runs/test_replay.py",
    "runs/test_beside_others.py",
    "cli/test_story.py",
    "cli/test_ledger.py",
    "vault/test_sealing.py",
    "erasure/test_runs_agree_with_the_model.py",
    "residue/test_crashes.py",
)
numbers = itertools.count(1)
#: Passwords are hashed as everywhere, in fewer rounds: a hash says in how many, so servers check it too.
PBKDF2PasswordHasher.iterations = 1_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process of pytest-xdist ends with one alone."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(f"{item.path.parent.name}/{item.path.name}", len(order)))


@pytest.fixture(autouse=True)
def in_no_language() -> Iterator[None]:
    """A request leaves its language in the thread that answered it; a command finds none."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of this process's own, with a migrated template database."""
    home = tmp_path_factory.mktemp("server")
    prepare(Cluster(home))
    with (Cluster(home).data / "postgresql.conf").open("a", encoding="ascii") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    with serving(home) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        configure(make_conninfo(url, dbname=TEMPLATE))
        tables.migrate(verbosity=0)
        connections.close_all()
        yield url


@pytest.fixture
def database(server: str, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated, empty database; Django points at it, and so do commands."""
    with own_database(server, tmp_path) as url:
        yield url


@dataclass(frozen=True)
class Mould:
    """A database with something in it that others are cloned from, and the key folder that belongs to it."""

    database: str
    keys: Path


@contextmanager
def moulded(server: str, folder: Path, fill: Callable[[Path], object]) -> Iterator[Mould]:
    """What ``fill`` does, done once for many tests; each has a clone, and its own keys."""
    with own_database(server, folder) as url:
        fill(folder)
        connections.close_all()
        yield Mould(str(conninfo_to_dict(url)["dbname"]), folder / "keys")


@contextmanager
def own_database(server: str, folder: Path, like: Mould | None = None) -> Iterator[str]:
    """A database like the template or the mould, for as long as the block, with homes in this folder."""
    name = f"test_{next(numbers)}"
    url = cloned(server, name, like.database if like else TEMPLATE)
    if like:
        shutil.copytree(like.keys, folder / "keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FADEOUT_DATABASE_URL", url)
        patch.setenv("FADEOUT_HOME", str(folder / "home"))
        patch.setenv("FADEOUT_KEYS", str(folder / "keys"))
        configure(url)
        yield url
        clicking.end()
        connections.close_all()
    drop(server, name)


def cloned(server: str, name: str, like: str = TEMPLATE) -> str:
    """Make a database of this name that is like another one; its URL."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(like)))
    return make_conninfo(server, dbname=name)


def drop(server: str, name: str) -> None:
    """Remove a database, also one that is still in use."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


Fadeout = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def fadeout(tmp_path_factory: pytest.TempPathFactory) -> Fadeout:
    """Runs the real command in a process of its own, in the environment of the test.

    It is forked from one that has loaded Fadeout, unless something differs that is read while it is loaded.
    """
    folder = tmp_path_factory.mktemp("command")

    def run(
        *arguments: str | Path, stdin: str = "", environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        given = tuple(map(str, arguments))
        around = {**os.environ, "COLUMNS": "200", **(environment or {})}
        if forked.read_while_loaded(around) == forked.AT_FIRST:
            return forked.command(*given, stdin=stdin, environment=around, folder=folder)
        return subprocess.run(
            [sys.executable, "-m", "fadeout", *given],
            input=stdin, capture_output=True, text=True, timeout=300, check=False, env=around,
        )  # fmt: skip

    return run
