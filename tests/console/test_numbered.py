"""Lists of what has a number go on from page to page, and back to the newest."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from fadeout.accounts.permissions import Role
from fadeout.console.frame import numbered
from tests.console import house_of_plans
from tests.console.visitors import signed_in, somebody


@pytest.fixture
def client(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody who looks at three plans, and two runs, one a page."""
    house_of_plans.furnished(tmp_path)
    house_of_plans.done()
    house_of_plans.done()
    house_of_plans.fresh()
    monkeypatch.setattr(numbered, "PAGE", 1)
    return signed_in(somebody(Role.DPO, name="Ilse"))


@pytest.mark.parametrize(("place", "last"), [("/plans/", 3), ("/runs/", 2)])
def test_from_the_newest_to_the_oldest_and_back(client: Client, place: str, last: int) -> None:
    for number in range(last, 0, -1):
        address = place if number == last else f"{place}?below={number + 1}"
        page = client.get(address).content.decode()
        assert f'href="{place}{number}/"' in page
        assert f'href="{place}{number - 1}/"' not in page
        assert (f'<a href="?below={number}" rel="next">Older</a>' in page) == (number > 1)
        assert (f'<a href="{place}">Newest</a>' in page) == (number < last)


@pytest.mark.parametrize("place", ["/plans/", "/runs/"])
def test_what_is_not_there_is_told(client: Client, place: str) -> None:
    assert "There are no older" in client.get(f"{place}?below=1").content.decode()
    assert ">Newest</a>" not in client.get(f"{place}?below=-1").content.decode()
    assert [client.get(f"{place}{n}/").status_code for n in (1, 99, 2**70)] == [200, 404, 404]
