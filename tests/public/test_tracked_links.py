"""Tracked links as people and programs open them: at the entrance of the web server, and at a real one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import psycopg
import pytest
import requests
from django.core.wsgi import get_wsgi_application
from django.db import connections, transaction

from fadeout.contacts.models import Contact
from fadeout.core import afterwards, clock
from fadeout.core.database import configure
from fadeout.links import operations, queries
from fadeout.links.models import Click, Issued
from fadeout.links.queries import Count
from fadeout.public import clicking, entrance
from fadeout.recency.models import Indicator
from tests import support
from tests.console.served import free_port, served
from tests.console.visitors import visitor
from tests.links import house as links
from tests.links.house import FIREFOX, Mailed, mailed, on_file

OPEN = entrance.around(get_wsgi_application())


@pytest.fixture(autouse=True)
def afterwards_done() -> Iterator[None]:
    """What follows a click is waited for: the database is gone then."""
    yield
    while afterwards._room._value < afterwards.MOST_WAITING:
        time.sleep(0.05)


@pytest.fixture
def house(database: str, tmp_path: Path) -> Mailed:
    return mailed(tmp_path / "in")


def opened(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """What the web server answers: status, headers, body."""
    environ: dict[str, Any] = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "HTTP_HOST": "localhost",
    }
    environ |= {"HTTP_USER_AGENT": FIREFOX} | headers
    setup_testing_defaults(environ)
    said: list[Any] = []
    body = OPEN(environ, lambda status, head: said.extend((status, head)))
    text = b"".join(body).decode()
    return int(said[0].split()[0]), dict(said[1]), text


def opened_beside(path: str) -> int:
    """The same in a thread of its own: the status."""
    try:
        return opened(path)[0]
    finally:
        connections.close_all()


def test_a_click_leads_on_and_leaves_no_trace_of_its_way(house: Mailed) -> None:
    status, headers, body = opened(f"/r/{house.tokens['A', 'stay']}")
    assert (status, headers["Location"], body) == (302, "https://www.example.org/stay", "")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert on_file("A") == [("stay", False)]
    head = opened(f"/r/{house.tokens['A', 'stay']}", "HEAD")
    assert (head[0], head[1]["Location"], head[2]) == (302, "https://www.example.org/stay", "")
    for code in (house.season.code, house.season.code.upper()):
        assert opened(f"/r/{code}")[1]["Location"] == "https://www.example.org/season"
    assert queries.count(house.stay) == Count(human=1, automated=1, contacts=1)
    assert queries.count(house.season) == Count(human=2)


def test_what_is_kept_of_recency_follows_a_click_soon(house: Mailed) -> None:
    """What decides does not wait for it."""
    assert opened(f"/r/{house.tokens['A', 'stay']}")[0] == 302
    for _ in range(200):
        kept = Indicator.objects.filter(contact__contact_number="A", activity="click").first()
        if kept:
            break
        time.sleep(0.05)
    assert kept is not None
    assert kept.recency_on == clock.local_day(clock.now(), support.TIME_ZONE)
    assert not Indicator.objects.filter(contact__contact_number="B", activity="click").exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_PURPOSE": "prefetch"},
        {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
        {"HTTP_X_PURPOSE": "preview"},
        {"HTTP_X_MOZ": "prefetch"},
        {"HTTP_SEC_FETCH_MODE": "cors"},
        {"HTTP_USER_AGENT": ""},
        {"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Barracuda Sentinel)"},
    ],
)
def test_programs_are_led_on_and_kept_apart(headers: dict[str, str], house: Mailed) -> None:
    assert opened(f"/r/{house.tokens['A', 'stay']}", **headers)[0] == 302
    assert opened(f"/r/{house.stay.code}", **headers)[0] == 302
    assert on_file("A") == [("stay", True)]
    assert queries.count(house.stay) == Count(automated=2)


def test_what_leads_nowhere_says_so_in_the_language_of_whoever_reads(house: Mailed) -> None:
    token = house.tokens["A", "stay"]
    wrong = [
        token[:-2] + "xx",
        f"{token}x",
        token[:-1],
        "22222222",
        "a",
        "ü",
        f"{token}/",
        "../admin",
    ]
    for text in wrong:
        status, headers, page = opened(f"/r/{text.encode().decode('latin-1')}")
        assert (status, "Location" in headers) == (404, False), text
        assert "This link is not known here." in page
    operations.revoke(contacts=[house.contacts["A"]], now=support.NOW)
    operations.retire(house.season, now=support.NOW)
    for text in (token, house.season.code, house.tokens["B", "season"]):
        status, headers, page = opened(f"/r/{text}")
        assert (status, headers["Cache-Control"]) == (410, "no-store")
        assert "This link does not lead anywhere any more." in page
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert 'lang="en"' in page
        assert "Set-Cookie" not in headers
    assert opened(f"/r/{token}", "POST")[0] == 405
    assert 'lang="fr"' in opened(f"/r/{token}", HTTP_ACCEPT_LANGUAGE="fr-CH")[2]
    assert not Click.objects.exists()


def test_an_old_mail_still_leads_on_and_nothing_is_counted(database: str, tmp_path: Path) -> None:
    house = mailed(tmp_path / "in", expires_at=links.at(0))
    assert opened(f"/r/{house.tokens['A', 'stay']}")[0] == 302
    assert queries.count(house.stay) == Count()
    assert not Click.objects.exists()


def test_the_pages_answer_the_same_without_the_entrance(house: Mailed) -> None:
    """As they would if somebody put another web server before them."""
    answer = visitor(user_agent=FIREFOX).get(f"/r/{house.tokens['A', 'stay']}")
    assert (answer.status_code, answer["Location"]) == (302, "https://www.example.org/stay")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert visitor().get("/r/unknown").status_code == 404
    assert on_file("A") == [("stay", False)]


def test_clicks_that_come_together_are_all_on_file(house: Mailed) -> None:
    paths = [f"/r/{house.tokens['A', 'stay']}", f"/r/{house.stay.code}", "/r/22222222"] * 20
    with ThreadPoolExecutor(12) as people:
        answers = list(people.map(opened_beside, paths))
    assert [answers.count(status) for status in (302, 404)] == [40, 20]
    assert on_file("A") == [("stay", False)] * 20
    assert queries.count(house.stay) == Count(human=40, contacts=1)


def test_whoever_is_worked_on_holds_nobody_else_up(house: Mailed) -> None:
    with ThreadPoolExecutor(2) as people:
        with transaction.atomic():
            Contact.objects.select_for_update().get(contact_number="A")
            waits = people.submit(opened_beside, f"/r/{house.tokens['A', 'stay']}")
            assert opened(f"/r/{house.tokens['B', 'stay']}")[0] == 302
            assert not waits.done()
        assert waits.result(timeout=20) == 302
    assert (on_file("A"), on_file("B")) == ([("stay", False)], [("stay", False)])


def test_after_the_database_was_started_anew_clicks_go_on(database: str, house: Mailed) -> None:
    assert opened(f"/r/{house.stay.code}")[0] == 302
    with psycopg.connect(database, autocommit=True) as chief:
        ended = chief.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'fadeout clicks' AND datname = current_database()"
        ).fetchall()
    assert ended
    assert opened(f"/r/{house.stay.code}")[0] == 302
    assert queries.count(house.stay) == Count(human=2)


def test_while_the_database_does_not_answer_people_are_asked_to_come_back(house: Mailed) -> None:
    clicking.end()
    configure(f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    status, headers, page = opened(f"/r/{house.tokens['A', 'stay']}")
    assert (status, headers["Retry-After"]) == (503, "30")
    assert "cannot be opened at this moment" in page


def test_neither_tokens_nor_people_are_in_the_log_of_a_real_server(
    house: Mailed, tmp_path: Path
) -> None:
    token, log = house.tokens["B", "stay"], tmp_path / "log"
    with served(log) as site:
        browser = requests.Session()
        browser.headers["User-Agent"] = f"{FIREFOX} Quillfeather"
        first = browser.get(f"{site}/r/{token}", allow_redirects=False, timeout=60)
        assert (first.status_code, first.headers["Location"]) == (302, house.stay.destination)
        assert on_file("B") == [("stay", False)]  # on file before the answer came
        assert browser.head(f"{site}/r/{token}", timeout=60).status_code == 302
        assert browser.get(f"{site}/r/{token}x", timeout=60).status_code == 404
        Issued.objects.update(revoked_at=support.NOW)
        assert browser.get(f"{site}/r/{token}", timeout=60).status_code == 410
    logged = log.read_text()
    routes = [json.loads(line).get("route") for line in logged.splitlines() if line.startswith("{")]
    assert routes.count("tracked_link") == 2
    issued = Issued.objects.get(contact__contact_number="B", link=house.stay)
    for secret in (token, token[1:], "Quillfeather", str(issued.handle)):
        assert secret not in logged
