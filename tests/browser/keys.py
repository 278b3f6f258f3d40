"""Somebody who has a keyboard and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

#: What stands where the focus is: its name, and whether one sees that it is there.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const named = at.getAttribute('aria-label') || at.labels?.[0]?.innerText || at.innerText || at.value || '';
  return {
    name: named.trim().split('\\n')[0],
    // Within a date, the browser itself marks the part that has the focus.
    outlined: at.type === 'date' || (at.matches(':focus-visible')
      && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2),
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth,
  };
}"""
MOST_STOPS = 120


@dataclass(frozen=True)
class Keys:
    """Tab, Enter and what is typed; at each stop the focus must be seen."""

    page: Page

    def go_to(self, name: str) -> None:
        """Press Tab until something of this name has the focus."""
        passed = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            at: dict[str, Any] | None = self.page.evaluate(FOCUSED)
            if at is None:  # the end of the page; it begins anew
                continue
            assert at["outlined"], f"the focus is not seen on {at['name']}"
            assert at["seen"], f"{at['name']} has the focus outside of what is seen"
            if at["name"] == name:
                return
            passed.append(at["name"])
        raise AssertionError(f"no Tab leads to {name}, only to {passed}")

    def type(self, name: str, text: str) -> None:
        """Go to a field and type there."""
        self.go_to(name)
        self.page.keyboard.type(text)

    def press(self, name: str) -> None:
        """Go to a link or a button, press it, and wait for the page that it leads to."""
        self.go_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press_here(self, name: str) -> None:
        """Go to something and press it that changes the page at hand."""
        self.go_to(name)
        self.page.keyboard.press("Enter")
