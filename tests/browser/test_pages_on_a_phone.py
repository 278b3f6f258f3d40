"""Every page of the console on a phone, by day and by night, in one language or another."""

from __future__ import annotations

import pytest

from tests.browser import pages
from tests.browser.conftest import Tour
from tests.browser.looks import PHONE


@pytest.mark.parametrize(("name", "language"), pages.in_languages(1))
def test_nothing_keeps_anybody_out(name: str, language: str, tour: Tour) -> None:
    tour.look_at(name, language, PHONE)
