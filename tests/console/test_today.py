"""The first page tells what the last plan and the last run were."""

from __future__ import annotations

from pathlib import Path

from fadeout.accounts.permissions import Role
from tests import support
from tests.console.visitors import signed_in, somebody
from tests.residue.house import house


def test_an_empty_house_says_that_nothing_is_known(database: str) -> None:
    support.founded()
    page = signed_in(somebody(Role.MARKETER)).get("/").content.decode()
    assert "Nobody has simulated yet" in page
    assert page.count("There is none.") == 2


def test_the_last_plan_and_run_are_told(database: str, tmp_path: Path) -> None:
    support.imported(house(), tmp_path / "in")
    client = signed_in(somebody(Role.DPO, name="Bo"))
    plan = support.approved(support.simulated())
    page = client.get("/").content.decode()
    assert "2 contacts were past the limit" in page
    assert page.count("There is none.") == 1
    assert support.run(plan).state == "done"
    page = client.get("/").content.decode()
    assert "There is none." not in page
    assert page.count("1 deleted") == page.count("1 anonymised") == 2
    assert "Strasser" not in page
