"""Without a mouse: signing in, the menu, and the whole way from a simulation to the end of its run."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from fadeout.accounts.permissions import Role
from fadeout.contacts.models import Contact
from fadeout.runs import queries
from fadeout.runs.models import Run
from tests.browser import town
from tests.browser.conftest import Visit
from tests.browser.keys import Keys
from tests.browser.served import Served
from tests.console.visitors import PASSWORD, somebody


def test_simulate_review_approve_run(console: Served, visit: Visit, tmp_path: Path) -> None:
    town.settled(tmp_path / "in")
    dpo = somebody(Role.DPO)
    page = visit(console)
    keys = Keys(page)
    headline = page.get_by_role("heading", level=1)
    page.goto("/")
    keys.type("E-mail address", dpo.email)
    keys.type("Password", PASSWORD)
    keys.press("Sign in")

    keys.press("Plans")
    keys.press("Simulate")
    expect(headline).to_contain_text("decides every contact and changes none")
    keys.press("Simulate")
    expect(page.get_by_role("link", name="Plan 1")).to_be_visible()
    keys.press("Plan 1")
    expect(headline).to_contain_text(f"would strike {town.DUE} contacts")

    keys.press("The list")
    expect(page.get_by_role("cell", name="Ada Prospect")).to_be_visible()
    keys.press("Plan 1")
    keys.press("To the decision")
    keys.type("Type the number of contacts that will be struck", str(town.DUE))
    keys.press("Approve plan 1")
    keys.type("Password", PASSWORD)  # before the first thing that cannot be undone
    keys.press("Confirm")
    expect(page.get_by_text("You approved this plan.")).to_be_visible()

    keys.press("To the run")
    expect(headline).to_contain_text("is approved")
    keys.type("Type the number of contacts that will be struck", str(town.DUE))
    keys.press("Run plan 1")
    expect(page.get_by_role("link", name="To its run").first).to_be_visible()
    keys.press("To its run")
    expect(headline).to_have_text(f"Run 1 is done: {town.DUE} contacts were struck.")
    assert queries.standing(Run.objects.get()).struck == town.DUE
    assert not Contact.objects.filter(last_name__in=["Prospect", "Buyer"]).exists()
    assert Contact.objects.filter(last_name="Müller").exists()


def test_the_menu_and_the_way_past_it(console: Served, visit: Visit) -> None:
    page = visit(console, somebody(Role.OPERATOR))
    keys = Keys(page)
    page.goto("/permissions/")
    keys.press_here("Skip to content")
    assert page.evaluate("document.activeElement.id") == "main"
    keys.press_here("Ada")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    keys.go_to("Appearance")
    page.keyboard.press("D")
    keys.press("Save")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    keys.press_here("Ada")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
