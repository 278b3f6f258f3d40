"""Servers that break off, and providers over HTTP: what is known is told apart from what nobody knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from django.test import override_settings

from fadeout.campaigns import steps, totals
from fadeout.core import mail
from fadeout.core.errors import BadInput
from tests import support
from tests.campaigns import house
from tests.campaigns.house import NOW
from tests.mail_server import AtAnyPort, Box


@pytest.fixture(autouse=True)
def reachable() -> Iterator[None]:
    with house.reachable:
        yield


class Rude(Box):
    """Breaks off without a word: when the second recipient is named, or once it has the second mail.

    At step MAIL it refuses whoever sends.
    """

    step = ""
    recipients = 0

    async def handle_MAIL(self, _s: Any, _x: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        if self.step == "MAIL":
            return "550 5.7.1 no such sender"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, _x: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        self.recipients += 1
        if self.step == "RCPT" and self.recipients == 2:
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if self.step == "DATA" and len(self.mails) == 2:
            server.transport.abort()
        return answer


@pytest.fixture
def rude(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rude]:
    found = Rude()
    controller = AtAnyPort(found, hostname="127.0.0.1", port=0)
    controller.start()
    monkeypatch.setenv("FADEOUT_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setenv("FADEOUT_MAIL_FROM", "fadeout@theatre.example")
    yield found
    controller.stop()


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_broken_connection_is_a_doubt_only_once_the_mail_was_on_its_way(
    step: str, database: str, rude: Rude
) -> None:
    support.founded()
    for number in ("1", "2", "3"):
        house.person(number)
    campaign = house.let_go(house.draft())
    rude.step = step
    again = house.sent(campaign)
    found = totals.standing(campaign)
    if step == "DATA":
        assert again is None
        assert house.states(campaign)["2"] == "in_doubt: smtp_broken"
        assert (found.sent, found.in_doubt, len(rude.mails)) == (2, 1, 3)
    else:
        assert again == NOW + steps.WAITS[0]
        assert house.states(campaign)["2"] == "retrying: smtp_broken"
        house.sent(campaign, again)
        assert totals.standing(campaign).sent == 3
        assert sorted(mail["To"] for mail in rude.mails) == [f"{n}@example.org" for n in (1, 2, 3)]


class Provider(BaseHTTPRequestHandler):
    """Answers as Postmark does; refuses with a status while there is one."""

    asked: ClassVar[list[Any]] = []
    status = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        answer = [{"ErrorCode": 0, "Message": "OK", "MessageID": f"m{len(self.asked)}", "To": one["To"]}
                  for one in (body if isinstance(body, list) else [body])]  # fmt: skip
        self.wfile.write(json.dumps(answer if isinstance(body, list) else answer[0]).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Provider]]:
    server = HTTPServer(("127.0.0.1", 0), Provider)
    thread = Thread(target=server.serve_forever)
    thread.start()
    Provider.asked, Provider.status = [], 200
    monkeypatch.delenv("FADEOUT_SMTP_URL", raising=False)
    monkeypatch.setenv("FADEOUT_MAIL_PROVIDER", "postmark")
    monkeypatch.setenv("FADEOUT_MAIL_FROM", "fadeout@theatre.example")
    monkeypatch.setenv("FADEOUT_ANYMAIL_POSTMARK_SERVER_TOKEN", "secret")
    monkeypatch.setenv(
        "FADEOUT_ANYMAIL_POSTMARK_API_URL", f"http://127.0.0.1:{server.server_port}/"
    )
    with override_settings(ANYMAIL=mail.anymail_settings()):
        yield Provider
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_provider_of_anymail_sends_by_its_settings_alone(
    database: str, provider: type[Provider]
) -> None:
    support.founded()
    house.person("1")
    campaign = house.let_go(house.draft())
    house.sent(campaign)
    [asked] = provider.asked
    assert (asked["To"], asked["Subject"]) == ("1@example.org", "For First 1")
    headers = {header["Name"]: header["Value"] for header in asked["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert house.states(campaign) == {"1": "sent"}
    assert house.message(campaign, "1").provider_id == "m1"
    second = house.let_go(house.draft("Second"))
    provider.status = 503
    house.sent(second)
    assert house.states(second) == {"1": "retrying: http_503"}
    third = house.let_go(house.draft("Third"))
    provider.status = 413
    house.sent(third)
    assert house.states(third) == {"1": "failed: http_413"}


def test_a_provider_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FADEOUT_MAIL_PROVIDER", "../evil")
    with pytest.raises(BadInput, match="FADEOUT_MAIL_PROVIDER"):
        mail.backend()


def test_a_sender_that_is_refused_costs_nobody_the_mail(database: str, rude: Rude) -> None:
    support.founded()
    for number in ("1", "2", "3"):
        house.person(number)
    campaign = house.let_go(house.draft(per_minute=6_000))  # one lane
    rude.step = "MAIL"
    for minute in (0, 1):
        now = NOW + minute * steps.TROUBLE
        assert house.sent(campaign, now) == now + steps.TROUBLE
        campaign.refresh_from_db()
        assert (campaign.trouble, campaign.trouble_since) == ("sender_refused", NOW)
    assert set(house.states(campaign).values()) == {"retrying: sender_refused", "waiting"}
    assert (totals.standing(campaign).failed, rude.mails) == (0, [])
    rude.step = ""
    house.sent(campaign, NOW + 3 * steps.TROUBLE)
    campaign.refresh_from_db()
    assert (campaign.trouble, totals.standing(campaign).sent) == (None, 3)
