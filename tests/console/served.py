"""A real console in processes of its own, and what it logs."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

PATIENCE_SECONDS = 120.0


@contextmanager
def served(
    log: Path,
    *,
    module: str = "fadeout",
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[str]:
    """A console that answers, logging to a file; its address. It is stopped in the end."""
    port = port or free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "serve", "--port", str(port), "--processes", "1"],
            stdout=subprocess.DEVNULL,
            stderr=file,
            env={**os.environ, **(environment or {})},
        )
        try:
            address = f"http://localhost:{port}"
            _until_it_answers(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=60)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def sent(browser: requests.Session, address: str, **typed: str) -> requests.Response:
    """Open a page, and send its form."""
    page = browser.get(address, timeout=60)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None, page.text
    return browser.post(page.url, {"csrfmiddlewaretoken": token[1], **typed}, timeout=60)


def _until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/account/login/", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the console does not answer: {log.read_text()}")
