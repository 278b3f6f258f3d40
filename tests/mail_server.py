"""A mail server of the test's own: what it took is seen, and it can be told to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Box:
    """What a mail server took; refuses with ``answer`` while there is one."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer: str | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class AtAnyPort(Controller):
    """Port 0 is any free one: whoever starts it looks for an answer at the one that it got."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    with mailbox(monkeypatch) as found:
        yield found


@contextmanager
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A mail server that this process sends to, for as long as the block."""
    found = Box()
    controller = AtAnyPort(found, hostname="127.0.0.1", port=0)
    controller.start()
    monkeypatch.setenv("FADEOUT_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setenv("FADEOUT_MAIL_FROM", "fadeout@theatre.example")
    yield found
    controller.stop()
