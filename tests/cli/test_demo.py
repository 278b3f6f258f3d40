"""The demo at a real terminal: what it prints is true, and Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psutil
import pytest

from fadeout.accounts.permissions import Role
from tests.cli.test_terminal import CTRL_C, STARTER
from tests.conftest import Fadeout

SMALL = ("--contacts", "50")
ADDRESS = re.compile(r"The console is at (http://127\.0\.0\.1:(\d+)) ")
LOGIN = re.compile(r"^ (\w+) +(\w+@example\.org) +(\S+)", re.MULTILINE)


class Demo:
    """A demo at a terminal of its own, all that it prints, and the processes that it has."""

    def __init__(self, *arguments: str) -> None:
        self.terminal, other_end = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTER, "demo", *SMALL, *arguments],
            stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True,
            env=os.environ | {"COLUMNS": "200"},
        )  # fmt: skip
        os.close(other_end)
        self.screen = ""
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        self.url, self.port = "", 0
        self.children: list[psutil.Process] = []

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self.terminal, 65_536)
            except OSError:  # the other end is closed
                return
            self.screen += part.decode().replace("\r\n", "\n")

    def serves(self) -> None:
        """Wait until the console answers."""
        until(lambda: ADDRESS.search(self.screen) or self.process.poll() is not None, self)
        found = ADDRESS.search(self.screen)
        assert found, self.screen
        self.url, self.port = found[1], int(found[2])
        until(lambda: page(self.url) is not None, self)
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        assert len(self.children) >= 3  # server, one of its own, worker

    def press(self, key: str) -> None:
        os.write(self.terminal, key.encode())

    def ended(self) -> int:
        """Wait for the end of it and of every process that it had; its exit code."""
        code = self.process.wait(timeout=120)
        _, alive = psutil.wait_procs(self.children, timeout=60)
        assert alive == []
        return code


@contextmanager
def demo(*arguments: str) -> Iterator[Demo]:
    started = Demo(*arguments)
    try:
        started.serves()
        yield started
    finally:
        started.process.kill()
        for child in started.children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        started.process.wait()
        started.reader.join()
        os.close(started.terminal)


def until(holds: Callable[[], object], of: Demo) -> None:
    give_up = time.monotonic() + 180
    while not holds():
        assert time.monotonic() < give_up, of.screen
        time.sleep(0.1)


def page(url: str) -> str | None:
    try:
        with build_opener().open(f"{url}/account/login/", timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return None


def first_page(url: str, email: str, password: str) -> str:
    """What somebody sees after signing in."""
    visitor = build_opener(HTTPCookieProcessor(CookieJar()))
    address = f"{url}/account/login/"
    form = visitor.open(address, timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    sent = {"login": email, "password": password, "csrfmiddlewaretoken": token[1]}
    return str(visitor.open(address, urlencode(sent).encode(), timeout=60).read().decode())


def test_everybody_signs_in_and_ctrl_c_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fadeout: Fadeout
) -> None:
    monkeypatch.delenv("FADEOUT_DATABASE_URL", raising=False)
    monkeypatch.setenv("FADEOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "keys"))
    with demo() as first:
        logins = {role: (email, password) for role, email, password in LOGIN.findall(first.screen)}
        assert set(logins) == set(Role)
        for email, password in logins.values():
            shown = first_page(first.url, email, password)
            assert 'action="/account/logout/"' in shown, email
            assert "Theatre of the Invented Coast" in shown
        assert 'action="/account/logout/"' not in first_page(first.url, logins["dpo"][0], "wrong")
        second = fadeout("demo")
        assert (second.returncode, "A demo runs already" in second.stderr) == (2, True)
        assert (tmp_path / "home" / "postgres" / "postmaster.pid").exists()

        first.press(CTRL_C)

        assert first.ended() == 0, first.screen
    assert "The demo has stopped." in first.screen
    assert "Traceback" not in first.screen
    assert not (tmp_path / "home" / "postgres" / "postmaster.pid").exists()
    log = (tmp_path / "home-demo" / "log").read_text()
    assert "worker_begins" in log
    assert "worker_ends" in log
    assert "worker_ends_at_once" not in log
    private = tmp_path / "home-demo" / "support.age"
    assert str(private) in first.screen
    assert private.stat().st_mode & 0o777 == 0o600

    again = fadeout("demo", "--no-serve")

    assert (again.returncode, again.stderr) == (0, "")
    assert "is as it was left" in again.stdout
    assert "Plan 1:" in again.stdout
    assert not LOGIN.search(again.stdout)


def test_ports_closed_terminals_and_one_that_ends_by_itself(
    database: str, fadeout: Fadeout
) -> None:
    with demo() as first, pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "FADEOUT_HOME", f"{os.environ['FADEOUT_HOME']}2"
        )  # another demo, same database
        taken = fadeout("demo", "--port", first.port)
        assert (taken.returncode, "Nothing can listen" in taken.stderr) == (2, True)
        with demo() as other:
            assert other.port > first.port
            other.process.send_signal(signal.SIGHUP)  # its terminal is closed
            assert other.ended() == 0, other.screen
        worker = next(child for child in first.children if not child.children() and is_own(child))
        worker.kill()
        assert first.ended() == 1
        assert "fadeout worker has ended by itself (exit code -9)." in first.screen


def is_own(child: psutil.Process) -> bool:
    """Whether it leads a session, as the server and the worker do."""
    return os.getsid(child.pid) == child.pid


def test_nothing_goes_on_when_the_demo_is_killed(database: str) -> None:
    with demo() as running:
        running.process.kill()
        running.ended()
