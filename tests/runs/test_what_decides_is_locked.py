"""Nothing that the decision rests on changes between the decision and the stroke."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from fadeout.core import sql
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.recency import queries as recency
from fadeout.runs import audits, chunks, lanes, queries
from fadeout.runs.models import Run
from tests import support
from tests.model.house import (
    AccountEntry,
    Authorisation,
    Click,
    Criterion,
    Hold,
    Payment,
    WaitingListEntry,
)
from tests.plans.house import OLD, RECENT, contact, contact_ids, house, sale

CHANGES = {
    "a hold is prolonged": "UPDATE contacts_hold SET until = '2040-01-01'",
    "a hold is taken away": "DELETE FROM contacts_hold",
    "an amount is corrected": "UPDATE sales_account_entry SET amount = amount - 1 WHERE amount > 0",
    "a payment is corrected": "UPDATE sales_payment SET amount = amount - 1",
    "an option is confirmed": f"UPDATE sales_order_line SET confirmed_at = '{RECENT}'",
    "a click is dated": f"UPDATE links_click SET clicked_at = '{RECENT}'",
    "a place on a waiting list is dated": f"UPDATE sales_waiting_list_entry SET added_at = '{RECENT}'",
    "a criterion is dated": f"UPDATE contacts_criterion SET changed_at = '{RECENT}'",
    "an authorisation is dated": f"UPDATE contacts_authorisation SET changed_at = '{RECENT}'",
}


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    entries = [
        AccountEntry(
            entry_number=number, contact_number="B", organisation="opera", amount=Decimal(amount)
        )
        for number, amount in (("1", "5"), ("2", "-5"))
    ]
    support.imported(
        house(
            contact("A"),
            contact("B"),
            *sale("O1", "B"),
            Payment(payment_number="P1", order_number="O1", amount=Decimal("10.00")),
            Payment(payment_number="P2", order_number="O1", amount=Decimal("-10.00")),
            Hold(contact_number="A", reason="court", until=support.AS_OF.replace(year=2025)),
            Click(click_number="1", contact_number="B", clicked_at=OLD),
            WaitingListEntry(
                entry_number="1", contact_number="B", organisation="opera", added_at=OLD
            ),
            Criterion(contact_number="B", changed_at=OLD),
            Authorisation(contact_number="B", changed_at=OLD, value="yes"),
            *entries,
        ),
        tmp_path / "in",
    )
    return support.approved(support.simulated())


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_decision_and_stroke_has_to_wait(
    plan: Plan, database: str, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    assert plan_queries.struck_by(plan) == 2
    waited: list[str] = []
    decide_again: Callable[..., Any] = chunks._decide_again

    def decided_while_somebody_changes(*arguments: Any) -> Any:
        decisions = decide_again(*arguments)
        with psycopg.connect(database) as somebody:
            somebody.execute("SET lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                somebody.execute(CHANGES[change])
        waited.append(change)
        return decisions

    monkeypatch.setattr(chunks, "_decide_again", decided_while_somebody_changes)
    assert support.run(plan).state == "done"
    assert waited


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_is_being_changed_is_left_for_later(
    plan: Plan, database: str, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    whose = "A" if "hold" in change else "B"
    rows = chunks.pick(plan.pk, after=0, limit=10)
    run = Run.objects.create(
        plan=plan, started_at=support.NOW, started_by=support.operator(), state="running",
        figures_before={},
    )  # fmt: skip
    setting = chunks.Setting(
        run=run, time_zone=support.TIME_ZONE, tokens=support.tokens(), today=support.AS_OF
    )
    with psycopg.connect(database) as somebody:
        somebody.execute(CHANGES[change])
        outcome = chunks.strike(setting, rows)
        assert outcome.locked_elsewhere == 1
        assert whose in contact_ids()
        somebody.rollback()
    assert queries.standing(run).left == 1


def test_every_table_that_the_decision_reads_of_a_contact_is_locked(database: str) -> None:
    statement = recency.statement(chosen=True, tail="SELECT * FROM decision")
    question = recency.Question(as_of=support.AS_OF, months=36, time_zone=support.TIME_ZONE)
    [(plan,)] = sql.rows(
        f"EXPLAIN (FORMAT JSON) {statement}", question.parameters() | {"contact_ids": [1]}
    )
    read = set(re.findall(r"'Relation Name': '(\w+)'", str(plan)))
    assert {"contacts_hold", "sales_payment", "links_click"} < read
    # What a product is, is not of a contact.
    assert {source.table for source in recency.sources()} == read - {"sales_product"}


def blocked(sqlstate: str = "55P03") -> OperationalError:
    error = OperationalError("canceling statement due to lock timeout")
    cause = psycopg.errors.lookup(sqlstate)()
    error.__cause__ = cause
    return error


def test_after_others_were_in_the_way_pieces_grow_again_and_hear_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pieces: list[int] = []
    calls = itertools.count(1)

    def strike(_setting: object, rows: list[int]) -> chunks.Outcome:
        pieces.append(len(rows))
        if next(calls) <= 4:
            raise blocked()
        return chunks.Outcome(picked=len(rows), struck=len(rows), seconds=0.1)

    monkeypatch.setattr(chunks, "strike", strike)
    setting: Any = None
    everything = list(range(2_000))
    done = list(lanes.strike_with_retries(setting, everything))
    assert sum(outcome.struck for outcome in done) == 2_000
    assert pieces[:5] == [2_000, 500, 125, 31, 7]
    assert pieces[5:8] == [14, 28, 56]
    assert len(pieces) < 20

    pieces.clear()
    stopped = list(lanes.strike_with_retries(setting, everything[:100], lambda: True))
    assert [outcome.struck for outcome in stopped] == [100]  # the chunk that was begun
    calls = itertools.count(1)
    stopped = list(lanes.strike_with_retries(setting, everything, lambda: True))
    assert stopped == []  # nothing of it was begun yet when others were in the way


def test_a_cancellation_that_nobody_lived_to_see_to_is_carried_out_by_the_next_run(
    plan: Plan, tmp_path: Path
) -> None:
    Run.objects.create(
        plan=plan, started_at=support.NOW, started_by=support.operator(), state="running",
        wish="cancel", figures_before={},
    )  # fmt: skip
    other = support.approved(support.simulated())
    assert support.run(other).state == "done"
    assert Run.objects.get(plan=plan).state == "cancelled"


def test_what_changed_while_a_run_was_interrupted_is_found(plan: Plan) -> None:
    Run.objects.create(
        plan=plan, started_at=support.NOW, started_by=support.operator(), state="running",
        figures_before=audits.figures(),
    )  # fmt: skip
    sql.execute("UPDATE sales_order_line SET price = price + 89")
    sql.execute("UPDATE sales_payment SET amount = amount + 89 WHERE amount > 0")
    ended = support.run(plan)
    assert ended.state == "incomplete"
    assert ended.audits is not None
    assert ended.audits["prices changed"] == 1
    again = support.run(plan)
    assert again.state == "done"
    assert again.earlier_audits[0]["prices changed"] == 1
