"""Signing in, staying in, getting out; and what a page carries for the browser."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import F
from django.test import Client, override_settings

from fadeout.accounts import operations
from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.core import sql
from tests import support
from tests.conftest import Fadeout
from tests.console.visitors import PASSWORD, proven, signed_in, somebody, visitor


def attempt(client: Client, user: User, password: str = PASSWORD) -> int:
    answer = client.post("/account/login/", {"login": user.email, "password": password})
    return answer.status_code


def test_somebody_signs_in_whatever_the_case_of_the_address(database: str) -> None:
    support.founded()
    user = somebody(Role.OPERATOR)
    client = visitor()
    answer = client.post("/account/login/", {"login": "ADA@Example.org", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    page = client.get("/")
    assert (page.status_code, "Ada" in page.content.decode()) == (200, True)
    assert "Successfully" not in page.content.decode()  # the page itself says who is signed in
    client.post("/account/logout/")
    assert client.get("/").status_code == 302
    assert User.objects.get(pk=user.pk).last_login is not None


def test_five_wrong_passwords_shut_the_door_also_for_the_right_one(database: str) -> None:
    support.founded()
    user, other = somebody(Role.OPERATOR), somebody(Role.OPERATOR, name="Bo")
    client = visitor()
    assert [attempt(client, user, "wrong") for _ in range(5)] == [200] * 5
    assert attempt(client, user) == 200
    assert client.get("/").status_code == 302
    assert attempt(client, other) == 302  # nobody else is shut out
    keys = sql.rows("SELECT cache_key, value FROM accounts_cache")
    assert keys
    assert "ada" not in str(keys).lower()
    cache.clear()
    assert attempt(client, user) == 302


def test_the_answer_does_not_tell_whether_an_address_is_known(database: str) -> None:
    support.founded()
    somebody(Role.OPERATOR)
    pages = []
    for address in ("ada@example.org", "nobody@example.org"):
        answer = visitor().post("/account/login/", {"login": address, "password": "wrong"})
        assert answer.status_code == 200
        shown = answer.content.decode().replace(address, "")
        pages.append(shown.split('class="errorlist')[1].split("</ul>")[0])
    assert pages[0] == pages[1]
    assert "not correct" in pages[0]


def test_a_forgotten_password_is_answered_alike_whoever_asks(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the mail server does not answer; and it is not said that a mail was sent if none is."""
    support.founded()
    somebody(Role.OPERATOR)

    def asked(address: str) -> tuple[int, str | None, bytes]:
        answer = visitor().post("/account/password/reset/", {"email": address})
        return answer.status_code, answer.headers.get("Location"), answer.content

    known, unknown = asked("ada@example.org"), asked("nobody@example.org")
    assert known == unknown
    assert b"sends no mail yet" in known[2]
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setenv("FADEOUT_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("FADEOUT_MAIL_FROM", "fadeout@example.org")
    known, unknown = asked("ada@example.org"), asked("nobody@example.org")
    assert known == unknown
    assert known[:2] == (302, "/account/password/reset/done/")


def test_nobody_signs_up(database: str) -> None:
    support.founded()
    for place in ("/account/signup/", "/account/house/signup/"):
        assert visitor().get(place).status_code == 404
        assert visitor().post(place, {"email": "x@example.org"}).status_code == 404


def test_a_session_is_not_readable_in_the_database_and_ends(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.OPERATOR))
    session = client.session
    session["sought"] = "Dupont"
    session.save()
    assert client.session["sought"] == "Dupont"
    [row] = Session.objects.values_list("session_data", flat=True)
    assert len(row) > 100
    assert "upont" not in row
    session["began_at"] = int(time.time()) - 13 * 3600
    session.save()
    answer = client.get("/", follow=True)
    assert "signed in for half a day" in answer.content.decode()
    assert client.get("/").status_code == 302


def test_a_page_that_asks_for_a_part_of_itself_does_not_lengthen_a_session(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.DPO))
    assert client.get("/plans/").status_code == 200
    Session.objects.update(expire_date=F("expire_date") - timedelta(minutes=30))
    [soon] = Session.objects.values_list("expire_date", flat=True)
    part = client.get("/plans/being-made/", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert list(Session.objects.values_list("expire_date", flat=True)) == [soon]
    assert client.get("/plans/").status_code == 200
    assert Session.objects.get().expire_date > soon + timedelta(minutes=29)
    Session.objects.update(expire_date=soon - timedelta(hours=2))
    gone = client.get("/plans/being-made/", headers={"HX-Request": "true"})
    assert (gone["HX-Refresh"], gone.content) == ("true", b"")
    assert client.get("/plans/").status_code == 302


def test_who_leaves_is_out_at_once_and_has_no_name_any_more(database: str) -> None:
    support.founded()
    boss, leaving = somebody(Role.ADMINISTRATOR, name="Bo"), somebody(Role.DPO)
    client = signed_in(leaving)
    assert client.get("/").status_code == 200
    operations.let_go(user=leaving, by=boss.operator, now=support.NOW)
    assert client.get("/").status_code == 302
    assert "ada" not in str(sql.rows("SELECT * FROM account_emailaddress")).lower()


def test_an_authenticator_app_is_asked_for_and_its_secret_lies_encrypted(database: str) -> None:
    support.founded()
    user = somebody(Role.DPO)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    [kept] = Authenticator.objects.values_list("data", flat=True)
    assert kept["secret"]
    assert secret not in str(kept)
    client = visitor()
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert client.get("/").status_code == 302
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/").status_code == 200


def test_recovery_codes_are_shown_to_whoever_proves_who_it_is(database: str) -> None:
    support.founded()
    user = somebody(Role.DPO)
    TOTP.activate(user, generate_totp_secret())
    codes = RecoveryCodes.activate(user).get_unused_codes()
    client = visitor()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    client.post("/account/2fa/authenticate/", {"code": codes[0]})
    place = "/account/2fa/recovery-codes/"
    asked = client.get(place)
    assert (asked.status_code, asked["Location"].split("?")[0]) == (302, "/account/reauthenticate/")
    client.post(f"/account/reauthenticate/?next={place}", {"password": PASSWORD})
    page = client.get(place).content.decode()
    assert codes[0] not in page
    assert all(code in page for code in codes[1:])


def test_a_password_hashed_anew_does_not_end_the_session(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.founded()
    client = signed_in(user := somebody(Role.DPO))
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 2_000)  # as an update brings
    before = user.password
    proven(client)
    user.refresh_from_db()
    assert user.password != before
    assert client.get("/").status_code == 200


@override_settings(MFA_IS_REQUIRED=True)
def test_a_house_can_ask_everybody_for_a_second_factor(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.OPERATOR))
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/2fa/")
    assert client.get("/account/2fa/").status_code == 200


def test_an_invitation_is_good_once(database: str) -> None:
    support.founded()
    user = operations.add(
        name="Eve", email="eve@example.org", role=Role.SUPPORT, by=None, now=support.NOW
    )
    assert attempt(visitor(), user) == 200  # no password yet
    link = operations.invitation_path(user)
    client = visitor()
    form = client.get(link, follow=True)
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(form.request["PATH_INFO"], chosen).status_code == 302
    assert attempt(visitor(), user) == 302
    again = visitor().get(link, follow=True)
    assert "password1" not in again.content.decode()


@pytest.mark.parametrize("place", ["/account/login/", "/", "/nowhere/"])
def test_pages_bring_nothing_from_elsewhere_and_nothing_inline(place: str, database: str) -> None:
    support.founded()
    answer = (
        signed_in(somebody(Role.OPERATOR)).get(place)
        if place != "/account/login/"
        else (visitor().get(place))
    )
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = answer.content.decode()
    assert "/static/console/fadeout.css" in page
    assert "style=" not in page
    assert "<style" not in page
    assert "//" not in page.replace("<!doctype", "").split("</head>")[0].replace("http-equiv", "")
    if place != "/account/login/":
        assert answer["Cache-Control"] == "no-store, private"


def test_preferences_are_kept(database: str) -> None:
    support.founded()
    client = signed_in(somebody(Role.OPERATOR))
    answer = client.post(
        "/preferences/", {"language": "de", "theme": "dark", "next": "/permissions/"}
    )
    assert answer["Location"] == "/permissions/"
    page = client.get("/").content.decode()
    assert '<html lang="de" data-theme="dark">' in page
    elsewhere = client.post(
        "/preferences/", {"language": "en", "theme": "dark", "next": "https://example.org/"}
    )
    assert elsewhere["Location"] == "/"
    assert client.post("/preferences/", {"language": "xx", "theme": "dark"}).status_code == 400


def test_a_page_that_was_open_too_long_is_told_so(database: str) -> None:
    support.founded()
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    answer = client.post("/account/login/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


def test_the_real_server_answers_and_stops(database: str, fadeout: Fadeout) -> None:
    support.founded()
    somebody(Role.OPERATOR)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "fadeout", "serve", "--port", str(port), "--processes", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert f"127.0.0.1:{port}" in server.stdout.readline()
        give_up = time.monotonic() + 120
        while (page := answered(f"http://127.0.0.1:{port}/account/login/")) is None:
            assert time.monotonic() < give_up
            time.sleep(0.1)
        assert "Sign in" in page
        sheet = answered(f"http://127.0.0.1:{port}/static/console/fadeout.css")
        assert sheet is not None
        assert "--house" in sheet
        taken = fadeout("serve", "--port", port)
        assert (taken.returncode, "Nothing can listen" in taken.stderr) == (2, True)
    finally:
        server.terminate()
        rest, _ = server.communicate(timeout=60)
    assert server.returncode == 0, rest
    assert "has stopped" in rest


def answered(address: str) -> str | None:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - of this machine
            return str(answer.read().decode())
    except OSError:
        return None
