"""Approving and starting: once, by whom it may, with a decent answer to everybody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from fadeout.accounts.permissions import Role
from fadeout.console.frame.forms import TypedNumberField
from fadeout.core import clock, sql
from fadeout.institution import operations as institution
from fadeout.ledger.models import Entry, Kind
from fadeout.plans import queries
from fadeout.plans.models import Approval, Plan
from fadeout.runs.models import Override
from fadeout.worker import failures, jobs
from tests import support
from tests.console import house_of_plans as pages
from tests.console.visitors import PASSWORD, proved, signed_in, somebody

AGAIN = "/account/reauthenticate/"


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    pages.furnished(tmp_path / "in")
    return pages.fresh()


@pytest.fixture
def dpo(plan: Plan) -> Client:
    return proved(somebody(Role.DPO, name="Ilse"))


@pytest.fixture
def administrator(plan: Plan) -> Client:
    return proved(somebody(Role.ADMINISTRATOR, name="Tomas"))


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def approve(client: Client, plan: Plan, typed: object = pages.DUE, seen: int = 0) -> HttpResponse:
    answer = client.post(f"/plans/{plan.pk}/approve/", {"typed": typed, "seen": seen})
    assert isinstance(answer, HttpResponse)
    return answer


def start(client: Client, plan: Plan, **given: object) -> HttpResponse:
    asked = {"typed": pages.DUE, "recovery": "with"} | given
    answer = client.post(f"/plans/{plan.pk}/run/", asked)
    assert isinstance(answer, HttpResponse)
    return answer


def told(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, answer.content.decode()


def is_free_of_jobs() -> bool:
    return not ProcrastinateJob.objects.filter(task_name=jobs.RUN).exists()


def test_a_plan_is_approved_by_typing_its_number(dpo: Client, plan: Plan) -> None:
    page = shown(dpo, f"/plans/{plan.pk}/approve/")
    assert "With your approval" in page
    assert 'class="final-step"' in page
    for wrong in ("5", "", "six", "-6", "6.5e0"):
        status, page = told(approve(dpo, plan, wrong))
        assert (status, "Nothing was changed" in page or "required" in page) == (422, True), wrong
    assert not Approval.objects.exists()
    answer = approve(dpo, plan)
    assert (answer.status_code, answer["Location"]) == (302, f"/plans/{plan.pk}/")
    [approval] = queries.approvals(plan)
    assert approval.approved_by.name == "Ilse"
    page = shown(dpo, f"/plans/{plan.pk}/")
    assert "You approved this plan." in page
    assert "Ilse" in page
    assert "To the run" in page


def test_a_number_may_be_typed_as_people_write_it() -> None:
    field = TypedNumberField(1_234_567)
    for typed in (
        "1234567",
        "1,234,567",
        "1.234.567",
        "1 234 567",
        "1’234’567",
        "1\u202f234\u202f567",
    ):
        assert field.clean(typed) == 1_234_567


@pytest.mark.parametrize(
    "typed", ["12.0", "1,20", "1 2 0", "120.", ",120", "1.2,0", "１２０", "0x78"]
)
def test_a_number_with_marks_elsewhere_is_none(typed: str) -> None:
    assert TypedNumberField(120).clean("120") == 120
    with pytest.raises(ValidationError, match="not a number"):
        TypedNumberField(120).clean(typed)


def test_a_double_submit_and_the_back_button_approve_once(dpo: Client, plan: Plan) -> None:
    approve(dpo, plan)
    again = approve(dpo, plan)
    assert (again.status_code, again["Location"]) == (302, f"/plans/{plan.pk}/")
    assert "already" in shown(dpo, f"/plans/{plan.pk}/")
    assert dpo.get(f"/plans/{plan.pk}/approve/").status_code == 302
    assert Approval.objects.count() == 1
    assert Entry.objects.filter(kind=Kind.APPROVAL).count() == 1


def test_who_it_is_is_asked_before_and_the_form_survives_it(plan: Plan) -> None:
    client = signed_in(somebody(Role.DPO, name="Ilse"))
    asked = approve(client, plan)
    assert (asked.status_code, asked["Location"].split("?")[0]) == (302, AGAIN)
    assert not Approval.objects.exists()
    right = client.post(asked["Location"], {"password": PASSWORD})
    assert right.status_code == 302
    assert Approval.objects.count() == 1


def test_a_wrong_number_before_the_proof_can_be_mended_after_it(plan: Plan) -> None:
    """The form is shown by the page that asked for the proof; it is sent to its own all the same."""
    client = signed_in(somebody(Role.DPO, name="Ilse"))
    asked = approve(client, plan, typed=5)
    proof = client.post(asked["Location"], {"password": PASSWORD})
    page = proof.content.decode()
    assert (proof.status_code, "Nothing was changed" in page) == (422, True)
    assert f'action="/plans/{plan.pk}/approve/" class="final-step"' in page
    assert approve(client, plan)["Location"] == f"/plans/{plan.pk}/"


def test_an_expired_session_at_the_approval_leads_to_the_door_and_back(
    dpo: Client, plan: Plan
) -> None:
    del dpo.cookies[settings.SESSION_COOKIE_NAME]
    answer = approve(dpo, plan)
    door = f"/account/login/?next=/plans/{plan.pk}/approve/"
    assert (answer.status_code, answer["Location"]) == (302, door)
    assert not Approval.objects.exists()
    back = dpo.post(door, {"login": "ilse@example.org", "password": PASSWORD})
    assert back["Location"] == f"/plans/{plan.pk}/approve/"
    assert "With your approval" in shown(dpo, back["Location"])


def test_somebody_who_approved_meanwhile_is_told_and_nothing_is_recorded(
    dpo: Client, plan: Plan
) -> None:
    shown(dpo, f"/plans/{plan.pk}/approve/")
    pages.approved(plan, support.operator("Eve"))
    status, page = told(approve(dpo, plan, seen=0))
    assert (status, "Eve approved this plan while you were looking" in page) == (409, True)
    assert 'name="seen" value="1"' in page
    assert Approval.objects.count() == 1
    assert approve(dpo, plan, seen=1).status_code == 302
    assert [a.approved_by.name for a in queries.approvals(plan)] == ["Eve", "Ilse"]


def test_a_plan_whose_run_has_begun_meanwhile_is_refused(dpo: Client, plan: Plan) -> None:
    assert support.run(pages.approved(plan), now=clock.now()).state == "done"
    status, page = told(approve(dpo, plan))
    assert (status, "Its run has begun" in page) == (409, True)
    assert "Its run has begun" in shown(dpo, f"/plans/{plan.pk}/approve/")
    assert "To the decision" not in shown(dpo, f"/plans/{plan.pk}/")


def test_two_people_where_the_house_asks_for_it(database: str, tmp_path: Path) -> None:
    pages.furnished(tmp_path / "in")
    pages.asks_two_people()
    author = somebody(Role.DPO)  # Ada, who makes the plan
    plan = pages.fresh()
    assert plan.created_by == author.operator
    own, other = proved(author), proved(somebody(Role.DPO, name="Ilse"))
    page = shown(own, f"/plans/{plan.pk}/")
    assert "somebody else than whoever made it" in page
    assert "To the decision" not in page
    status, page = told(approve(own, plan))
    assert (status, "somebody else approves it" in page) == (409, True)
    assert not Approval.objects.exists()
    assert approve(other, plan).status_code == 302
    assert "To the run" in shown(own, f"/plans/{plan.pk}/")


def test_a_plan_that_went_stale_is_refused_with_the_way_on(dpo: Client, plan: Plan) -> None:
    pages.long_ago(plan, 31)
    status, page = told(approve(dpo, plan))
    assert (status, "too old" in page, "/plans/simulate/" in page) == (409, True, True)
    assert "stale" in shown(dpo, "/plans/")


def test_a_plan_of_an_earlier_policy_is_refused(dpo: Client, plan: Plan) -> None:
    institution.change_policy(changes={"months": 48}, by=support.operator(), now=clock.now())
    status, page = told(approve(dpo, plan))
    assert (status, "policy has changed" in page) == (409, True)


def test_a_plan_with_rows_that_were_changed_is_refused(dpo: Client, plan: Plan) -> None:
    sql.execute("UPDATE plans_plan_row SET recency_on = recency_on + 1")
    status, page = told(approve(dpo, plan))
    assert (status, "not those that were simulated" in page) == (409, True)
    assert not Approval.objects.exists()


def test_a_plan_that_looks_ahead_can_be_looked_at_only(dpo: Client, plan: Plan) -> None:
    ahead = support.simulated(as_of=plan.as_of.replace(year=plan.as_of.year + 1), now=clock.now())
    page = shown(dpo, f"/plans/{ahead.pk}/")
    assert "to look at only" in page
    assert "Somebody who looked at it approves it" not in page
    assert "Somebody who looked at it approves it" in shown(dpo, f"/plans/{plan.pk}/")
    assert told(approve(dpo, ahead))[0] == 409


def test_a_newer_plan_is_pointed_at(dpo: Client, plan: Plan) -> None:
    later = pages.fresh()
    page = shown(dpo, f"/plans/{plan.pk}/approve/")
    assert f"Plan {later.pk} was simulated since" in page
    assert "simulated since" not in shown(dpo, f"/plans/{later.pk}/approve/")


def test_a_run_is_queued_once_and_can_be_taken_back(dpo: Client, plan: Plan) -> None:
    pages.approved(plan)
    assert told(start(dpo, plan, typed=5))[0] == 422
    assert is_free_of_jobs()
    answer = start(dpo, plan)
    assert (answer.status_code, answer["Location"]) == (302, f"/plans/{plan.pk}/")
    [job] = ProcrastinateJob.objects.filter(task_name=jobs.RUN)
    assert set(job.args) == {"plan", "by", "since"}
    page = shown(dpo, f"/plans/{plan.pk}/")
    assert "no worker is running" in page
    assert 'hx-trigger="every 2s"' in page
    assert start(dpo, plan).status_code == 302  # the second tab
    assert ProcrastinateJob.objects.filter(task_name=jobs.RUN).count() == 1
    assert dpo.post(f"/plans/{plan.pk}/withdraw/").status_code == 302
    assert is_free_of_jobs()
    assert "taken back" in shown(dpo, f"/plans/{plan.pk}/")
    dpo.post(f"/plans/{plan.pk}/withdraw/")
    assert "No run of this plan waits" in shown(dpo, f"/plans/{plan.pk}/")


def test_a_plan_that_nobody_approved_is_not_run(dpo: Client, plan: Plan) -> None:
    page = shown(dpo, f"/plans/{plan.pk}/run/")
    assert "may not run" in page
    assert "It is not approved." in page
    assert told(start(dpo, plan))[0] == 409
    assert is_free_of_jobs()


def test_a_brake_on_size_is_lifted_by_an_administrator_alone_with_a_reason(
    dpo: Client, administrator: Client, plan: Plan
) -> None:
    institution.change_policy(changes={"largest_share": 10}, by=support.operator(), now=clock.now())
    plan = pages.approved(pages.fresh())
    page = shown(dpo, f"/plans/{plan.pk}/run/")
    assert "more than 10 %" in page
    assert told(start(dpo, plan, reason="I mean it"))[0] == 409
    assert "To the run" not in shown(dpo, f"/plans/{plan.pk}/")
    assert "You may lift this brake" in shown(administrator, f"/plans/{plan.pk}/run/")
    status, page = told(start(administrator, plan, reason="  "))
    assert (status, is_free_of_jobs()) == (422, True)
    assert start(administrator, plan, reason="The first run").status_code == 302
    [override] = Override.objects.all()
    assert (override.reason, override.overridden_by.name) == ("The first run", "Tomas")
    assert not is_free_of_jobs()
    page = shown(dpo, f"/plans/{plan.pk}/")
    assert "Tomas lifted the brake on its size: The first run" in " ".join(page.split())
    assert "What holds it" not in page


def test_a_run_without_a_vault_goes_only_if_told_to(database: str, tmp_path: Path) -> None:
    pages.furnished(tmp_path / "in")
    (tmp_path / "keys" / "vault" / "recipient").unlink()
    plan = pages.approved(pages.fresh())
    client = proved(somebody(Role.DPO, name="Ilse"))
    page = shown(client, f"/plans/{plan.pk}/run/")
    assert "The vault is not set up" in page
    assert told(start(client, plan))[0] == 422
    assert told(start(client, plan, recovery=""))[0] == 422
    assert is_free_of_jobs()
    assert start(client, plan, recovery="without").status_code == 302
    [job] = ProcrastinateJob.objects.filter(task_name=jobs.RUN)
    assert job.args["without_recovery"] is True


def test_a_run_that_the_worker_could_not_begin_is_told(dpo: Client, plan: Plan) -> None:
    pages.approved(plan)
    failures.keep(jobs.RUN, failures.Code.BAD_INPUT, now=clock.now(), plan=plan.pk)
    page = shown(dpo, f"/plans/{plan.pk}/")
    assert "The worker could not begin the run" in page
    assert "What it needed was not there" in page


def test_who_may_not_sees_no_button(plan: Plan) -> None:
    pages.approved(plan)
    marketer = signed_in(somebody(Role.MARKETER, name="Mara"))
    page = shown(marketer, f"/plans/{plan.pk}/")
    assert "The list" in page
    assert not any(word in page for word in ("To the run", "To the decision", "CSV", "XLSX"))
    for under in ("approve/", "run/", "withdraw/", "list.csv", "list.xlsx"):
        assert marketer.get(f"/plans/{plan.pk}/{under}").status_code == 403
