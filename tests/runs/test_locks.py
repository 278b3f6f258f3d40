"""The locks of a run, when its command or its connection is gone and something of it lives on."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connections

from fadeout.core import sql
from fadeout.core.errors import DidNotHold
from fadeout.plans.models import Plan
from fadeout.runs import chunks, lanes, lock, operations, queries
from fadeout.runs.models import Chunk, Run
from tests import support
from tests.plans.house import contact, house
from tests.runs import faults

CONTACTS = 40
AT_THE_COMMIT = (
    "INSERT INTO runs_chunk (id, run_id, stage, seconds, rows, requalified, digest, removed, sealed)"
    " VALUES (%s, %s, 'strike', 0, 0, 0, '[]', '{}', '{}')"
)


@pytest.fixture
def done(database: str, tmp_path: Path) -> Run:
    support.imported(house(), tmp_path / "in")
    return support.run(support.approved(support.simulated()))


def test_tokens_of_a_chunk_that_is_still_committing_are_decided_once_it_ended(
    done: Run, database: str
) -> None:
    tokens, chunk, before = support.tokens(), uuid.uuid4(), support.tokens().count()
    tokens.write(
        chunk=chunk, tokens={"delete": [b"x" * 16], "numbers": [b"y" * 16]}, on=support.AS_OF
    )
    with psycopg.connect(database) as left_over:
        left_over.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock.CHUNKS_ID])
        left_over.execute(AT_THE_COMMIT, [chunk, done.pk])
        with pytest.raises(DidNotHold, match="still under way"), lock.no_chunk_under_way(0.1):
            pass
        successor = threading.Thread(target=settle_when_it_may)
        successor.start()
        successor.join(0.3)
        assert successor.is_alive()
    successor.join()
    assert Chunk.objects.filter(pk=chunk).exists()
    assert tokens.count() == before + 2


def test_a_chunk_counts_as_under_way_until_it_ends(
    many: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared: list[int] = []
    commit = chunks.write_account

    def counted(*arguments: Any, **named: Any) -> None:
        shared.extend(chunk_locks())
        commit(*arguments, **named)

    monkeypatch.setattr(chunks, "write_account", counted)
    support.run(many)
    assert shared
    assert chunk_locks() == []


def chunk_locks() -> list[int]:
    found = sql.rows(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'"
        " AND (classid::bigint << 32 | objid::bigint) = %(id)s",
        {"id": lock.CHUNKS_ID},
    )
    return [pid for (pid,) in found]


def settle_when_it_may() -> None:
    with lock.no_chunk_under_way():
        operations.settle(support.tokens())
    connections.close_all()


def test_a_run_that_lost_its_lock_strikes_no_further_than_the_chunks_at_hand(
    many: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        for name in ("FIRST_CHUNK", "LARGEST_CHUNK"):
            patched.setattr(lanes, name, 1)
        patched.setattr(chunks, "_lock", slow_and_without_the_lock(chunks._lock))
        with pytest.raises(OperationalError):
            support.run(many)
    connections.close_all()
    standing = queries.standing(Run.objects.get())
    assert standing.state == "interrupted"
    assert standing.left > CONTACTS // 2
    assert support.run(many).state == "done"


@pytest.fixture
def many(database: str, tmp_path: Path) -> Plan:
    support.imported(house(*(contact(f"C{n}") for n in range(CONTACTS))), tmp_path / "in")
    plan = support.approved(support.simulated())
    assert plan.totals["outcomes"]["delete"] == CONTACTS
    return plan


def slow_and_without_the_lock(step: Callable[..., Any]) -> Callable[..., Any]:
    """Ends the connection that holds the lock at the first chunk; all chunks take a moment."""
    once = iter([faults.end_connection_with_the_lock])

    def wrapped(*arguments: Any) -> Any:
        next(once, lambda: time.sleep(0.05))()
        return step(*arguments)

    return wrapped


def test_of_two_errors_the_first_is_told_where_the_connection_breaks(database: str) -> None:
    with pytest.raises(DidNotHold, match="the first"), lock.only_one():
        lose_the_connection_and_fail()
    connections.close_all()
    assert not lock.is_held()


def lose_the_connection_and_fail() -> None:
    assert lock.is_held()
    faults.end_own_connection()
    raise DidNotHold("the first")


def test_a_connection_that_broke_is_told_at_the_latest_when_the_lock_is_let_go(
    database: str,
) -> None:
    with pytest.raises(OperationalError), lock.only_one():
        faults.end_own_connection()
