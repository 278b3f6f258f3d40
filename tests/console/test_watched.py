"""Health, figures and logs of the console: enough to look after it, and nothing about people."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.test import Client, override_settings

from fadeout.accounts.permissions import Role
from tests import support
from tests.conftest import cloned, drop
from tests.console.served import served
from tests.console.visitors import somebody
from tests.worker.workers import told, until

NAME, EMAIL = "Sentinel-Aurelie", "sentinel.mail@example.org"
PHONE, NUMBER = "+41790009988", "SENTINEL-000471"
#: A browser with a session, whatever became of it.
SIGNED_IN = {"Cookie": f"sessionid={'x' * 32}"}
ALL = (NAME, EMAIL, PHONE, NUMBER)


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: str


def asked(
    address: str,
    method: str,
    target: str,
    *,
    body: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """What the server answers to exactly this, without following anything."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    sent = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, target, body=body or None, headers={**sent, **(headers or {})})
    answer = connection.getresponse()
    got = Answer(answer.status, answer.headers, answer.read().decode())
    connection.close()
    return got


def requests_in(log: Path) -> list[dict[str, Any]]:
    return [line for line in told(log) if line["event"] == "request"]


def test_the_log_of_a_real_console_has_every_request_and_nobody(
    database: str, tmp_path: Path
) -> None:
    support.founded()
    somebody(Role.OPERATOR)
    log = tmp_path / "console.log"
    typed = urlencode({"login": EMAIL, "password": NAME, "email": EMAIL, "q": f"{PHONE} {NUMBER}"})
    personal = {
        "User-Agent": NAME, "Referer": f"https://example.org/{NUMBER}", "X-Request-Id": EMAIL,
        "X-Forwarded-For": PHONE, "Authorization": f"Bearer {NUMBER}", "Cookie": f"sessionid={NAME}",
    }  # fmt: skip
    with served(log, module="tests.console.failing") as address:
        before = len(requests_in(log))
        statuses = [
            asked(address, "GET", f"/?q={quote(PHONE)}", headers=personal).status,
            asked(address, "GET", f"/{quote(NAME)}/{NUMBER}?q={EMAIL}").status,
            asked(address, "GET", f"/static/{NAME}.css").status,
            asked(address, "POST", "/account/login/", body=typed).status,  # without the CSRF cookie
            asked(address, "POST", "/account/password/reset/", body=typed, headers=personal).status,
            asked(address, "GET", f"/account/password/reset/key/1-{NUMBER}/").status,
            asked(address, "GET", "/", headers={"Host": f"{NAME.lower()}.example.org"}).status,
            asked(address, NAME.upper(), "/account/login/").status,
            asked(address, "GET", "/metrics", headers=personal).status,
        ]
        failed = asked(address, "GET", f"/failing/{quote(NAME)}/?q={NUMBER}", headers=personal)
        statuses.append(failed.status)
        lines = until(
            lambda: len(found := requests_in(log)) >= before + len(statuses) and found[before:],
            "a line for each request",
            log,
        )
    assert statuses == [302, 404, 404, 403, 403, 200, 400, 403, 403, 500]
    assert [line["status"] for line in lines] == statuses
    assert [line["route"] for line in lines] == [
        "today", "none", "file", "account_login", "account_reset_password",
        "account_reset_password_from_key", "none", "account_login", "metrics", "failing",
    ]  # fmt: skip
    assert {line["method"] for line in lines} == {"GET", "POST", "other"}
    assert all(line["milliseconds"] >= 0 for line in lines)
    assert len({line["request"] for line in lines}) == len(lines)

    number = failed.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{16}", number)
    assert f"<code>{number}</code>" in failed.body
    assert "Something failed here." in failed.body
    assert NAME not in failed.body
    [error] = [line for line in told(log) if line.get("error") == "ValueError"]
    assert (error["request"], error["level"], error["logger"]) == (
        number,
        "error",
        "django.request",
    )
    assert error["places"][-1].startswith("failing.py:")
    assert error["places"][-1].endswith(" fail")

    everything = log.read_text().lower()
    for sentinel in ALL:
        assert sentinel.lower() not in everything
        assert quote(sentinel).lower() not in everything
    assert "/failing/" not in everything


def test_a_load_balancer_sees_whether_pages_can_be_served(
    server: str, database: str, tmp_path: Path
) -> None:
    support.founded()
    by_number = {"Host": "10.0.0.7:8000"}
    with served(tmp_path / "console.log") as address:
        well = asked(address, "GET", "/health", headers=by_number)
        assert (well.status, well.headers["Content-Type"]) == (200, "application/json")
        assert json.loads(well.body) == {
            "database": True, "worker": False, "silent_seconds": None, "oldest_waiting_seconds": None,
        }  # fmt: skip
        assert "no-store" in well.headers["Cache-Control"]
        assert (
            asked(address, "GET", "/", headers=by_number).status == 400
        )  # all else asks for the name
        name = database.rsplit("dbname=", 1)[-1].split(maxsplit=1)[0]
        drop(server, name)
        gone = asked(address, "GET", "/health", headers=by_number)
        looked = asked(address, "GET", "/health", headers=SIGNED_IN)
        page = asked(address, "GET", "/plans/", headers=SIGNED_IN)
        cloned(server, name)
        for answer in (gone, looked):
            assert answer.status == 503
            assert json.loads(answer.body)["database"] is False
        assert (page.status, page.headers["Retry-After"]) == (503, "30")
        assert "The database does not answer at the moment." in page.body
        assert asked(address, "GET", "/plans/", headers=SIGNED_IN).status == 302


def test_figures_are_told_to_this_machine_alone_unless_a_token_is_set(database: str) -> None:
    support.founded()

    def status(**more: str) -> int:
        return Client(SERVER_NAME="127.0.0.1").get("/metrics", **more).status_code  # type: ignore[arg-type]

    assert status(REMOTE_ADDR="127.0.0.1") == 200
    assert status(REMOTE_ADDR="192.0.2.7") == 403
    assert status(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.7") == 403
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        assert status(REMOTE_ADDR="127.0.0.1") == 403
    with override_settings(METRICS_TOKEN="a-long-token"):
        assert status(REMOTE_ADDR="127.0.0.1") == 401
        assert status(HTTP_AUTHORIZATION="Bearer another") == 401
        assert status(HTTP_AUTHORIZATION="Basic a-long-token") == 401
        assert status(HTTP_AUTHORIZATION="Bearer a-long-token", REMOTE_ADDR="192.0.2.7") == 200


def test_figures_come_from_a_real_console_with_the_token_of_a_file(
    database: str, tmp_path: Path
) -> None:
    support.founded()
    token = tmp_path / "token"
    token.write_text("a-long-token\n")
    with served(
        tmp_path / "console.log", environment={"FADEOUT_METRICS_TOKEN_FILE": str(token)}
    ) as address:
        refused = asked(address, "GET", "/metrics")
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (
            401,
            'Bearer realm="fadeout"',
        )
        told_it = asked(
            address, "GET", "/metrics", headers={"Authorization": "Bearer a-long-token"}
        )
    assert told_it.status == 200
    assert "fadeout_database_up 1.0" in told_it.body
    assert 'fadeout_jobs{state="todo"} 0.0' in told_it.body


def test_a_token_that_cannot_be_read_stops_the_start(
    database: str, monkeypatch: pytest.MonkeyPatch, fadeout: Any
) -> None:
    support.founded()
    ended = fadeout("serve", environment={"FADEOUT_METRICS_TOKEN_FILE": "/nowhere/token"})
    assert ended.returncode == 2
    assert "FADEOUT_METRICS_TOKEN_FILE" in ended.stderr
