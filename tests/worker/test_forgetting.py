"""Asking for one contact to be forgotten: together or not at all, once, and never another effect."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from fadeout.contacts.models import Contact, Hold
from fadeout.contacts.refusals import Refused
from fadeout.core import clock
from fadeout.institution import queries as institution
from fadeout.ledger.models import Entry
from fadeout.plans.models import Plan
from fadeout.worker import forgetting, tasks
from fadeout.worker.forgetting import Asked, EffectChanged
from tests import support
from tests.plans.house import contact, house, sale


@pytest.fixture
def here(database: str, tmp_path: Path) -> None:
    support.imported(house(contact("A"), contact("B"), *sale("O1", "B")), tmp_path / "in")


def ask(number: str = "A", confirmed: str = "delete", **more: Any) -> Asked:
    known: dict[str, Any] = {
        "confirmed": confirmed, "house": institution.current(), "policy": institution.policy_in_force(),
        "by": support.operator(), "today": clock.local_day(clock.now(), support.TIME_ZONE),
        "now": clock.now(),
    }  # fmt: skip
    return forgetting.ask(Contact.objects.get(contact_number=number).public_id, **(known | more))


def test_plan_approval_and_job_come_together(here: None) -> None:
    asked = ask()
    assert asked.is_new
    assert asked.plan.approvals.count() == 1
    [job] = ProcrastinateJob.objects.all()
    assert job.args["plan"] == asked.plan.pk
    assert "A" not in str(job.args.values())
    assert Entry.objects.filter(kind__in=["plan", "approval"]).count() == 2
    tasks.run(**job.args)
    assert [one.contact_number for one in Contact.objects.all()] == ["B"]


def test_another_effect_than_the_one_confirmed_plans_nothing(here: None) -> None:
    for number, confirmed in (("A", "anonymise"), ("B", "delete"), ("A", "delete|hold"), ("A", "")):
        with pytest.raises(EffectChanged):
            ask(number, confirmed)
    Hold.objects.create(contact=Contact.objects.get(contact_number="A"), reason="court")
    with pytest.raises(EffectChanged):
        ask("A", "keep|hold")  # the effect as it is, but it forbids
    assert not Plan.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_two_at_once_make_one_plan(here: None) -> None:
    together = threading.Barrier(2)
    answers: list[Asked] = []

    def one() -> None:
        try:
            together.wait()
            answers.append(ask())
        finally:
            connections.close_all()

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(answer.is_new for answer in answers) == [False, True]
    assert answers[0].plan == answers[1].plan
    assert (Plan.objects.count(), ProcrastinateJob.objects.count()) == (1, 1)


def test_a_plan_that_nobody_runs_stands_in_nobodys_way(here: None) -> None:
    left = support.forgotten("A")  # made at a terminal, and refused at the question
    asked = ask()
    assert (asked.is_new, asked.plan == left) == (True, False)


def test_whoever_is_gone_is_not_on_file(here: None) -> None:
    gone = Contact.objects.get(contact_number="A").public_id
    ask()
    job = ProcrastinateJob.objects.get()
    tasks.run(**job.args)
    with pytest.raises(Refused):
        forgetting.ask(
            gone, confirmed="delete", house=institution.current(),
            policy=institution.policy_in_force(), by=support.operator(),
            today=support.AS_OF, now=support.NOW,
        )  # fmt: skip
