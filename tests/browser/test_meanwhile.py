"""Two tabs, two people, the back button, a double click, a session that ended: each has a decent answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from fadeout.accounts.permissions import Role
from fadeout.core import clock
from fadeout.plans import operations
from fadeout.plans.models import Approval, Plan
from fadeout.runs.models import Run
from tests import support
from tests.browser import town
from tests.browser.conftest import Visit
from tests.browser.served import Served, until
from tests.browser.watch import Watch
from tests.console.visitors import PASSWORD, somebody


@pytest.fixture
def at(shared_console: Served, tmp_path: Path) -> Served:
    """The console of a house that is settled once."""
    town.settled(tmp_path / "in")
    return shared_console


@pytest.fixture
def plan(at: Served) -> Plan:
    """A plan of today that nobody has decided on."""
    return support.simulated(as_of=clock.now().date(), now=clock.now())


def dpo(visit: Visit, at: Served, name: str) -> Page:
    """A browser in which a data protection officer has proved who they are."""
    page = visit(at, somebody(Role.DPO, name=name))
    page.goto("/account/reauthenticate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    return page


def to_the_decision(page: Page, plan: Plan) -> None:
    page.goto(f"/plans/{plan.pk}/approve/")
    page.locator("input.typed").fill(str(town.DUE))


def decide(page: Page) -> None:
    page.locator("button.final").click()


def test_somebody_else_approves_while_one_looks(
    at: Served, plan: Plan, visit: Visit, watch: Watch
) -> None:
    watch.expect(409)
    first, second = dpo(visit, at, "Ada"), dpo(visit, at, "Bo")
    for page in (first, second):
        to_the_decision(page, plan)
    decide(second)
    expect(second.get_by_text("You approved this plan.")).to_be_visible()
    decide(first)
    expect(first.get_by_role("alert")).to_contain_text("Bo approved this plan")
    assert [a.approved_by.name for a in Approval.objects.filter(plan=plan)] == ["Bo"]
    first.locator("input.typed").fill(str(town.DUE))
    decide(first)
    expect(first.get_by_text("You approved this plan.")).to_be_visible()
    assert Approval.objects.filter(plan=plan).count() == 2


def test_two_tabs_and_the_back_button(at: Served, plan: Plan, visit: Visit) -> None:
    page = dpo(visit, at, "Carl")
    other = page.context.new_page()
    for tab in (page, other):
        to_the_decision(tab, plan)
    decide(page)
    expect(page.get_by_text("You approved this plan.")).to_be_visible()
    decide(other)
    expect(other.get_by_text("You approved this plan already.")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("You approved this plan already.")).to_be_visible()
    assert Approval.objects.filter(plan=plan).count() == 1


def test_a_wrong_number_is_told_beside_the_field(
    at: Served, plan: Plan, visit: Visit, watch: Watch
) -> None:
    watch.expect(422)
    page = dpo(visit, at, "Dan")
    to_the_decision(page, plan)
    page.locator("input.typed").fill("4711")
    decide(page)
    expect(page.locator("input.typed")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".errorlist")).to_be_visible()
    assert not Approval.objects.filter(plan=plan).exists()


def test_a_session_that_ended_does_nothing_and_leads_back(
    at: Served, plan: Plan, visit: Visit
) -> None:
    page = dpo(visit, at, "Eve")
    to_the_decision(page, plan)
    Session.objects.all().delete()
    decide(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert not Approval.objects.filter(plan=plan).exists()
    page.get_by_label("E-mail address").fill("eve@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{at.url}/plans/{plan.pk}/approve/")
    assert not Approval.objects.filter(plan=plan).exists()


def test_a_double_click_runs_a_plan_once(at: Served, plan: Plan, visit: Visit) -> None:
    page = dpo(visit, at, "Fay")
    operations.approve(
        plan=plan, by=support.operator(), typed=town.DUE, today=plan.as_of, now=clock.now()
    )
    page.goto(f"/plans/{plan.pk}/run/")
    page.locator("input.typed").fill(str(town.DUE))
    page.locator("button.final").dblclick()
    expect(page).to_have_url(f"{at.url}/plans/{plan.pk}/")
    until(lambda: Run.objects.filter(plan=plan, state="done").exists(), "the run is done", at.said)
    assert Run.objects.filter(plan=plan).count() == 1
    page.goto(f"/plans/{plan.pk}/run/")
    expect(page.get_by_text("The run of this plan has begun already.")).to_be_visible()
