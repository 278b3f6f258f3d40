"""Finds the browser of the tests, and installs one where it can: ``python -m tests.browser.chromium``.

Whoever has no browser is told how to get one; the tests then fail, they are never left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

VARIABLE = "FADEOUT_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
WAY_OUT = (
    "The tests of the console need Chromium, and there is none. Debian: apt-get install chromium. "
    f"Elsewhere: python -m playwright install chromium, or {VARIABLE}=/path/of/the/browser."
)


def found() -> Path | None:
    """The browser that was named, else that of Playwright, else that of the system.

    Raises:
        FileNotFoundError: the one that was named is not there.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"{VARIABLE} names a browser that is not there: {named}")
        return Path(named)
    return next((path for path in _usual() if path.is_file()), None)


def required() -> Path:
    """The browser.

    Raises:
        FileNotFoundError: there is none.
    """
    path = found()
    if path is None:
        raise FileNotFoundError(WAY_OUT)
    return path


def _usual() -> Iterator[Path]:
    for name in NAMES:
        if path := shutil.which(name):
            yield Path(path)
    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def _install() -> None:
    """As Debian does it, by whoever may; fonts come along, since a page without them proves nothing."""
    apt = shutil.which("apt-get")
    may = [] if os.geteuid() == 0 else [shutil.which("sudo") or "", "-n"]
    if apt is None or "" in may:
        return
    quietly = {"DEBIAN_FRONTEND": "noninteractive"} | os.environ
    for step in ("update", "install"):
        what = (
            []
            if step == "update"
            else ["-y", "--no-install-recommends", "chromium", "fonts-liberation"]
        )
        done = subprocess.run([*may, apt, "-qq", step, *what], env=quietly, check=False,
                              stdout=subprocess.DEVNULL)  # fmt: skip
        if done.returncode:
            sys.stderr.write(f"apt-get {step} failed.\n")


if __name__ == "__main__":
    try:
        if found() is None:
            sys.stderr.write("There is no Chromium yet: the tests of the console need one.\n")
            _install()
        required()
    except FileNotFoundError as error:
        sys.exit(str(error))
