"""Real workers, killed, stopped and side by side: a run comes to its end once, and says nothing of people."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.contrib.sessions.models import Session
from procrastinate.contrib.django.models import ProcrastinateJob
from structlog.testing import capture_logs

from fadeout.core import clock, sql
from fadeout.ledger.models import Entry, Kind
from fadeout.plans.models import Plan
from fadeout.runs import control, lock, queries
from fadeout.runs.models import Run, RunState
from fadeout.worker import health, jobs, metrics, tasks
from fadeout.worker.models import Failure
from tests import sentinels, support
from tests.plans.house import contact, house
from tests.worker.workers import events, told, until, worker

DUE = 24


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    support.imported(house(*(contact(f"due {n}") for n in range(DUE))), tmp_path / "in")
    return support.approved(support.simulated(now=clock.now()))


def run_of(plan: Plan) -> Run | None:
    return queries.of_plan(plan)


def struck(plan: Plan) -> int:
    run = run_of(plan)
    return queries.standing(run).struck if run else 0


def is_in(plan: Plan, state: str) -> bool:
    run = run_of(plan)
    return run is not None and run.state == state


def starts() -> int:
    return Entry.objects.filter(kind=Kind.RUN_STARTED).count()


def require_done_once(plan: Plan) -> None:
    run = run_of(plan)
    assert run is not None
    assert sum(run.chunks.values_list("rows", flat=True)) == DUE
    assert queries.standing(run).struck == DUE
    assert run.audits is not None
    assert not any(run.audits.values())


def test_a_double_submit_queues_a_run_once(plan: Plan) -> None:
    ada, bob = support.operator(), support.operator("Bob")
    assert jobs.start_run(plan, ada)
    assert not jobs.start_run(plan, ada)
    assert not jobs.start_run(plan, bob)
    [job] = ProcrastinateJob.objects.all()
    assert job.args["plan"] == plan.pk
    assert set(job.args) == {"plan", "by", "since"}
    assert jobs.is_waiting(plan)
    assert jobs.withdraw(plan)
    assert not jobs.withdraw(plan)
    assert not ProcrastinateJob.objects.exists()


def test_a_worker_killed_within_a_run_leaves_it_to_the_next(plan: Plan, tmp_path: Path) -> None:
    jobs.start_run(plan, support.operator())
    with worker(tmp_path / "first.log", seconds=0.5) as first:
        until(lambda: struck(plan) >= 2, "the first strikes", tmp_path / "first.log")
        first.kill()
        first.wait()
    assert not is_in(plan, RunState.DONE)
    assert health.look().worker
    with worker(tmp_path / "second.log"):
        until(lambda: is_in(plan, RunState.DONE), "the second ends it", tmp_path / "second.log")
    assert starts() == 2
    require_done_once(plan)


def test_a_run_of_a_stopped_worker_goes_on_when_one_is_back(plan: Plan, tmp_path: Path) -> None:
    jobs.start_run(plan, support.operator())
    with worker(tmp_path / "first.log", seconds=0.5) as first:
        until(lambda: struck(plan) >= 2, "the first strikes", tmp_path / "first.log")
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
    assert is_in(plan, RunState.PAUSED)
    assert struck(plan) < DUE
    assert jobs.is_waiting(plan)
    with worker(tmp_path / "second.log"):
        until(lambda: is_in(plan, RunState.DONE), "it goes on", tmp_path / "second.log")
    require_done_once(plan)


def test_what_a_person_paused_stays_so_until_somebody_goes_on(plan: Plan, tmp_path: Path) -> None:
    jobs.start_run(plan, support.operator())
    log = tmp_path / "log"
    with worker(log, seconds=0.5):
        until(lambda: struck(plan) >= 2, "it strikes", log)
        run = run_of(plan)
        assert run is not None
        progress = until(
            lambda: (seen := queries.progress(run, now=clock.now())).done >= 2 and seen,
            "progress",
            log,
        )
        assert (progress.stage, progress.total) == ("striking", DUE)
        assert progress.seen_at is not None
        assert progress.time_left is not None
        control.pause(run, now=clock.now(), by=support.operator())
        until(lambda: is_in(plan, RunState.PAUSED), "it pauses", log)
        until(lambda: "job_ends" in events(log), "the job ends", log)
    with worker(tmp_path / "again.log") as again:
        until(lambda: "worker_begins" in events(tmp_path / "again.log"), "a worker is up")
        time.sleep(4)  # longer than a worker that is silent is waited for
        assert is_in(plan, RunState.PAUSED)
        assert jobs.resume_run(run, support.operator())
        until(lambda: is_in(plan, RunState.DONE), "it goes on", tmp_path / "again.log")
        assert again.poll() is None
    require_done_once(plan)


def test_two_workers_do_nothing_twice(plan: Plan, tmp_path: Path) -> None:
    with (
        worker(tmp_path / "a.log", seconds=0.1),
        worker(tmp_path / "b.log", seconds=0.1),
    ):
        for log in ("a.log", "b.log"):
            until(lambda log=log: "worker_begins" in events(tmp_path / log), "both are up")
        jobs.start_run(plan, support.operator())
        jobs.simulate(support.operator(), as_of=support.AS_OF, months=36)
        until(lambda: is_in(plan, RunState.DONE), "done", tmp_path / "a.log")
        until(lambda: not jobs.is_simulating(), "simulated", tmp_path / "a.log")
    assert starts() == 1
    assert Plan.objects.count() == 2
    require_done_once(plan)


def test_the_vault_expires_later_while_a_run_is_under_way(plan: Plan, database: str) -> None:
    with psycopg.connect(database) as running, capture_logs() as logged:
        running.execute("SELECT pg_advisory_lock(%s)", [lock.LOCK_ID])
        tasks.expire_vault(timestamp=0)
    assert [(line["event"], line["code"]) for line in logged] == [("job_waits", "another_run")]
    with capture_logs() as logged:
        tasks.expire_vault(timestamp=0)
    assert logged == []


def test_sessions_that_have_expired_are_cleaned_up(plan: Plan) -> None:
    for key, days in (("old", -1), ("new", 1)):
        ends = clock.now() + timedelta(days=days)
        Session.objects.create(session_key=key, session_data="x", expire_date=ends)
    tasks.clean_up(timestamp=0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_the_log_gives_nobody_away(database: str, tmp_path: Path) -> None:
    """Also where a job fails with an error that quotes a row."""
    support.imported(sentinels.sentinel_house(), tmp_path / "in")
    plan = support.approved(support.simulated(now=clock.now()))
    value = "sentinel-deleted-last_name"
    assert sql.rows("SELECT 1 FROM contacts_contact WHERE last_name = %(v)s", {"v": value})
    sql.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION 'cannot strike %', '{value}' USING ERRCODE = 'P0001'; END $$"
    )
    sql.execute(
        "CREATE TRIGGER refuse BEFORE DELETE ON contacts_contact FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    jobs.start_run(plan, support.operator("Vilja Sentinelova"))
    log = tmp_path / "log"
    with worker(log) as process:
        until(lambda: "job_failed" in events(log), "it fails", log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert {"worker_begins", "job_begins", "job_failed", "worker_ends"} <= set(events(log))
    [failed] = [line for line in told(log) if line["event"] == "job_failed"]
    assert (failed["code"], failed["plan"]) == ("sqlstate_P0001", plan.pk)
    [failure] = Failure.objects.all()
    assert (failure.code, failure.plan) == ("sqlstate_P0001", plan.pk)
    rows = sql.rows("SELECT to_json(j)::text FROM procrastinate_jobs j")
    rows += sql.rows("SELECT to_json(f)::text FROM worker_failure f")
    assert any('"failed"' in row for (row,) in rows)
    text = log.read_text() + "".join(row for (row,) in rows) + metrics.render()[0].decode()
    assert "fadeout_job_failures 1.0" in text
    for planted in ("sentinel-", "Vilja", "Town of", *sentinels.GONE_EXACT):
        assert planted not in text


def test_metrics_tell_states(plan: Plan) -> None:
    jobs.start_run(plan, support.operator())
    text = metrics.render()[0].decode()
    assert 'fadeout_jobs{state="todo"} 1.0' in text
    assert f"fadeout_contacts_due {DUE}.0" in text
    assert "fadeout_worker_up 0.0" in text
    assert health.look().oldest_waiting_seconds is not None
