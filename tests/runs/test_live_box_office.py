"""Beside a box office that sells on: no order is lost, no deadlock, nobody active is struck."""

from __future__ import annotations

from pathlib import Path

from bench import open_box_office as box_office

from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import sql
from fadeout.demo import house as demo_house
from fadeout.runs import lanes, queries
from tests import support


def test_a_box_office_sells_on_while_contacts_are_struck(database: str, tmp_path: Path) -> None:
    """Small chunks and eager clients: many meetings in a short time."""
    support.founded()
    demo_house.invent(tmp_path / "in", contacts=3_000, today=support.AS_OF)
    import_exchange(path=tmp_path / "in", now=support.NOW, erased=support.tokens())
    plan = support.approved(support.simulated())
    due = plan.totals["outcomes"]["delete"] + plan.totals["outcomes"]["anonymise"]
    assert due > 500

    with box_office.opened(database, tmp_path, "evening", pause=0.005) as evening:
        run = support.run(plan)

    assert run.state == "done", run.audits
    standing = queries.standing(run)
    assert standing.struck + standing.requalified == due
    assert standing.struck > 100
    assert standing.requalified > 0  # the clients reached some of the due in time
    assert len(evening.waits) > 200
    assert evening.errors == {}
    assert (evening.lost, evening.struck_though_active) == (0, 0)
    kept_because = sql.rows(
        "SELECT DISTINCT kept_because FROM plans_plan_row WHERE state = 'requalified'"
    )
    assert all("active" in reason or "debtor" in reason for (reason,) in kept_because)


def test_chunks_follow_the_time_they_take() -> None:
    assert lanes.next_size(100, 1.0) == 50
    assert lanes.next_size(100, 0.01) == 200
    assert lanes.next_size(4_000, 0.01) == lanes.LARGEST_CHUNK
    assert lanes.next_size(1, 60.0) == 1
