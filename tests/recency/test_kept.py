"""The recency that is kept is what the statement says, whoever changed what and in which order."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from django.db import connections, transaction

from fadeout.connectors.exchange import operations as exchange
from fadeout.connectors.exchange.problems import ImportRefused
from fadeout.contacts import records
from fadeout.contacts.models import Answer, Contact
from fadeout.contacts.operations import AuthorisationChange, CriterionChange
from fadeout.core import sql
from fadeout.institution import queries as institution
from fadeout.links.models import Click
from fadeout.plans import outlook
from fadeout.recency import changing, operations
from fadeout.recency.models import Freshness, Indicator
from fadeout.recency.queries import decide
from tests import support
from tests.model.house import at
from tests.plans.house import OLD, RECENT, contact, house, line, order, sale, three

NOW, ZONE = support.NOW, support.TIME_ZONE
Kept = dict[str, tuple[date, str]]


def kept() -> Kept:
    rows = Indicator.objects.values_list("contact__contact_number", "recency_on", "activity")
    return {number: (recency_on, activity) for number, recency_on, activity in rows}


def said() -> Kept:
    """What the statement says now, of everybody."""
    decided = decide(as_of=support.AS_OF, months=36, time_zone=ZONE)
    return {one.contact_number: (one.recency_on, one.activity) for one in decided}


def of(number: str) -> Contact:
    return Contact.objects.get(contact_number=number)


def clicked(number: str, day: str, *, automated: bool = False) -> None:
    Click.objects.create(
        click_number=f"c{Click.objects.count()}", contact=of(number), link="renewal",
        clicked_at=at(day), automated=automated,
    )  # fmt: skip


def refresh(*numbers: str) -> None:
    operations.refresh([of(number).pk for number in numbers], now=NOW, time_zone=ZONE)


def edited(number: str, dice: Random) -> None:
    contact, public_id = of(number), of(number).public_id
    if dice.random() < 0.5:
        changing.change_authorisations(
            public_id, [AuthorisationChange("institution", "email", dice.choice(list(Answer)))],
            seen=records.version(records.authorisations(contact)), now=NOW, time_zone=ZONE,
        )  # fmt: skip
    else:
        changing.change_criteria(
            public_id, [CriterionChange("likes", dice.choice(["jazz", "opera", None]))],
            seen=records.version(records.criteria(contact)), now=NOW, time_zone=ZONE,
        )  # fmt: skip


@pytest.mark.usefixtures("database")
def test_after_any_sequence_of_changes_it_is_what_the_statement_says(tmp_path: Path) -> None:
    dice = Random(6)  # noqa: S311 - no secret
    support.imported(three(), tmp_path / "first")
    moved = 0
    for step in range(25):
        before = kept()
        if dice.random() < 0.3:
            buyer, ordered = (
                dice.choice(sorted(before)),
                at(f"20{dice.randint(10, 27)}-05-01T22:30:00Z"),
            )
            more = house(
                contact(f"N{step}", created_at=ordered), order("O", buyer, ordered_at=ordered),
                line("O", kind="option", confirmed_at=ordered, beneficiary_contact=f"N{step}"),
            )  # fmt: skip
            support.import_folder(more.write_csv(tmp_path / str(step)))
        else:
            number = dice.choice(sorted(before))
            if dice.random() < 0.5:
                edited(number, dice)
            else:
                clicked(
                    number,
                    f"2026-0{dice.randint(1, 9)}-11T12:00:00Z",
                    automated=dice.random() < 0.4,
                )
                refresh(number)
        assert kept() == said(), step
        moved += kept() != before
    assert moved > 8


@pytest.mark.usefixtures("database")
def test_simulation_and_count_keep_what_nobody_kept(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    first = kept()
    assert first == said()
    assert set(first) == {"prospect", "buyer", "kept"}
    for keeping in (
        support.simulated,
        lambda: support.simulated(as_of=date(2030, 1, 1), months=1),
        lambda: outlook.count_if_due(
            house=institution.current(), policy=institution.policy_in_force(),
            now=NOW + timedelta(days=Click.objects.count()),
        ),
    ):  # fmt: skip
        clicked("prospect", f"2026-05-1{Click.objects.count()}T12:00:00Z")
        assert kept() != said()
        before = operations.as_of()
        keeping()
        assert kept() == said()
        after = operations.as_of()
        assert before is not None
        assert after is not None
        assert before < after


@pytest.mark.usefixtures("database")
def test_only_what_differs_is_written(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    assert operations.refresh_all(now=NOW, time_zone=ZONE) == 0
    clicked("buyer", "2026-05-11T12:00:00Z")
    written = Indicator.objects.get(contact__contact_number="kept").decided_at
    assert operations.refresh_all(now=NOW, time_zone=ZONE) == 1
    assert Indicator.objects.get(contact__contact_number="kept").decided_at == written
    assert kept()["buyer"] == (date(2026, 5, 11), "click")


@pytest.mark.usefixtures("database")
def test_who_decided_earlier_does_not_overrule_who_decided_later(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    earlier = operations.begin()
    old = "SELECT id AS contact_id, DATE '2000-01-01' AS recency_on, 'sale' AS activity FROM contacts_contact"
    clicked("buyer", "2026-05-11T12:00:00Z")
    refresh("buyer")
    operations.keep_all(old, since=earlier)
    assert kept()["buyer"] == (date(2026, 5, 11), "click")
    assert kept()["kept"] == (date(2000, 1, 1), "sale")  # nobody decided that one later
    operations.refresh_all(now=NOW, time_zone=ZONE)
    assert kept() == said()
    assert operations.keep_all(old, since=earlier) == 0  # all were decided later
    assert kept() == said()


@pytest.mark.usefixtures("database")
def test_a_clock_that_was_ahead_does_not_keep_anything_for_good(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    future = at("2126-01-01T00:00:00Z")
    Indicator.objects.update(decided_at=future, recency_on=date(2000, 1, 1))
    Freshness.objects.update(decided_at=future)
    operations.refresh_all(now=NOW, time_zone=ZONE)
    assert kept() == said()


@pytest.mark.usefixtures("database")
def test_it_goes_with_the_contact_and_comes_back_for_nobody(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    gone = [of("prospect").pk, of("buyer").pk]
    assert support.run(support.approved(support.simulated())).state == "done"
    assert set(kept()) == {"kept"}
    operations.refresh(gone, now=NOW, time_zone=ZONE)
    operations.refresh_all(now=NOW, time_zone=ZONE)
    assert set(kept()) == {"kept"}


@pytest.mark.usefixtures("database")
def test_who_is_erased_while_it_is_kept_is_passed_over(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    Indicator.objects.all().delete()
    prospect = of("prospect").pk
    locked, go_on = threading.Event(), threading.Event()

    def delete() -> None:
        with transaction.atomic():
            sql.execute(
                "SELECT 1 FROM contacts_contact WHERE id = %(id)s FOR UPDATE", {"id": prospect}
            )
            locked.set()
            go_on.wait(10)
            sql.execute("DELETE FROM contacts_contact WHERE id = %(id)s", {"id": prospect})
        connections.close_all()

    def keep() -> None:
        operations.refresh_all(now=NOW, time_zone=ZONE)
        connections.close_all()

    threads = [threading.Thread(target=one) for one in (delete, keep)]
    threads[0].start()
    assert locked.wait(10)
    threads[1].start()
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(500):
        if sql.rows(waiting) == [(1,)]:
            break
        go_on.wait(0.01)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert set(kept()) == {"buyer", "kept"}


@pytest.mark.usefixtures("database")
def test_a_refused_import_leaves_it_as_it_was(tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    before, when = kept(), operations.as_of()
    (tmp_path / "in" / "contacts.csv").write_text("contact_number,kind\nA,nobody\n")
    with pytest.raises(ImportRefused):
        support.import_folder(tmp_path / "in")
    assert (kept(), operations.as_of()) == (before, when)


@pytest.mark.usefixtures("database")
def test_an_import_into_a_large_house_leaves_it_to_whoever_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.imported(three(), tmp_path / "in")
    monkeypatch.setattr(exchange, "AT_ONCE", 3)
    more = house(contact("new", created_at=RECENT)).write_csv(tmp_path / "more")
    report = exchange.import_exchange(path=more, now=NOW, erased=support.tokens())
    assert report.recency_waits
    assert set(kept()) == {"prospect", "buyer", "kept"}
    assert outlook.count_if_due(
        house=institution.current(), policy=institution.policy_in_force(), now=NOW
    )
    assert kept() == said()
    assert not exchange.import_exchange(path=more, now=NOW, erased=support.tokens()).recency_waits


@pytest.mark.usefixtures("database")
def test_an_import_moves_whoever_it_is_about(tmp_path: Path) -> None:
    support.imported(house(contact("A"), contact("B"), *sale("O1", "A")), tmp_path / "in")
    assert kept()["A"] == (OLD.date(), "sale")
    support.import_folder(
        house(order("O2", "A", ordered_at=RECENT), line("O2", beneficiary_contact="B")).write_csv(
            tmp_path / "more"
        )
    )
    assert kept() == dict.fromkeys(("A", "B"), (RECENT.date(), "sale"))
