"""What each role comes for, from signing in to the result. The way of the DPO is in test_keyboard.py."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.batches import operations as batches
from fadeout.batches.models import Batch, Mode
from fadeout.contacts.models import Answer, Authorisation
from fadeout.core import clock
from fadeout.plans import operations as plans
from tests import support
from tests.browser import town
from tests.browser.conftest import Visit
from tests.browser.served import Served
from tests.console.visitors import PASSWORD, somebody


@pytest.fixture
def at(shared_console: Served, tmp_path: Path) -> Served:
    """The console of a house that is settled once."""
    town.settled(tmp_path / "in")
    return shared_console


def sign_in(page: Page, user: User, password: str = PASSWORD) -> None:
    page.goto("/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def go_to(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=place, exact=True).click()


def confirm(page: Page) -> None:
    """Prove once more who it is, as is asked before what cannot be undone."""
    says(page, "Prove once more who you are.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def says(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def test_an_operator_finds_a_contact_and_changes_what_it_allows(at: Served, visit: Visit) -> None:
    page = visit(at)
    sign_in(page, somebody(Role.OPERATOR, name="Olga"))
    expect(page.get_by_role("link", name="Plans", exact=True)).to_have_count(0)
    go_to(page, "Contacts")
    page.get_by_role("searchbox").fill("muller")
    page.get_by_role("button", name="Find").click()
    says(page, "muller")
    assert "muller" not in page.url
    page.get_by_role("link", name="Clara Müller").click()
    page.get_by_role("region", name="Authorisations").get_by_role("link", name="Change").click()
    page.get_by_role("group", name="from the house · e-mail").get_by_label("yes").check()
    page.get_by_role("button", name="Save").click()
    shown = page.get_by_role("region", name="Authorisations")
    expect(shown).to_contain_text("yes")
    answer = Authorisation.objects.filter(contact__contact_number="1003").latest("pk")
    assert answer.value == Answer.YES


def test_a_marketer_simulates_twice_and_compares(at: Served, visit: Visit) -> None:
    page = visit(at)
    sign_in(page, somebody(Role.MARKETER, name="Marek"))
    for months in (36, 24):
        go_to(page, "Plans")
        page.get_by_role("link", name="Simulate").click()
        page.get_by_label("Months of inactivity").fill(str(months))
        page.get_by_role("button", name="Simulate").click()
        made = page.get_by_role("row").filter(has_text=f"{months} months")
        expect(made).to_be_visible()
    made.get_by_role("link", name=re.compile("^Plan")).click()
    says(page, f"would strike {town.DUE} contacts")
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_role("main")).to_contain_text("Plan")
    page.go_back()
    page.get_by_role("link", name="The list", exact=True).click()
    expect(page.get_by_text("Your role sees how many and why, not who.")).to_be_visible()
    expect(page.get_by_text("Bruno")).to_have_count(0)


def test_an_administrator_adds_an_operator_who_signs_in(at: Served, visit: Visit) -> None:
    page = visit(at)
    sign_in(page, somebody(Role.ADMINISTRATOR, name="Anna"))
    go_to(page, "Settings")
    page.get_by_role("link", name=re.compile("[Oo]perators")).first.click()
    page.get_by_role("link", name="Add an operator").click()
    page.get_by_label("Name").fill("Eve Newly")
    page.get_by_label(re.compile("^E-mail")).fill("eve@example.org")
    page.get_by_label("Role").select_option("operator")
    page.get_by_role("button", name="Add and invite").click()
    confirm(page)
    says(page, "Eve Newly")
    link = page.get_by_role("status").locator("code").inner_text()
    newcomer = visit(at)
    newcomer.goto(re.sub(r"^https?://[^/]+", "", link))
    for field in newcomer.locator("input[type=password]").all():
        field.fill("a-curtain-of-her-own")
    newcomer.get_by_role("button", name=re.compile("password", re.IGNORECASE)).click()
    sign_in(newcomer, User.objects.get(email="eve@example.org"), "a-curtain-of-her-own")


def test_an_administrator_lets_a_batch_run_for_real(at: Served, visit: Visit) -> None:
    admin = somebody(Role.ADMINISTRATOR, name="Otto")
    batch = batches.create(
        schedule="0 3 1 1 *", told=[admin.operator], by=admin.operator, now=clock.now()
    )
    page = visit(at)
    sign_in(page, admin)
    go_to(page, "Batches")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_role("link", name="Let it run for real").click()
    page.locator("input.typed").fill("36")
    page.get_by_role("button", name="Let it run for real").click()
    confirm(page)
    expect(page.get_by_role("button", name="Back to simulation, at once")).to_be_visible()
    assert Batch.objects.get(pk=batch.pk).mode == Mode.REAL
    page.get_by_role("button", name="Back to simulation, at once").click()
    expect(page.get_by_role("link", name="Let it run for real")).to_be_visible()
    assert Batch.objects.get(pk=batch.pk).mode == Mode.SIMULATION


def test_a_dpo_files_the_certificate_and_support_looks_after_it(at: Served, visit: Visit) -> None:
    plan = support.simulated(as_of=clock.now().date(), now=clock.now())
    plans.approve(
        plan=plan, by=support.operator(), typed=town.DUE, today=plan.as_of, now=clock.now()
    )
    run = support.run(plan, now=clock.now())
    page = visit(at)
    sign_in(page, somebody(Role.DPO, name="Dora"))
    page.goto(f"/runs/{run.pk}/")
    says(page, f"Run {run.pk} is done")
    page.get_by_role("link", name="Certificate").click()
    expect(page.get_by_role("article")).to_contain_text("Theatre")
    with page.expect_download() as kept:
        page.get_by_role("link", name="JSON").click()
    certificate = json.loads(Path(kept.value.path()).read_text(encoding="utf-8"))
    assert "Bruno" not in json.dumps(certificate)

    page = visit(at)
    sign_in(page, somebody(Role.SUPPORT, name="Silas"))
    go_to(page, "Vault")
    says(page, "Support can still")
    go_to(page, "Ledger")
    page.get_by_role("link", name="Verify it").click()
    page.get_by_role("button", name="Verify now").click()
    says(page, "The ledger holds")
