"""A run that is done, made once for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fadeout.runs.models import Run
from tests.certificates.house import ran
from tests.conftest import Mould, moulded, own_database


@pytest.fixture(scope="module")
def done(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mould]:
    with moulded(server, tmp_path_factory.mktemp("done"), lambda at: ran(at / "in")) as mould:
        yield mould


@pytest.fixture
def run(database: str, server: str, done: Mould, tmp_path: Path) -> Iterator[Run]:
    (tmp_path / "in").mkdir()  # is imported already
    with own_database(server, tmp_path, like=done):
        yield Run.objects.get()
