"""Takes the pictures of the console in docs: ``make screenshots``. Look at them before you keep them.

Every page by day at a desk; those that people see most also by night and on a phone. Small files: few
colours are enough for text.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the loop of Playwright is not ours

import django

django.setup()

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from fadeout.accounts.permissions import Role
from fadeout.core import database, tables
from tests.browser import chromium, pages
from tests.browser.house import Furnished, furnished
from tests.browser.served import Served, served
from tests.console.visitors import proved

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images" / "console"
GALLERY = FOLDER.parents[1] / "reference" / "pages.md"
HEAD = """# Pages of the console

`make screenshots` takes these pictures, of a house of which every page has something to show, as an
administrator sees it.
"""
LOOKS = {"day": "by day", "night": "by night", "phone": "on a phone"}
DESK, PHONE = (1366, 900), (390, 844)
TALLEST = 1800
COLOURS = 128
#: By night and on a phone too.
MOST_SEEN = ("account_login", "today", "contacts", "contact", "plan", "approve", "run", "batches")


def picture_of(name: str, look: str) -> Path:
    """Where a picture lies: of a route, by day, by night or on a phone."""
    return FOLDER / f"{name.replace('_', '-')}-{look}.png"


def wanted() -> Iterator[tuple[str, str]]:
    """Route and look of every picture."""
    for name in sorted(set(pages.names()) - pages.OF_THE_SECURED):
        yield name, "day"
        if name in MOST_SEEN:
            yield name, "night"
            yield name, "phone"


@contextmanager
def _house(folder: Path) -> Iterator[tuple[Served, Furnished]]:
    os.environ["FADEOUT_HOME"] = str(folder / "home")
    os.environ["FADEOUT_KEYS"] = str(folder / "keys")
    os.environ.pop("FADEOUT_DATABASE_URL", None)
    with database.opened():
        tables.migrate(verbosity=0)
        found = furnished(folder / "in")
        with served(folder) as at:
            yield at, found


def _opened(browser: Browser, at: Served, look: str, house: Furnished | None) -> Page:
    width, height = PHONE if look == "phone" else DESK
    context = browser.new_context(
        base_url=at.url, viewport={"width": width, "height": height}, locale="en-GB",
        color_scheme="dark" if look == "night" else "light", reduced_motion="reduce",
    )  # fmt: skip
    if house:
        session = proved(house.users[Role.ADMINISTRATOR]).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": at.url}])
    return context.new_page()


def _take(page: Page, path: str, file: Path) -> str:
    """The picture of a page; its title."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    size = page.viewport_size
    assert size
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(max(height, 1), TALLEST)}
    taken = page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
    with Image.open(io.BytesIO(taken)) as image:
        few = image.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        few.save(file, optimize=True)
    return page.title().partition(" · ")[0]


def take_all() -> None:
    """All pictures anew, of a house of this day."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        _house(Path(folder)) as (at, house),
    ):
        browser = playwright.chromium.launch(executable_path=chromium.required())
        opened = {
            (look, is_visitor): _opened(browser, at, look, None if is_visitor else house)
            for look in ("day", "night", "phone")
            for is_visitor in (True, False)
        }
        titles = {
            (name, look): _take(
                opened[look, name in pages.OF_VISITORS],
                pages.address(name, house),
                picture_of(name, look),
            )
            for name, look in wanted()
        }
        browser.close()
    GALLERY.write_text(HEAD + "".join(_shown(titles)), encoding="utf-8")


def _shown(titles: dict[tuple[str, str], str]) -> Iterator[str]:
    """Every page with its pictures, in the order of the routes."""
    for name in (name for name in pages.names() if (name, "day") in titles):
        looks = [look for look in ("day", "night", "phone") if (name, look) in titles]
        yield f"\n## {titles[name, 'day']} (`{name}`)\n\n"
        for look in looks:
            file = picture_of(name, look).relative_to(GALLERY.parent.parent)
            yield f"![{titles[name, look]}, {LOOKS[look]}](../{file})\n"


if __name__ == "__main__":
    take_all()
