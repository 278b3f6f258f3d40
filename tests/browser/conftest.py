"""A real Chromium before the real console: one browser and one house for each file, or a house for a test.

The browser lives no longer than the tests of its file: while Playwright is at work this thread has an event
loop, which nothing else expects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fadeout.accounts.models import User
from tests import support
from tests.browser import chromium
from tests.browser.served import Served, served
from tests.browser.watch import Watch
from tests.conftest import own_database
from tests.console.visitors import signed_in

#: Whatever name a page asks for, there is no such host.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
#: As slow as a machine with other things to do may be.
PATIENCE_MILLISECONDS = 30_000
DESKTOP = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the loop of Playwright is not ours
        started = playwright.chromium.launch(
            executable_path=chromium.required(), args=[ALONE, "--force-color-profile=srgb"]
        )
        yield started
        started.close()


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

    def opened(at: Served, user: User | None = None, **more: Any) -> Page:
        context = browser.new_context(
            base_url=at.url,
            **{"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Zurich"} | more,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        watch.over(context, urlsplit(at.url).netloc)
        context.tracing.start(snapshots=True)
        if user is not None:
            session = signed_in(user).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": at.url}])
        return context.new_page()

    yield opened
    has_failed = request.node.stash.get(FAILED, False) or bool(watch.complaints)
    for number, context in enumerate(contexts, start=1):
        if has_failed:
            for page in context.pages:
                page.screenshot(path=tmp_path / f"browser-{number}.png", full_page=True)
        context.tracing.stop(path=tmp_path / f"browser-{number}.zip" if has_failed else None)
        context.close()
    assert not watch.complaints, watch.complaints
