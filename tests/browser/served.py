"""The console as a house runs it: the real server and the real worker, on a database of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from fadeout.accounts import secret
from tests.console.served import free_port

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Served:
    """Where the console answers, and what server and worker said."""

    url: str
    logs: tuple[Path, ...]

    def said(self) -> str:
        return "\n".join(f"{log.name}:\n{log.read_text()}" for log in self.logs if log.exists())


@contextmanager
def served(
    folder: Path, *, with_worker: bool = True, module: str = "fadeout", port: int | None = None
) -> Iterator[Served]:
    """Server and worker, in the environment of the test, for as long as the block."""
    port = port or free_port()
    at = Served(f"http://127.0.0.1:{port}", (folder / "serve.log", folder / "worker.log"))
    serve = ["serve", "--port", str(port), "--processes", "1"]
    with ExitStack() as running:
        running.enter_context(_signing_alike())
        server = running.enter_context(_command(module, at.logs[0], *serve))
        worker = (
            running.enter_context(_command(module, at.logs[1], "worker")) if with_worker else None
        )
        _begun(server, lambda: answers(f"{at.url}/account/login/"), at)
        if worker:
            _begun(worker, lambda: "worker_begins" in at.logs[1].read_text(), at)
        yield at


def _begun(process: subprocess.Popen[bytes], begins: Callable[[], bool], at: Served) -> None:
    """Wait until a command is at work; one that ended says why."""
    until(lambda: process.poll() is not None or begins(), "it begins", at.said)
    assert process.poll() is None, at.said()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - of this machine
            return bool(answer.status == 200)
    except OSError:
        return False


def until(holds: Callable[[], Any], what: str, said: Callable[[], str] = str) -> Any:
    """Wait until something holds; what it gave."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        if found := holds():
            return found
        time.sleep(0.1)
    raise AssertionError(f"never: {what}\n{said()}")


@contextmanager
def _command(module: str, log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=file, stderr=file, env=dict(os.environ),
        )  # fmt: skip
        try:
            yield process
            assert process.poll() is None, f"fadeout {arguments[0]} ended:\n{log.read_text()}"
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0, log.read_text()
        finally:
            process.kill()
            process.wait()


@contextmanager
def _signing_alike() -> Iterator[None]:
    """Sessions that the test makes are good at the server: both sign with the key of the house."""
    before = settings.SECRET_KEY
    secret.use_lasting_key()
    try:
        yield
    finally:
        settings.SECRET_KEY = before
