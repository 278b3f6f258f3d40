"""A forgotten password, from the page to a real mail server and back by the link, at a real console."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller

from fadeout.accounts.permissions import Role
from fadeout.core import afterwards
from tests import support
from tests.console.served import free_port, sent, served
from tests.console.visitors import PASSWORD, somebody
from tests.worker.workers import told, until

NEW_PASSWORD = "house-lights-half-down"


class Post:
    """A mail server that takes a mail only once it is let."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.came = threading.Event()
        self.may_take = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.came.set()
        await asyncio.get_running_loop().run_in_executor(None, self.may_take.wait)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        return "250 taken"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    found = Post()
    controller = Controller(found, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setenv("FADEOUT_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setenv("FADEOUT_MAIL_FROM", "fadeout@example.org")
    yield found
    found.may_take.set()
    controller.stop()


def test_a_forgotten_password_is_chosen_anew_by_mail(
    database: str, post: Post, tmp_path: Path
) -> None:
    support.founded()
    user = somebody(Role.DPO)
    log = tmp_path / "console.log"
    with served(log) as address, requests.Session() as browser:
        forgotten = f"{address}/account/password/reset/"
        known = sent(browser, forgotten, email=user.email)
        assert post.came.wait(60)
        assert post.mails == []  # whoever asked was answered while the mail server has them wait
        unknown = sent(browser, forgotten, email="nobody@example.org")
        assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
        assert known.url == f"{address}/account/password/reset/done/"
        assert known.text.replace(user.email, "") == unknown.text.replace("nobody@example.org", "")
        post.may_take.set()
        [mail] = until(lambda: post.mails, "the mail is taken", log)
        assert mail["To"] == user.email
        link = re.search(
            rf"{re.escape(address)}/account/password/reset/key/\S+", mail.get_content()
        )
        assert link is not None
        chosen = sent(browser, link[0], password1=NEW_PASSWORD, password2=NEW_PASSWORD)
        assert chosen.url == f"{address}/account/password/reset/key/done/"
        assert "password1" not in browser.get(link[0], timeout=60).text  # good once
        login = f"{address}/account/login/"
        assert sent(browser, login, login=user.email, password=PASSWORD).url == login
        assert sent(browser, login, login=user.email, password=NEW_PASSWORD).url == f"{address}/"
    assert [line for line in told(log) if line["event"] == "request"]
    assert user.email not in log.read_text()
    assert len(post.mails) == 1


def test_what_fails_afterwards_is_in_the_log_by_its_class_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = threading.Event()

    def fail() -> None:
        try:
            raise ValueError("ada@example.org")
        finally:
            ended.set()

    assert afterwards.do("failing", fail)
    assert ended.wait(10)
    said = until(lambda: capsys.readouterr().out, "it is logged")
    assert "ValueError" in said
    assert "ada@" not in said


def test_no_more_is_taken_than_there_is_room_for() -> None:
    go_on = threading.Event()
    try:
        taken = [afterwards.do("waiting", go_on.wait) for _ in range(afterwards.MOST_WAITING)]
        assert all(taken)
        assert not afterwards.do("one too many", go_on.wait)
    finally:
        go_on.set()
    until(lambda: afterwards.do("again", lambda: None), "there is room again")
