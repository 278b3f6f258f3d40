"""One database for all tests of a module: it is emptied between them, which is faster than a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from fadeout.core.database import configure
from tests.conftest import cloned, drop
from tests.connectors.house import empty_tables


@pytest.fixture(scope="module")
def module_database(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of this module's own."""
    name = f"connectors_{request.module.__name__.rpartition('.')[2]}"
    yield cloned(server, name)
    drop(server, name)


@pytest.fixture
def empty_house(
    module_database: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An empty database with keys of its own; Django points at it, and so do commands."""
    place: Path = tmp_path_factory.mktemp("house")
    monkeypatch.setenv("FADEOUT_DATABASE_URL", module_database)
    monkeypatch.setenv("FADEOUT_HOME", str(place / "home"))
    monkeypatch.setenv("FADEOUT_KEYS", str(place / "keys"))
    configure(module_database)
    yield module_database
    empty_tables()
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM institution_institution")
        cursor.execute("DELETE FROM institution_policyversion")
        cursor.execute("DELETE FROM ledger_entry")
    connections.close_all()
