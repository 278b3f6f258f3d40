"""Every page of the console at a desk, by day and by night, in one language or another."""

from __future__ import annotations

import pytest

from tests.browser import pages
from tests.browser.conftest import Tour
from tests.browser.looks import DESK


@pytest.mark.parametrize(("name", "language"), pages.in_languages(0))
def test_nothing_keeps_anybody_out(name: str, language: str, tour: Tour) -> None:
    tour.look_at(name, language, DESK)
