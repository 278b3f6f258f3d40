"""A real process that sends is killed at each step: nobody gets a mail twice, and only one is in doubt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fadeout.campaigns import sending, totals
from fadeout.campaigns.models import Campaign, State
from fadeout.core import clock
from tests import support
from tests.campaigns import house
from tests.mail_server import AtAnyPort, Box

MAILS = 6
#: The step of SMTP at which the sender dies -> whether the mail at hand went out, and is in doubt.
STEPS = {"EHLO": (False, False), "RCPT": (False, True), "DATA": (True, True)}


class Deadly(Box):
    """A mail server that kills whoever sends, at the third mail."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step, self.seen, self.victim = step, 0, 0

    async def handle_EHLO(self, _s: Any, session: Any, _e: Any, host: str, answers: Any) -> Any:  # noqa: N802
        session.host_name = host
        if self.step == "EHLO":
            self._kill()
        return answers

    async def handle_RCPT(self, _s: Any, _x: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        self.seen += 1
        if self.step == "RCPT" and self.seen == 3:
            self._kill()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if self.step == "DATA" and len(self.mails) == 3:
            self._kill()
        return answer

    def _kill(self) -> None:
        if self.victim:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = 0


@pytest.fixture
def deadly(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deadly]:
    found = Deadly(request.param)
    controller = AtAnyPort(found, hostname="127.0.0.1", port=0)
    controller.start()
    monkeypatch.setenv("FADEOUT_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setenv("FADEOUT_MAIL_FROM", "fadeout@theatre.example")
    monkeypatch.setenv("FADEOUT_URL", house.URL)
    yield found
    controller.stop()


@pytest.mark.parametrize("deadly", STEPS, indirect=True)
def test_after_kill_9_each_contact_has_it_once_but_for_the_one_in_doubt(
    database: str, deadly: Deadly
) -> None:
    support.founded()
    for number in range(MAILS):
        house.person(str(number))
    with house.reachable:
        campaign = house.draft(per_minute=6_000)  # one lane
        process = subprocess.Popen(
            [sys.executable, "-m", "fadeout", *_command(campaign)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        deadly.victim = process.pid
        _, told = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, told
        went_out, is_doubtful = STEPS[deadly.step]
        before = len(deadly.mails)
        assert before == {"EHLO": 0, "RCPT": 2, "DATA": 3}[deadly.step]
        _to_the_end(campaign)
        got = [mail["To"] for mail in deadly.mails]
        assert len(got) == len(set(got)) == MAILS - (is_doubtful and not went_out)
        found = totals.standing(campaign)
        assert (found.sent, found.in_doubt) == (MAILS - is_doubtful, int(is_doubtful))
        campaign.refresh_from_db()
        assert campaign.state == State.SENT
        _to_the_end(campaign)  # never again by itself
        assert len(deadly.mails) == len(got)


@pytest.mark.parametrize("deadly", ["DATA"], indirect=True)
def test_of_two_lanes_each_leaves_one_in_doubt_at_most(database: str, deadly: Deadly) -> None:
    support.founded()
    for number in range(MAILS):
        house.person(str(number))
    with house.reachable:
        campaign = house.draft()
        process = subprocess.Popen(
            [sys.executable, "-m", "fadeout", *_command(campaign)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        deadly.victim = process.pid
        assert process.wait(timeout=120) == -signal.SIGKILL
        _to_the_end(campaign)
    got = [mail["To"] for mail in deadly.mails]
    found = totals.standing(campaign)
    assert len(got) == len(set(got))
    assert 1 <= found.in_doubt <= sending.LANES
    assert found.sent + found.in_doubt == MAILS
    sure = {number for number, state in house.states(campaign).items() if state == "sent"}
    assert {f"{number}@example.org" for number in sure} <= set(got)


def _command(campaign: Campaign) -> list[str]:
    return ["campaign", "send", str(campaign.public_id), "--here", "--yes", str(MAILS)]


def _to_the_end(campaign: Campaign) -> None:
    again = clock.now()
    while (following := house.sent(campaign, again)) is not None:
        again = following
