"""What a page must bear however one looks at it: it keeps nobody out, and never scrolls sideways."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
DESK = ((1366, 900), (1024, 768))
PHONE = ((390, 844), (320, 640))

OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    },
    "resultTypes": ["violations"],
}
#: Leaves the menu as it is: it would lie over the page.
OPEN_ALL = "document.querySelectorAll('details:not(.who)').forEach(each => each.open = true)"
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter(each => !each.closest('.scroll > *') && each.getBoundingClientRect().right > width + 1)
    .map(each => each.outerHTML.slice(0, 120)).slice(0, 5);
}"""


def findings(page: Page, sizes: tuple[tuple[int, int], ...]) -> list[str]:
    """What is wrong with a page: by axe in both themes at the first size, too wide at any."""
    page.evaluate(OPEN_ALL)
    found = []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"too wide at {width}: {each}" for each in page.evaluate(TOO_WIDE)]
    width, height = sizes[0]
    page.set_viewport_size({"width": width, "height": height})
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        violations = Axe().run(page, options=OPTIONS).response["violations"]
        found += [f"{theme}: {_told(each)}" for each in violations]
    return found


def _told(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    first = nodes[0]
    return (
        f"{violation['id']}, {len(nodes)} times; {first['target']}: {first['html'][:160]}"
        f" {first['failureSummary']}"
    )
