"""Links of contacts' own and of everybody: what is written, what counts, who is struck all the same."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from fadeout.connectors.exchange.operations import export_exchange
from fadeout.contacts.models import Contact
from fadeout.core import sql
from fadeout.core.errors import BadInput
from fadeout.erasure import operations as erasure
from fadeout.links import operations, queries
from fadeout.links.clicks import Clicked, State
from fadeout.links.models import Click, Daily, Issued, Tally
from fadeout.links.queries import Count
from fadeout.links.refusals import LinkRefused, Why
from fadeout.plans import queries as plans
from fadeout.recency import queries as recency
from tests import support
from tests.links.house import (
    BY_A_SCANNER,
    BY_HAND,
    NOW,
    at,
    issued,
    keys,
    line,
    link,
    mailed,
    on_file,
    opened,
)


def recencies() -> dict[str, str]:
    decided = recency.decide(as_of=support.AS_OF, months=36, time_zone=support.TIME_ZONE)
    return {one.contact_number: f"{one.recency_on} {one.activity}" for one in decided}


def test_a_click_is_on_file_counted_and_moves_recency(database: str, tmp_path: Path) -> None:
    house = mailed(tmp_path / "in")
    before = recencies()
    with line(database) as web:
        again = opened(web, house.handle("A"), BY_A_SCANNER, at(10))
        assert again == Clicked(State.COUNTED, house.stay.destination, None)
        assert recencies() == before
        by_hand = opened(web, house.handle("A"), BY_HAND, at(20))
    assert by_hand == Clicked(State.COUNTED, house.stay.destination, house.contacts["A"])
    assert on_file("A") == [("stay", True), ("stay", False)]
    assert recencies() == before | {"A": "2026-06-01 click"}
    assert queries.count(house.stay) == Count(human=1, automated=1, contacts=1)
    assert queries.clicked(house.mailing) == {house.contacts["A"]}
    assert queries.count_mailing(house.mailing) == {house.stay.pk: Count(1, 1, 1)}
    # It comes and goes with the exchange files, under a number of its own.
    export_exchange(path=tmp_path / "out")
    told = (tmp_path / "out" / "clicks.csv").read_text()
    assert told.count(",stay,") == 2
    support.import_folder(tmp_path / "out")
    assert on_file("A") == [("stay", True), ("stay", False)]
    assert queries.clicked(house.mailing) == {house.contacts["A"]}


def test_a_burst_turns_the_click_that_was_counted(database: str, tmp_path: Path) -> None:
    """Whatever the order in which the tally is folded: what was counted is taken back, on its own day."""
    house = mailed(tmp_path / "in")
    before = recencies()
    almost_midnight = at(12 * 3600 - 1)  # 10:00 UTC is noon in Zurich
    with line(database) as web:
        opened(web, house.handle("A"), BY_HAND, almost_midnight)
        assert recencies()["A"] == "2026-06-01 click"
        assert operations.fold() == 1
        after = opened(
            web, house.handle("A", "season"), BY_HAND, almost_midnight + timedelta(seconds=2)
        )
        assert after.contact == house.contacts["A"]  # its recency moved back
    assert on_file("A") == [("stay", True), ("season", True)]
    assert recencies() == before
    operations.fold()
    assert [*Daily.objects.order_by("day").values_list("link__name", "human", "automated", "contacts")] == [
        ("stay", 0, 1, 0), ("season", 0, 1, 0),
    ]  # fmt: skip
    assert [f"{each.day}" for each in Daily.objects.order_by("day")] == ["2026-06-01", "2026-06-02"]
    assert queries.clicked(house.mailing) == set()


def test_two_links_asked_for_at_the_same_moment_see_each_other(
    database: str, tmp_path: Path
) -> None:
    house = mailed(tmp_path / "in")
    together = threading.Barrier(2)

    def ask(name: str) -> None:
        with line(database) as web:
            together.wait()
            opened(web, house.handle("A", name), BY_HAND, at(1))

    threads = [threading.Thread(target=ask, args=[name]) for name in ("stay", "season")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(on_file("A")) == [("season", True), ("stay", True)]


def test_what_was_clicked_while_a_mail_was_handed_over_was_no_human(
    database: str, tmp_path: Path
) -> None:
    house = mailed(tmp_path / "in")
    before = recencies()
    with line(database) as web:
        opened(web, house.handle("A"), BY_HAND, at(1))
        opened(web, house.handle("A"), BY_HAND, at(100))
        opened(web, house.handle("B"), BY_HAND, at(1))
    both = [house.contacts["A"], house.contacts["B"]]
    moved = operations.delivered(house.mailing, contacts=both, at=at(0))
    assert moved == set(both)
    assert (on_file("A"), on_file("B")) == ([("stay", True), ("stay", False)], [("stay", True)])
    assert recencies() == before | {"A": "2026-06-01 click"}
    assert queries.count(house.stay) == Count(human=1, automated=2, contacts=1)
    with line(database) as web:
        opened(web, house.handle("B"), BY_HAND, at(4))
    assert on_file("B") == [("stay", True), ("stay", True)]
    assert operations.delivered(house.mailing, contacts=both, at=at(0)) == set()


def test_what_has_ended_leads_nowhere_and_what_has_expired_leads_on(
    database: str, tmp_path: Path
) -> None:
    house = mailed(tmp_path / "in", expires_at=at(100))
    ended = Clicked(State.ENDED)

    def ask(number: str, name: str = "stay", seconds: float = 10) -> Clicked:
        with line(database) as web:
            return opened(web, house.handle(number, name), BY_HAND, at(seconds))

    assert ask("A", seconds=99).state is State.COUNTED
    assert ask("A", seconds=100) == Clicked(State.EXPIRED, house.stay.destination)
    assert operations.revoke(issued_for=house.mailing, contacts=[house.contacts["A"]], now=NOW) == 2
    assert ask("A") == ended
    assert operations.retire(house.season, now=NOW)
    assert not operations.retire(house.season, now=at(5))
    assert ask("B", "season") == ended
    assert len(on_file("A")) == 1
    with line(database) as web:
        assert opened(web, 12345, BY_HAND, NOW) == ended
    states = [
        queries.resolve(text, keys=keys(), now=at(100)).state
        for text in (
            house.tokens["A", "stay"], house.tokens["B", "stay"], house.tokens["B", "season"], "1x",
            house.stay.code.upper(), house.season.code, "22222222",
        )
    ]  # fmt: skip
    assert states == [
        State.ENDED, State.EXPIRED, State.ENDED, State.UNKNOWN,
        State.COUNTED, State.ENDED, State.UNKNOWN,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="whose"):
        operations.revoke(now=NOW)


def test_the_address_of_everybody_counts_without_anybody(database: str) -> None:
    support.founded()
    poster = link("Poster in the foyer")
    with line(database) as web:
        for asked in (BY_HAND, BY_HAND, BY_A_SCANNER):
            clicked = opened(web, poster.code, asked, NOW)
            assert clicked == Clicked(State.COUNTED, "https://www.example.org/")
        assert opened(web, "22222222", BY_HAND, NOW) == Clicked(State.UNKNOWN)
        assert queries.count(poster) == Count(human=2, automated=1)
        assert operations.fold(most=2) == 3
        opened(web, poster.code, BY_HAND, at(24 * 3600))
        operations.fold()
        assert not Tally.objects.exists()
        operations.retire(poster, now=NOW)
        assert opened(web, poster.code, BY_HAND, NOW) == Clicked(State.ENDED)
    days = queries.days(poster, since=support.AS_OF)
    assert [(f"{d.day}", d.human, d.automated) for d in days] == [
        ("2026-06-01", 2, 1), ("2026-06-02", 1, 0),
    ]  # fmt: skip
    assert not Click.objects.exists()


def test_a_mailing_that_is_sent_again_gives_the_same_links(database: str, tmp_path: Path) -> None:
    house = mailed(tmp_path / "in")
    again = issued(house.stay, house.contacts, house.mailing)
    assert again == {number: house.tokens[number, "stay"] for number in ("A", "B")}
    assert len(set(house.tokens.values())) == 4
    other = issued(house.stay, house.contacts, uuid.uuid4())
    assert set(other.values()).isdisjoint(house.tokens.values())
    operations.revoke(contacts=[house.contacts["A"]], now=NOW)
    assert set(issued(house.stay, house.contacts, house.mailing)) == {"B"}
    dump = "\n".join(str(row) for row in sql.rows("SELECT * FROM links_issued"))
    assert "2026" in dump
    assert not [token for token in house.tokens.values() if token in dump]
    operations.retire(house.stay, now=NOW)
    with pytest.raises(LinkRefused) as refused:
        issued(house.stay, house.contacts, house.mailing)
    assert refused.value.why is Why.RETIRED
    for file in tmp_path.rglob("links-1.key"):
        file.unlink()
    with pytest.raises(BadInput, match=r"links-1\.key is missing"):
        issued(house.season, house.contacts, house.mailing)


def test_whoever_is_struck_has_no_links_and_no_clicks_and_totals_stay(
    database: str, tmp_path: Path
) -> None:
    house = mailed(tmp_path / "in")
    with line(database) as web:
        opened(web, house.handle("A"), BY_A_SCANNER, NOW)
        opened(web, house.handle("B"), BY_A_SCANNER, NOW)
    plan = support.approved(support.simulated())
    with line(database) as web:  # whoever clicks at the last moment stays
        opened(web, house.handle("B"), BY_HAND, at(1))
    support.run(plan)
    assert plans.struck_by(plan) == 3
    assert set(
        Contact.objects.filter(anonymised_on=None).values_list("contact_number", flat=True)
    ) == {"B"}
    assert (Issued.objects.count(), on_file("A"), len(on_file("B"))) == (2, [], 2)
    assert queries.count(house.stay) == Count(human=1, automated=2, contacts=1)
    with line(database) as web:
        gone = opened(web, house.handle("A"), BY_HAND, at(2))
    assert gone == Clicked(State.ENDED)
    assert issued(house.season, {**house.contacts}, house.mailing).keys() == {"B"}


def test_a_click_waits_for_a_run_that_has_its_contact_and_finds_nobody(
    database: str, tmp_path: Path
) -> None:
    house = mailed(tmp_path / "in")
    found: list[Clicked] = []

    def ask() -> None:
        with line(database) as web:
            found.append(opened(web, house.handle("B"), BY_HAND, NOW))

    with transaction.atomic():
        Contact.objects.select_for_update().get(contact_number="B")
        clicking = threading.Thread(target=ask)
        clicking.start()
        _until_somebody_waits(database)
        erasure.strike(
            outcomes={house.contacts["B"]: "anonymise"},
            time_zone=support.TIME_ZONE,
            today=support.AS_OF,
        )
    clicking.join()
    assert found == [Clicked(State.ENDED)]
    assert not Click.objects.exists()
    assert connection.in_atomic_block is False


def _until_somebody_waits(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as looking:
        for _ in range(1_000):
            waits = looking.execute(
                "SELECT 1 FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchone()
            if waits:
                return
            threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (" \t", Why.NAME_EMPTY),
        ("x" * 201, Why.NAME_LONG),
        ("a\x07b", Why.NAME_LONG),
        ("Poster", Why.NAME_TAKEN),
    ],
)
def test_names_that_cannot_be(name: str, why: Why, database: str) -> None:
    support.founded()
    assert link(" Poster \n").name == "Poster"
    with pytest.raises(LinkRefused) as refused:
        link(name)
    assert (refused.value.why, refused.value.field) == (why, "name")


def test_a_link_is_found_by_name_and_by_code(database: str) -> None:
    support.founded()
    old, new = link("Poster"), operations.add(
        name="Site", destination="https://www.example.org/x", by=support.operator(), now=at(1)
    )  # fmt: skip
    assert queries.named("Poster") == queries.named(old.code.upper()) == old
    assert [each.link for each in queries.all_links()] == [new, old]
    operations.retire(new, now=NOW)
    assert [each.link for each in queries.all_links()] == [old, new]
    with pytest.raises(LinkRefused) as refused:
        queries.named("Flyer")
    assert refused.value.why is Why.UNKNOWN
