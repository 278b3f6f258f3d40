"""Batches: schedules across the clock's changes, what is missed, who answers for what is real, mail."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.batches import carrying, notices, operations, queries, schedule
from fadeout.batches.carrying import Means
from fadeout.batches.models import Batch, BatchStart, Mode, Notice, Outcome
from fadeout.batches.operations import BatchRefused, Refusal
from fadeout.institution import operations as institution
from fadeout.institution import queries as house_queries
from fadeout.institution.models import Operator
from fadeout.ledger.models import Entry, Kind
from fadeout.runs.models import Run
from tests import support
from tests.console.visitors import somebody
from tests.mail_server import Box
from tests.model.house import at
from tests.plans.house import contact, house

ZONE = support.TIME_ZONE
NOW = at("2026-06-01T10:00:00Z")
HOURLY = "0 * * * *"


def local(times: list[datetime]) -> list[str]:
    return [time.isoformat() for time in times]


def test_an_occurrence_that_the_clock_jumps_over_comes_right_after() -> None:
    assert local(
        schedule.next_times("30 2 * * *", ZONE, after=at("2026-03-28T12:00:00Z"), n=2)
    ) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_an_occurrence_that_comes_twice_counts_once() -> None:
    assert local(
        schedule.next_times("30 2 * * *", ZONE, after=at("2026-10-24T12:00:00Z"), n=2)
    ) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]


@pytest.mark.parametrize(
    "cron",
    ["", "x", "* * * *", "0 0 31 2 *", "61 * * * *", "* * * * * *", "* * * * *", "*/30 3 * * *"],
)
def test_what_is_no_schedule_is_refused(cron: str) -> None:
    with pytest.raises(schedule.NotAScheduleError):
        schedule.check(cron, NOW)


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Monday May"), ("fr", "lundi mai"), ("de", "Montag Mai")]
)
def test_a_schedule_in_words(language: str, word: str) -> None:
    day, month = word.split()
    assert day in queries.in_words("0 3 * * 1", language)
    assert month in queries.in_words("0 3 1 5 *", language)


def test_days_of_the_month_are_as_people_say_them() -> None:
    assert "le 1er et 15 du mois" in queries.in_words("0 3 1,15 * *", "fr")
    assert "am 1. und 15. Tag des Monats" in queries.in_words("0 3 1,15 * *", "de")


def test_a_yearly_occurrence_is_found_after_a_long_time() -> None:
    since = at("2024-03-01T00:00:00Z")
    assert schedule.latest_due("0 0 29 2 *", "UTC", since=since, now=NOW) is None
    assert schedule.latest_due("0 0 1 1 *", "UTC", since=since, now=NOW) == at("2026-01-01T00:00Z")


@pytest.fixture
def contacts(database: str, tmp_path: Path) -> None:
    support.imported(house(*(contact(f"due {n}") for n in range(3))), tmp_path / "in")


def made(**more: Any) -> Batch:
    known = {"schedule": HOURLY, "told": [support.operator()], "by": support.operator(), "now": NOW}
    return operations.create(**known | more)


def administrator() -> Operator:
    return somebody(Role.ADMINISTRATOR, name="Chief").operator


def means() -> Means:
    return Means(house_queries.current(), support.tokens(), support.keyring())


def begun(now: datetime) -> list[BatchStart]:
    return operations.begin_due(time_zone=ZONE, now=now)


def carried_out(batch: Batch, now: datetime = NOW + timedelta(hours=1)) -> BatchStart:
    [start] = begun(now)
    return carrying.carry_out(start, means=means(), now=now)


def test_what_was_missed_is_done_once(contacts: None) -> None:
    made()
    assert begun(NOW + timedelta(minutes=59)) == []
    [start] = begun(NOW + timedelta(hours=5, minutes=10))
    assert start.due_at == NOW + timedelta(hours=5)
    assert begun(NOW + timedelta(hours=5, minutes=50)) == []
    assert len(begun(NOW + timedelta(hours=6))) == 1


def test_two_that_look_at_once_begin_it_once(contacts: None) -> None:
    made()
    found: list[BatchStart] = []
    together = threading.Barrier(4)

    def look() -> None:
        together.wait()
        try:
            found.extend(begun(NOW + timedelta(hours=1)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == BatchStart.objects.count() == 1


def test_a_batch_simulates(contacts: None) -> None:
    ended = carried_out(made())
    assert ended.outcome == Outcome.SIMULATED
    assert ended.plan is not None
    assert ended.plan.totals["outcomes"]["delete"] == 3
    assert not ended.plan.approvals.exists()
    assert Notice.objects.count() == 1
    again = carrying.carry_out(ended, means=means(), now=NOW)
    assert (again.plan_id, Notice.objects.count()) == (ended.plan_id, 1)


def test_a_batch_that_is_switched_runs_in_the_name_of_who_switched_it(contacts: None) -> None:
    chief = administrator()
    batch = operations.switch(made(), to_real=True, by=chief, now=NOW)
    ended = carried_out(batch)
    assert ended.outcome == Outcome.DONE
    run = queries.run_of(ended)
    assert run is not None
    assert run.started_by == chief
    facts = Entry.objects.filter(kind=Kind.BATCH).latest("number")
    assert (facts.facts["done"], facts.actor) == ("switched_on", chief.public_id)


def test_who_is_administrator_no_more_lets_nothing_run(contacts: None) -> None:
    chief = administrator()
    batch = operations.switch(made(), to_real=True, by=chief, now=NOW)
    User.objects.filter(operator=chief).update(role=Role.DPO)
    ended = carried_out(batch)
    assert (ended.outcome, ended.failure) == (Outcome.FAILED, carrying.ADMINISTRATOR_LEFT)
    assert ended.plan is not None
    assert not ended.plan.approvals.exists()
    assert not Run.objects.exists()


@pytest.mark.parametrize("how", ["nothing", "simulates", "changed", "off", "deleted", "another"])
def test_what_waits_does_not_run_once_its_batch_is_stopped(how: str, contacts: None) -> None:
    """It may wait for hours, for another run; whoever stops the batch meanwhile is believed."""
    chief, by = administrator(), support.operator()
    batch = operations.switch(made(), to_real=True, by=chief, now=NOW)
    now = NOW + timedelta(hours=1)
    [start] = begun(now)
    assert start.mode == Mode.REAL
    match how:
        case "simulates" | "another":
            operations.switch(batch, to_real=False, by=by, now=now)
        case "changed":
            operations.change(batch, changes={"months": 48}, by=by, now=now)
        case "off":
            operations.change(batch, changes={"enabled": False}, by=by, now=now)
        case "deleted":
            operations.delete(batch, by=by, now=now)
    if how == "another":
        operations.switch(batch, to_real=True, by=by, now=now)
    ended = carrying.carry_out(start, means=means(), now=now)
    if how == "nothing":
        assert (ended.outcome, Run.objects.count()) == (Outcome.DONE, 1)
        return
    assert (ended.outcome, ended.failure) == (Outcome.FAILED, carrying.STOPPED)
    assert ended.plan is not None
    assert not ended.plan.approvals.exists()
    assert not Run.objects.exists()


def test_any_change_switches_it_off(contacts: None) -> None:
    batch = operations.switch(made(), to_real=True, by=administrator(), now=NOW)
    assert batch.mode == Mode.REAL
    changed = operations.change(batch, changes={"months": 48}, by=support.operator(), now=NOW)
    assert (changed.mode, changed.switched_by) == (Mode.SIMULATION, None)
    assert carried_out(changed).outcome == Outcome.SIMULATED
    assert not Run.objects.exists()


def test_two_people_are_asked_for_also_here(contacts: None) -> None:
    institution.change_policy(changes={"two_people": True}, by=support.operator(), now=NOW)
    batch = operations.switch(made(), to_real=True, by=administrator(), now=NOW)
    assert carried_out(batch).outcome == Outcome.WAITS
    assert not Run.objects.exists()


def test_brakes_hold(contacts: None) -> None:
    institution.change_policy(changes={"largest_share": 20}, by=support.operator(), now=NOW)
    batch = operations.switch(made(), to_real=True, by=administrator(), now=NOW)
    ended = carried_out(batch)
    assert (ended.outcome, ended.held) == (Outcome.HELD, ["too_large_a_share"])
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"schedule": "soon"}, Refusal.SCHEDULE),
        ({"months": 0}, Refusal.MONTHS),
        ({"told": []}, Refusal.NOBODY_TOLD),
    ],
)
def test_what_cannot_be_is_refused_by_code(
    contacts: None, given: dict[str, Any], code: Refusal
) -> None:
    with pytest.raises(BatchRefused) as refused:
        made(**given)
    assert refused.value.code is code
    assert not Batch.objects.exists()


def told(language: str = "en") -> Operator:
    return somebody(Role.DPO, language=language).operator


def sent(now: datetime) -> notices.Sent:
    return notices.send_waiting(
        url="https://fadeout.example",
        time_zone=ZONE,
        now=now,
    )


@pytest.mark.parametrize(
    ("language", "word"), [("en", "strikes 3"), ("fr", "frappe 3"), ("de", "trifft er 3")]
)
def test_whoever_is_told_gets_a_mail(contacts: None, box: Box, language: str, word: str) -> None:
    ended = carried_out(made(told=[told(language)]))
    assert sent(NOW + timedelta(hours=2)).taken == 1
    [mail] = box.mails
    assert mail["To"] == "ada@example.org"
    text = mail.get_content()
    assert word in text
    assert f"https://fadeout.example/plans/{ended.plan_id}" in text
    assert "due 0" not in text
    assert "{" not in text + mail["Subject"]
    assert Notice.objects.get().sent_at is not None
    assert sent(NOW + timedelta(hours=3)).taken == 0
    assert len(box.mails) == 1


def test_what_fails_for_now_is_tried_again(contacts: None, box: Box) -> None:
    carried_out(made(told=[told()]))
    box.answer = "451 later"
    assert sent(NOW + timedelta(hours=2)).later == 1
    assert Notice.objects.get().sent_at is None
    assert sent(NOW + timedelta(hours=2)) == notices.Sent()
    box.answer = None
    assert sent(NOW + timedelta(hours=2, minutes=1)).taken == 1
    assert len(box.mails) == 1


def test_what_is_refused_for_good_is_kept_and_not_tried_again(contacts: None, box: Box) -> None:
    carried_out(made(told=[told()]))
    box.answer = "554 never"
    assert sent(NOW + timedelta(hours=2)).refused == 1
    notice = Notice.objects.get()
    assert (notice.failure, notice.sent_at) == ("smtp_554", None)
    box.answer = None
    assert sent(NOW + timedelta(days=9)) == notices.Sent()
    assert box.mails == []


def test_whoever_cannot_sign_in_gets_no_mail_and_that_shows(contacts: None, box: Box) -> None:
    carried_out(made())
    assert sent(NOW + timedelta(hours=2)).refused == 1
    assert Notice.objects.get().failure == notices.NO_ADDRESS
    assert box.mails == []


@pytest.mark.parametrize(
    ("cron", "fault"),
    [
        ("0 3 1 *", "fields"), ("99 3 1 * *", "minute"), ("0 24 1 * *", "hour"),
        ("0 3 32 * *", "day"), ("0 3 1 13 *", "month"), ("0 3 * * 9", "weekday"),
        ("0 3 30 2 *", "never"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_schedule_is_told(cron: str, fault: str) -> None:
    with pytest.raises(schedule.NotAScheduleError) as refused:
        schedule.check(cron, NOW)
    assert refused.value.fault == fault


def test_whoever_saw_another_batch_is_told(database: str) -> None:
    support.founded()
    chief = administrator()
    batch = made()
    seen = batch.stamp
    operations.change(batch, changes={"months": 24}, by=chief, now=NOW + timedelta(hours=1))
    for attempt in (
        lambda: operations.change(batch, changes={"months": 48}, by=chief, now=NOW, seen=seen),
        lambda: operations.switch(batch, to_real=True, by=chief, now=NOW, seen=seen),
    ):
        with pytest.raises(BatchRefused) as refused:
            attempt()
        assert refused.value.code is Refusal.CHANGED_MEANWHILE
    batch.refresh_from_db()
    assert (batch.months, batch.mode) == (24, Mode.SIMULATION)
    switched = operations.switch(batch, to_real=True, by=chief, now=NOW, seen=batch.stamp)
    assert switched.stamp != batch.stamp


def test_what_was_missed_before_the_switch_is_not_run_for_real(contacts: None) -> None:
    batch = made()
    switched_at = NOW + timedelta(hours=2, minutes=30)
    operations.switch(batch, to_real=True, by=administrator(), now=switched_at)
    assert begun(switched_at + timedelta(minutes=5)) == []
    [start] = begun(switched_at + timedelta(minutes=31))
    assert (start.mode, start.due_at) == (Mode.REAL, NOW + timedelta(hours=3))


def test_what_was_missed_is_counted_and_what_is_due_is_told(contacts: None) -> None:
    batch = made()
    assert queries.overdue(batch, time_zone=ZONE, now=NOW + timedelta(minutes=59)) is None
    later = NOW + timedelta(hours=3)
    assert queries.overdue(batch, time_zone=ZONE, now=later) == NOW + timedelta(hours=1)
    carried_out(batch, later)
    carried_out(batch, later + timedelta(hours=1))
    carried_out(batch, later + timedelta(hours=7))
    found = queries.latest_occurrences(batch, time_zone=ZONE)
    assert [occurrence.missed for occurrence in found] == [5, 0, 2]
    assert [occurrence.told for occurrence in found] == [queries.Told(waiting=1)] * 3
    assert [o.missed for o in queries.latest_occurrences(batch, time_zone=ZONE, n=1)] == [5]
    assert queries.overdue(batch, time_zone=ZONE, now=later + timedelta(hours=7)) is None
    assert queries.last_starts([batch])[batch.pk] == found[0].start
    operations.change(batch, changes={"enabled": False}, by=support.operator(), now=later)
    batch.refresh_from_db()
    assert queries.overdue(batch, time_zone=ZONE, now=later + timedelta(days=9)) is None
