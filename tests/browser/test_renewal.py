"""The whole story of a renewal: real pages, a real mail server, and a clock that moves.

Ann and Bob fall due in three months. A marketer asks them to stay. A mail scanner opens every link, and
nothing comes of it; Ann clicks and stays, Bob does nothing. Thirty-seven months after they were last there,
a run takes Bob, and Ann is still on file.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fadeout.accounts.permissions import Role
from fadeout.contacts.models import Authorisation, Contact
from fadeout.core import clock
from fadeout.policy import periods
from fadeout.recency import operations as recency
from fadeout.rights import queries as requests
from fadeout.runs.models import Run, RunState
from tests import moved, support
from tests.browser.conftest import Visit
from tests.browser.served import Served, served, until
from tests.browser.test_stories import confirm, go_to, says, sign_in
from tests.campaigns.house import person
from tests.console.served import free_port
from tests.console.visitors import somebody
from tests.contacts.offered import offered
from tests.mail_server import Box

A_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))"}
#: A proxy of this machine's environment must not stand between.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Story:
    at: Served
    box: Box
    move_on: Callable[[timedelta], None]

    def mail_to(self, address: str) -> EmailMessage:
        [found] = [mail for mail in self.box.mails if mail["To"] == address]
        return found

    def link_in(self, address: str, under: str) -> str:
        text = self.mail_to(address).get_body(("plain",)).get_content()
        [path] = re.findall(rf"{re.escape(self.at.url)}(/{under}/\S+)", text)
        return path


@pytest.fixture
def story(
    database: str, box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Story]:
    ahead = tmp_path / "ahead"
    ahead.write_text("0")
    port = free_port()
    monkeypatch.setenv(moved.VARIABLE, str(ahead))
    monkeypatch.setenv("FADEOUT_URL", f"http://127.0.0.1:{port}")
    support.founded()
    offered()
    last_there = last_there_before(clock.now())
    for number, name in (("A-1", "Ann"), ("B-1", "Bob")):
        person(
            number, answer=None, created_at=last_there, first_name=name, email=f"{name}@example.org"
        )
        Authorisation.objects.create(
            contact=Contact.objects.get(contact_number=number), purpose="institution",
            channel="email", changed_at=last_there, value="yes", origin="contact",
        )  # fmt: skip
    person("C-1", answer=None, created_at=clock.now(), first_name="Cleo")
    recency.refresh_all(now=clock.now(), time_zone=support.TIME_ZONE)
    with served(tmp_path, module="tests.moved", port=port) as at:
        yield Story(at, box, lambda by: ahead.write_text(str(by.total_seconds())) and None)


def last_there_before(now: datetime) -> datetime:
    """So long ago that, by the policy, they fall due within three months from now."""
    day = periods.months_before(now.date(), 33) - timedelta(days=7)
    return datetime.combine(day, time(12), UTC)


def test_whoever_clicks_stays_and_whoever_does_not_is_forgotten(
    story: Story, visit: Visit, watch: Any
) -> None:
    marketer = visit(story.at)
    sign_in(marketer, somebody(Role.MARKETER, name="Marek"))
    make_it(marketer)
    let_it_go(marketer)
    until(lambda: len(story.box.mails) == 2, "two mails", story.at.said)
    assert {mail["To"] for mail in story.box.mails} == {"Ann@example.org", "Bob@example.org"}

    scan_everything(story)
    assert not Contact.objects.filter(clicks__automated=False).exists()
    assert recency_of("Ann") == recency_of("Bob") == last_there_before(clock.now()).date()

    story.move_on(timedelta(days=1))
    ann = visit(story.at)
    ann.set_extra_http_headers({"User-Agent": A_BROWSER})
    ann.goto(story.link_in("Ann@example.org", "r"))
    says(ann, "Would you like to stay?")
    assert "Ann" not in ann.content()
    ann.get_by_role("button", name="I would like to stay").click()
    says(ann, "How good that you stay.")
    latest = Authorisation.objects.filter(contact__first_name="Ann").latest("changed_at")
    assert (latest.value, latest.origin) == ("yes", "contact")
    assert "stay page, wording 3 in en, link of mailing" in latest.evidence
    assert recency_of("Ann") == (clock.now() + timedelta(days=1)).date()

    marketer.goto("/audience/renewal/")
    marketer.get_by_role("link", name="Renewal of autumn").click()
    says(marketer, "1 contact stays. 1 is still due.")
    for row in ("Due 2", "Sent 2", "Clicked 1", "Renewed 1", "· by their click 1", "Still due 1"):
        expect(marketer.get_by_role("row", name=re.compile(f"^{row}"))).to_be_visible()
    expect(marketer.get_by_role("main")).to_contain_text("2 were left out.")

    story.move_on(months_on(clock.now(), 4) + timedelta(days=1))
    dpo = visit(story.at)
    sign_in(dpo, somebody(Role.DPO, name="Dora"))
    run_the_rule(dpo)
    assert not Contact.objects.filter(first_name="Bob").exists()
    assert Contact.objects.get(first_name="Ann").anonymised_on is None

    marketer.reload()
    says(marketer, "1 contact stays. 0 are still due.")
    expect(marketer.get_by_role("row", name=re.compile("^Forgotten since 1"))).to_be_visible()
    watch.expect(404)
    gone = visit(story.at)
    gone.goto(story.link_in("Bob@example.org", "p"))
    says(gone, "This link opens nothing any more.")

    ann.goto(story.link_in("Ann@example.org", "p"))
    says(ann, "What may we write to you about?")
    ann.get_by_role("link", name="Forget me").click()
    ann.get_by_role("button", name="Yes, forget me").click()
    says(ann, "We noted that you would like to be forgotten.")
    [request] = requests.open_requests()
    assert request.contact == Contact.objects.get(first_name="Ann").public_id


def make_it(page: Page) -> None:
    """The guided page, and what the worker makes of it."""
    go_to(page, "Audience")
    page.get_by_role("navigation", name="Audience").get_by_role("link", name="Renewal").click()
    page.get_by_role("link", name="Make a renewal").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Renewal of autumn")
    page.get_by_label(re.compile("^Ask those who fall due")).fill("3")
    page.get_by_role("button", name="Make it").click()
    says(page, "2 contacts are due. The letter waits for you.")
    for step in ("Tracked link", "Simulation", "Target", "Letter"):
        expect(page.locator(".steps").get_by_role("link", name=step)).to_be_visible()


def let_it_go(page: Page) -> None:
    """Somebody answers for two mails."""
    page.get_by_role("link", name="Read the letter and let it go").click()
    page.get_by_role("link", name="Send it …").click()
    page.locator("input.typed").fill("2")
    page.get_by_role("button", name="Send it").click()
    confirm_if_asked(page)


def confirm_if_asked(page: Page) -> None:
    page.wait_for_load_state()
    if "reauthenticate" in page.url:
        confirm(page)


def scan_everything(story: Story) -> None:
    """A gateway opens all links of both mails."""
    for address in ("Ann@example.org", "Bob@example.org"):
        for under in ("r", "p", "u"):
            link = story.at.url + story.link_in(address, under)
            asked = urllib.request.Request(link, headers=SCANNER)  # noqa: S310 - of this machine
            with DIRECT.open(asked, timeout=20) as answer:
                assert answer.status == 200


def run_the_rule(page: Page) -> None:
    """Simulate, approve, run: one contact is struck."""
    go_to(page, "Plans")
    page.get_by_role("link", name="Simulate").click()
    page.get_by_role("button", name="Simulate").click()
    page.get_by_role("row").filter(has_text="36 months").get_by_role("link").first.click()
    says(page, "would strike 1 contact")
    page.get_by_role("link", name="To the decision").click()
    page.get_by_label("Type the number of contacts that will be struck").fill("1")
    page.get_by_role("button", name=re.compile("^Approve plan")).click()
    confirm(page)
    page.get_by_role("link", name="To the run").click()
    page.get_by_label("Type the number of contacts that will be struck").fill("1")
    page.get_by_role("button", name=re.compile("^Run plan")).click()
    until(lambda: Run.objects.filter(state=RunState.DONE).first(), "the run is done")
    page.goto(f"/runs/{Run.objects.get().pk}/")
    says(page, "is done: 1 contact was struck.")


def recency_of(name: str) -> Any:
    contact = Contact.objects.get(first_name=name)
    recency.refresh([contact.pk], now=clock.now(), time_zone=support.TIME_ZONE)
    contact.refresh_from_db()
    return Contact.objects.select_related("indicator").get(pk=contact.pk).indicator.recency_on


def months_on(now: datetime, months: int) -> timedelta:
    return periods.months_after(now.date(), months) - now.date()
