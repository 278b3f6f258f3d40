"""A real Chromium before the real console: one browser and one house for each file, or a house for a test.

The browser lives no longer than the tests of its file: while Playwright is at work this thread has an event
loop, which nothing else expects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from tests import support
from tests.browser import chromium, pages
from tests.browser.house import Furnished, furnished
from tests.browser.looks import findings
from tests.browser.served import Served, served
from tests.browser.watch import Watch
from tests.conftest import own_database
from tests.console.visitors import proved, signed_in

#: Whatever name a page asks for, there is no such host.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"
#: As slow as a machine with other things to do may be.
PATIENCE_MILLISECONDS = 30_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)
DESKTOP: ViewportSize = {"width": 1366, "height": 900}

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    connections.close_all()  # with a loop in this thread Django keeps others, and forgets these
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the loop of Playwright is not ours
        started = playwright.chromium.launch(
            executable_path=chromium.required(), args=[ALONE, "--force-color-profile=srgb"]
        )
        yield started
        started.close()
        connections.close_all()


@pytest.fixture
def console(database: str, tmp_path: Path) -> Iterator[Served]:
    """The console of a house of which nothing is known yet, for one test."""
    support.founded()
    with served(tmp_path) as at:
        yield at


@pytest.fixture(scope="module")
def shared_console(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The console of a house that the tests of a file share; nothing is known of it at first."""
    folder = tmp_path_factory.mktemp("console")
    with own_database(server, folder):
        support.founded()
        with served(folder) as at:
            yield at


@pytest.fixture
def watch() -> Watch:
    """What browsers of this test complained of; ``expect`` names answers that belong to the test."""
    return Watch()


Visit = Callable[..., Page]


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, browser: Browser, watch: Watch, tmp_path: Path
) -> Iterator[Visit]:
    """Opens a browser of its own: ``visit(console, user)``, signed in if a user is given.

    What browsers complain of fails the test. If it fails, what they showed lies in its folder.
    """
    contexts = []

    def opened(at: Served, user: User | None = None) -> Page:
        context = _context(browser, at, watch)
        contexts.append(context)
        context.tracing.start(snapshots=True)
        if user is not None:
            _sign_in(context, at, signed_in(user))
        return context.new_page()

    yield opened
    has_failed = request.node.stash.get(FAILED, False) or bool(watch.complaints)
    for number, context in enumerate(contexts, start=1):
        if has_failed:
            _keep(context, tmp_path / f"browser-{number}.png")
        context.tracing.stop(path=tmp_path / f"browser-{number}.zip" if has_failed else None)
        context.close()
    assert watch.taken() == []


def _context(browser: Browser, at: Served, watch: Watch) -> BrowserContext:
    context = browser.new_context(
        base_url=at.url, viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Zurich"
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    watch.over(context, urlsplit(at.url).netloc)
    return context


def _sign_in(context: BrowserContext, at: Served, client: Client) -> None:
    """Take over the session of somebody who has just signed in."""
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": at.url}])


def _keep(context: BrowserContext, file: Path) -> None:
    for page in context.pages:
        page.screenshot(path=file, full_page=True)


@pytest.fixture(scope="module")
def house(
    server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Furnished]]:
    """A house of which every page has something to show, and its console."""
    folder = tmp_path_factory.mktemp("house")
    with own_database(server, folder):
        found = furnished(folder / "in")
        with served(folder, with_worker=False) as at:
            yield at, found


@dataclass(frozen=True)
class Tour:
    """People who between them may see every page."""

    url: str
    house: Furnished
    administrator: Page
    secured: Page
    visitor: Page
    watch: Watch

    def who(self, name: str) -> Page:
        """The browser of somebody who has this page."""
        if name in pages.OF_VISITORS:
            return self.visitor
        return self.secured if name in pages.OF_THE_SECURED else self.administrator

    def look_at(self, name: str, language: str, sizes: tuple[tuple[int, int], ...]) -> None:
        """Open the page of a route in a language and find nothing wrong with it."""
        page = self.who(name)
        page.context.add_cookies([
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.url}
        ])  # fmt: skip
        expected = pages.ANSWERS.get(name, 200)
        self.watch.expect(expected)
        address = pages.address(name, self.house)
        asked = f"?language={language}" if name in pages.IN_THEIR_OWN else ""
        answer = page.goto(address + asked)
        assert answer is not None
        assert answer.status == expected
        assert name in pages.BY_NAME or urlsplit(answer.url).path == address, "led elsewhere"
        assert pages.is_page(answer.headers, answer.text()), f"{name} is no page"
        assert page.locator("html").get_attribute("lang") == language
        found = findings(page, sizes)
        assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def guide(house: tuple[Served, Furnished], browser: Browser) -> Iterator[Tour]:
    """Signed in once for all pages: passwords are slow to check, as they must be."""
    at, found = house
    watch = Watch()
    contexts = [_context(browser, at, watch) for _ in range(3)]
    for context, role in zip(contexts, (Role.ADMINISTRATOR, Role.DPO), strict=False):
        _sign_in(context, at, long_proved(found.users[role]))
    TOTP.activate(found.users[Role.DPO], generate_totp_secret())
    RecoveryCodes.activate(found.users[Role.DPO])
    yield Tour(at.url, found, *(context.new_page() for context in contexts), watch)
    for context in contexts:
        context.close()


def long_proved(user: User) -> Client:
    """Signed in and proved who it is; asked again only in an hour."""
    client = proved(user)
    session = client.session
    for proof in session["account_authentication_methods"]:
        proof["at"] += 3600
    session.save()
    return client


@pytest.fixture
def tour(request: pytest.FixtureRequest, guide: Tour, tmp_path: Path) -> Iterator[Tour]:
    """The guide, for one page."""
    yield guide
    complaints = guide.watch.taken()
    if request.node.stash.get(FAILED, False) or complaints:
        for who in ("administrator", "secured", "visitor"):
            getattr(guide, who).screenshot(path=tmp_path / f"{who}.png", full_page=True)
    assert complaints == []
