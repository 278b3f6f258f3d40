"""A run stops between two chunks when it is asked to, whoever asks; and goes on as if it never had."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fadeout.core import clock
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.plans.models import Plan
from fadeout.runs import control, lanes, lock, operations, queries, remains
from fadeout.runs.control import Control
from fadeout.runs.models import Run
from tests import support
from tests.conftest import Fadeout
from tests.model.house import at
from tests.plans.house import (
    OLD,
    RECENT,
    contact,
    contact_ids,
    everything,
    house,
    line,
    order,
    sale,
)

DUE = 60
LATER = at("2026-06-01T11:00:00Z")


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    """Sixty to delete, one to keep with an old ticket on which something was typed."""
    support.imported(
        house(
            *(contact(f"due {n}") for n in range(DUE)),
            contact("kept"),
            *sale("O2", "kept", ordered_at=RECENT),
            order("O1", "kept"),
            line("O1", beneficiary_first_name="Typed", valid_until=OLD),
        ),
        tmp_path / "in",
    )
    return support.approved(support.simulated(now=clock.now()))


def typed_is_there() -> bool:
    return any("Typed" in row for row in everything()["sales_order_line"])


def asked_after(chunks: int, ask: Callable[[], None], plan: Plan, **more: Any) -> Run:
    """A run, contact by contact, at which somebody does something once so many are struck."""
    asked = False

    def told(progress: operations.Progress) -> None:
        nonlocal asked
        if progress.stage == "striking" and progress.done >= chunks and not asked:
            asked = True
            ask()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanes, "FIRST_CHUNK", 1)
        patch.setattr(lanes, "LARGEST_CHUNK", 1)
        return support.run(plan, progress=told, now=clock.now(), **more)


def of(plan: Plan) -> Run:
    return Run.objects.get(plan=plan)


def test_a_run_pauses_between_two_chunks_and_goes_on_to_the_same_end(plan: Plan) -> None:
    assert typed_is_there()
    paused = asked_after(3, lambda: control.pause(of(plan), now=LATER), plan)
    assert (paused.state, paused.wish, paused.ended_at) == ("paused", None, None)
    standing = queries.standing(paused)
    assert 3 <= standing.struck < DUE
    assert standing.struck + standing.left == DUE
    assert support.tokens().count() == 2 * standing.struck
    assert typed_is_there()  # no old ticket is cleared after the pause either

    done = support.run(plan, now=clock.now())
    assert (done.pk, done.state) == (paused.pk, "done")
    assert list(contact_ids()) == ["kept"]
    assert support.tokens().count() == 2 * DUE
    assert not typed_is_there()


def test_a_cancelled_run_strikes_no_more_and_is_never_gone_on_with(plan: Plan) -> None:
    cancelled = asked_after(3, lambda: control.cancel(of(plan), now=LATER), plan)
    assert cancelled.state == "cancelled"
    assert cancelled.ended_at is not None
    struck = queries.standing(cancelled).struck
    assert 3 <= struck < DUE
    assert typed_is_there()
    before = everything()
    with pytest.raises(DidNotHold, match=r"was cancelled\. Nothing was changed"):
        support.run(plan, now=clock.now())
    for ask in (control.pause, control.cancel):
        with pytest.raises(BadInput, match=r"it is cancelled\. Nothing was changed"):
            ask(of(plan), now=LATER)
    assert everything() == before

    again = support.approved(support.simulated(now=clock.now()))
    assert again.totals["outcomes"]["delete"] == DUE - struck
    assert support.run(again, now=clock.now()).state == "done"
    assert list(contact_ids()) == ["kept"]


def test_to_cancel_weighs_more_than_to_pause(plan: Plan) -> None:
    listening = Control()

    def ask() -> None:
        listening.interrupted = True
        control.cancel(of(plan), now=LATER)
        control.pause(of(plan), now=LATER)
        assert of(plan).wish == "cancel"

    assert asked_after(3, ask, plan, control=listening).state == "cancelled"


def test_a_wish_that_comes_when_nothing_is_left_to_stop_does_not_stay(plan: Plan) -> None:
    asked = False

    def ask_at_the_end(progress: operations.Progress) -> None:
        nonlocal asked
        if progress.stage == "auditing":
            control.pause(of(plan), now=LATER)
            assert of(plan).wish == "pause"
            asked = True

    assert support.run(plan, progress=ask_at_the_end, now=clock.now()).state == "done"
    assert asked
    assert of(plan).wish is None
    assert control.is_settled(of(plan), now=LATER)


def test_a_wish_that_comes_with_the_last_search_is_heard(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = remains.settle

    def asked_before(*arguments: Any) -> dict[str, int] | None:
        control.pause(of(plan), now=LATER)
        return settle(*arguments)

    monkeypatch.setattr(remains, "settle", asked_before)
    assert support.run(plan, now=clock.now()).state == "paused"
    monkeypatch.undo()
    assert support.run(plan, now=clock.now()).state == "done"


@pytest.mark.parametrize(("wish", "state"), [("pause", "paused"), ("cancel", "cancelled")])
def test_a_wish_to_somebody_who_died_is_carried_out_by_whoever_waits(
    plan: Plan, wish: str, state: str
) -> None:
    run = asked_after(3, lambda: control.pause(of(plan), now=LATER), plan)
    Run.objects.update(state="running", wish=wish)  # as a kill leaves it
    assert queries.state_in_words(of(plan)) == "interrupted"
    assert control.is_settled(run, now=LATER)
    assert (run.state, run.wish) == (state, None)
    assert run.ended_at == (LATER if wish == "cancel" else None)


def test_an_interrupted_run_is_cancelled_while_another_one_works(
    plan: Plan, tmp_path: Path
) -> None:
    first = asked_after(3, lambda: control.pause(of(plan), now=LATER), plan)
    Run.objects.update(state="running")  # as a kill leaves it
    other = support.approved(support.simulated(now=clock.now()))

    def cancel_first() -> None:
        assert lock.is_held()
        assert queries.state_in_words(of(plan)) == "paused"
        assert queries.state_in_words(of(other)) == "running"
        control.cancel(of(plan), now=LATER)
        assert of(plan).state == "cancelled"

    assert asked_after(2, cancel_first, other).state == "done"
    first.refresh_from_db()
    assert first.state == "cancelled"


def test_a_cancellation_at_the_moment_a_run_goes_on_is_not_lost(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_after(3, lambda: control.pause(of(plan), now=LATER), plan)
    looked = queries.rows_are_those_approved

    def cancelled_meanwhile(*arguments: Any) -> bool:
        control.cancel(of(plan), now=LATER)
        return looked(*arguments)

    monkeypatch.setattr(queries, "rows_are_those_approved", cancelled_meanwhile)
    left = len(contact_ids())
    with pytest.raises(DidNotHold, match="was cancelled"):
        support.run(plan, now=clock.now())
    assert of(plan).state == "cancelled"
    assert len(contact_ids()) == left > 1


def test_what_an_earlier_end_found_is_forgotten_when_a_run_goes_on(plan: Plan) -> None:
    asked_after(3, lambda: control.pause(of(plan), now=LATER), plan)
    Run.objects.update(state="incomplete", audits={"contacts left to strike": 1}, ended_at=LATER)
    with pytest.raises(BadInput, match="has come to its end"):
        control.pause(of(plan), now=LATER)
    paused = asked_after(6, lambda: control.pause(of(plan), now=LATER), plan)
    assert (paused.state, paused.audits, paused.ended_at) == ("paused", None, None)


def test_an_incomplete_run_can_be_ended_for_good(plan: Plan) -> None:
    asked_after(3, lambda: control.pause(of(plan), now=LATER), plan)
    Run.objects.update(state="incomplete")
    control.cancel(of(plan), now=LATER)
    assert (of(plan).state, of(plan).ended_at) == ("cancelled", LATER)


def test_a_run_in_another_database_of_the_server_is_not_one_here(plan: Plan, server: str) -> None:
    with psycopg.connect(make_conninfo(server, dbname="postgres"), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lock.LOCK_ID])
        assert not lock.is_held()
    with lock.only_one():
        assert lock.is_held()


# By real commands in processes of their own.


@contextmanager
def slow_run(plan: Plan, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A run under way, a chunk of each lane or so done, and a good while to go."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.runs.slow", "run", str(plan.pk), "--yes", str(DUE), *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    try:
        until(
            lambda: (
                Run.objects.filter(plan=plan, chunks__rows__gt=0).exists()
                or process.poll() is not None
            )
        )
        assert process.poll() is None, process.communicate()
        yield process
    finally:
        process.kill()
        process.communicate()


def until(condition: Callable[[], bool], limit: float = 120.0) -> None:
    give_up = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "options"), [(signal.SIGINT, []), (signal.SIGTERM, ["--scrub"])]
)
def test_a_signal_pauses_cleanly_with_exit_code_130(
    plan: Plan, number: signal.Signals, options: list[str]
) -> None:
    with slow_run(plan, *options) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Pausing after the chunk at hand" in err
    assert f"{' '.join(['fadeout resume', str(of(plan).pk), *options])}\n" in err
    assert "Traceback" not in err
    assert ": paused." in out
    assert "files hold nothing" not in out
    assert of(plan).state == "paused"
    struck = queries.standing(of(plan)).struck
    assert 0 < struck < DUE
    assert len(contact_ids()) == 1 + DUE - struck
    assert support.run(plan, now=clock.now()).state == "done"


def test_a_second_signal_stops_at_once_and_nothing_is_half_done(plan: Plan) -> None:
    with slow_run(plan) as process:
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert queries.state_in_words(of(plan)) in ("interrupted", "paused")
    standing = queries.standing(of(plan))
    assert 0 < standing.struck < DUE
    assert len(contact_ids()) == 1 + DUE - standing.struck
    assert support.run(plan, now=clock.now()).state == "done"
    assert support.tokens().count() == 2 * DUE


def test_pause_status_and_resume_from_another_terminal(plan: Plan, fadeout: Fadeout) -> None:
    with slow_run(plan) as process:
        number = str(of(plan).pk)
        assert '"state": "running"' in fadeout("status", number, "--json").stdout
        paused = fadeout("pause", number)
        assert paused.returncode == 0, paused.stderr
        assert paused.stdout == f"Run {number} is paused. Go on with: fadeout resume {number}\n"
        assert process.wait(timeout=120) == 130
    assert '"state": "paused"' in fadeout("status", number, "--json").stdout
    again = fadeout("pause", number)
    assert again.returncode == 0
    refused = fadeout("resume", number, "--yes", "1")
    assert refused.returncode == 2
    assert of(plan).state == "paused"
    resumed = fadeout("resume", number, "--yes", str(DUE))
    assert resumed.returncode == 0, resumed.stderr
    assert list(contact_ids()) == ["kept"]
    for command in ("pause", "resume", "cancel"):
        ended = fadeout(command, number)
        assert ended.returncode == 2, command
        assert "it is done" in ended.stderr


def test_cancel_from_another_terminal(plan: Plan, fadeout: Fadeout) -> None:
    with slow_run(plan) as process:
        number = str(of(plan).pk)
        cancelled = fadeout("cancel", number)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "was cancelled" in err
    assert cancelled.returncode == 0, cancelled.stderr
    standing = queries.standing(of(plan))
    assert 0 < standing.struck < DUE
    assert re.fullmatch(
        rf"Run {number} is cancelled: {standing.struck} struck, {standing.left} left as they are.\n",
        cancelled.stdout,
    )
    for refused, code in ((("resume", number), 2), (("run", str(plan.pk)), 1)):
        ended = fadeout(*refused, "--yes", str(DUE))
        assert (ended.returncode, "cancelled" in ended.stderr) == (code, True), ended
    assert queries.standing(of(plan)) == standing


def test_a_killed_run_can_be_paused_and_cancelled(plan: Plan, fadeout: Fadeout) -> None:
    with slow_run(plan) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: not lock.is_held())
    assert queries.state_in_words(of(plan)) == "interrupted"
    assert fadeout("pause", str(of(plan).pk)).returncode == 0
    assert of(plan).state == "paused"
    assert fadeout("cancel", str(of(plan).pk)).returncode == 0
    assert of(plan).state == "cancelled"
    assert of(plan).ended_at is not None


def test_one_run_at_a_time(plan: Plan) -> None:
    other = support.simulated(now=clock.now())
    support.approved(other)
    refused = pytest.raises(DidNotHold, match="Another run is under way")
    with slow_run(plan), refused, lock.only_one(patience=0.3):
        pytest.fail("two runs at once")
    assert not Run.objects.filter(plan=other).exists()
