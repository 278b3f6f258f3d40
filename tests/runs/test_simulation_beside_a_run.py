"""A simulation and a run at the same time: neither strikes, loses or stores anything wrong."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fadeout.core import sql
from fadeout.core.errors import DidNotHold
from fadeout.plans import operations as plans
from fadeout.plans import under_way
from fadeout.plans.models import Plan
from fadeout.runs import operations
from tests import support
from tests.plans.house import three


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    support.imported(three(), tmp_path / "in")
    return support.approved(support.simulated())


def test_a_run_waits_for_a_simulation_that_holds_all_contacts(
    plan: Plan, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "ROUNDS_WITHOUT_PROGRESS", 2)
    held = threading.Event()

    def simulate_for_a_while() -> None:
        with psycopg.connect(database) as other:
            other.execute("SELECT pg_advisory_xact_lock_shared(%s)", [under_way.LOCK_ID])
            other.execute("SELECT 1 FROM contacts_contact FOR KEY SHARE")
            held.set()
            time.sleep(4)

    simulating = threading.Thread(target=simulate_for_a_while)
    simulating.start()
    assert held.wait(10)
    assert under_way.any_is()
    run = support.run(plan)
    simulating.join()
    assert run.state == "done"
    assert not under_way.any_is()


def test_a_simulation_during_which_contacts_go_stores_nothing(
    plan: Plan, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prospect goes between the decision and the storing of the plan."""
    execute = sql.execute

    def with_a_deletion_after_the_decision(statement: str, parameters: Any = None) -> int:
        touched = execute(statement, parameters)
        if statement.startswith("CREATE TEMPORARY TABLE decided"):
            with psycopg.connect(database) as other:
                other.execute("UPDATE plans_plan_row SET contact_id = NULL")
                other.execute("DELETE FROM recency_indicator")
                other.execute("DELETE FROM contacts_contact WHERE contact_number = 'prospect'")
        return touched

    monkeypatch.setattr(plans.sql, "execute", with_a_deletion_after_the_decision)
    with pytest.raises(DidNotHold, match="deleted while this was simulated"):
        support.simulated()
    assert Plan.objects.count() == 1
