"""One invented house for all the tests that only look at it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fadeout.demo.house import invent
from tests.demo.contract import House, read
from tests.demo.outcomes import Decision

TODAY = date(2026, 8, 20)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exchange folder of a house of 2,000 contacts."""
    where = tmp_path_factory.mktemp("house")
    invent(where, contacts=2_000, today=TODAY)
    return where


@pytest.fixture(scope="session")
def house(folder: Path) -> House:
    """The rows of that house."""
    return read(folder)


@pytest.fixture(scope="session")
def decision(house: House) -> Decision:
    """What becomes of its contacts with a period of 36 months."""
    return Decision(house, TODAY)
