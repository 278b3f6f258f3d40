"""What is recorded is recorded with what was done, once and in order, whatever breaks."""

from __future__ import annotations

import threading
import tracemalloc
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fadeout.core import paths
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution import operations as institution
from fadeout.institution.models import Institution, PolicyVersion
from fadeout.ledger import chain, queries
from fadeout.ledger import operations as ledger
from fadeout.ledger.head import Custody
from fadeout.ledger.models import Entry, Kind, Text
from fadeout.policy.outcomes import Outcome
from tests import support
from tests.ledger.book import (
    add,
    findings,
    head_file,
    head_number,
    of_key_folder,
    printed,
    some,
    tamper,
    verified,
)

pytestmark = pytest.mark.usefixtures("database")


def test_an_entry_outside_a_transaction_is_refused() -> None:
    support.founded()
    with pytest.raises(RuntimeError, match="transaction"):
        ledger.record(Kind.EXPIRY, by=None, now=support.NOW, facts={})


def test_what_is_undone_is_not_recorded_and_its_number_is_given_again() -> None:
    last = some(1)[-1].number
    with transaction.atomic():
        ledger.record(Kind.EXPIRY, by=None, now=support.NOW, facts={})
        assert Entry.objects.filter(number=last + 1).exists()
        transaction.set_rollback(True)
    assert head_number() == last
    assert add().number == last + 1
    assert findings() == []
    assert not list(paths.keys().glob(".ledger.head*"))


def test_several_entries_of_one_transaction() -> None:
    last = some(1)[-1].number
    with transaction.atomic():
        for _ in range(3):
            ledger.record(Kind.EXPIRY, by=None, now=support.NOW, facts={})
        assert head_number() == last
    assert head_number() == last + 3
    assert findings() == []


def test_facts_come_back_as_they_were_hashed() -> None:
    support.founded()
    entry = add(
        day=date(2026, 1, 2),
        at=datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))),
        id=UUID(int=5),
        outcome=Outcome.DELETE,
        counts={"a": 1, "ä": [1, None, True]},
        large=2**70,
    )
    entry.refresh_from_db()
    assert entry.facts == {
        "day": "2026-01-02", "at": "2026-01-02T01:00:00+00:00", "id": str(UUID(int=5)),
        "outcome": "delete", "counts": {"a": 1, "ä": [1, None, True]}, "large": 2**70,
    }  # fmt: skip
    assert findings() == []
    with pytest.raises(TypeError, match="float"):
        add(share=0.1)


FACTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('abcä{}"\\ ', max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(facts=st.dictionaries(st.text("xyzé", max_size=4), FACTS, max_size=4))
def test_any_facts_come_back_as_they_were_hashed(database: str, facts: dict[str, Any]) -> None:
    support.founded()
    with transaction.atomic():
        entry = ledger.record(Kind.EXPIRY, by=None, now=support.NOW, facts=facts)
    kept = Entry.objects.get(number=entry.number)
    assert kept.facts == facts
    assert chain.digest(kept) == kept.hash


def test_a_crash_between_commit_and_head_is_no_tampering(monkeypatch: pytest.MonkeyPatch) -> None:
    last = some(1)[-1].number
    with monkeypatch.context() as crashing:
        crashing.setattr(Custody, "replace", lambda *_: None)
        add()
        add()
    assert head_number() == last
    assert findings() == []
    assert head_number() == last + 2  # settled by whoever looked


def test_whoever_records_next_settles_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    last = some(1)[-1].number
    with monkeypatch.context() as crashing:
        crashing.setattr(Custody, "replace", lambda *_: None)
        add()
    assert add().number == last + 2
    assert head_number() == last + 2
    assert findings() == []


def test_a_crash_before_the_commit_leaves_a_draft_that_means_nothing() -> None:
    last = some(1)[-1].number
    (paths.keys() / f".ledger.head.{last + 1}").write_text("torn")
    assert findings() == []
    add()
    assert findings() == []
    assert not list(paths.keys().glob(".ledger.head*"))


def test_nothing_is_done_that_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    some(0)

    def full(*_: Any) -> bytes:
        raise OSError(28, "No space left on device")

    version = PolicyVersion.objects.count()
    monkeypatch.setattr(Custody, "_content", full)
    with pytest.raises(DidNotHold, match=r"cannot be written: No space left on device\."):
        institution.change_policy(changes={"months": 24}, by=support.operator(), now=support.NOW)
    assert PolicyVersion.objects.count() == version


def test_writers_at_once_make_one_chain() -> None:
    some(0)
    before = Entry.objects.count()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                add(thread=threading.get_ident())
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Entry.objects.count() == before + 40
    assert head_number() == before + 40
    assert findings() == []


def test_verification_beside_a_writer_holds() -> None:
    some(0)
    stopping = threading.Event()

    def write() -> None:
        while not stopping.is_set():
            add()
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(15):
            assert findings() == []
    finally:
        stopping.set()
        thread.join()


# After a restore.


def restored(to: int) -> None:
    """The database as a backup from that entry on holds it."""
    tamper(f"DELETE FROM ledger_entry WHERE number > {to}")


def test_a_restore_that_was_acknowledged_is_told_and_holds() -> None:
    lost = some()[-2]
    restored(5)
    assert findings() != []
    entry = ledger.acknowledge_restore(
        by=support.operator("Ruth"), now=support.NOW, reason="The disk broke."
    )
    assert entry is not None
    assert (entry.number, entry.kind) == (8, "restore")  # numbers are never given twice
    assert entry.facts["lost"] == {"from": 6, "to": 7, "hash": entry.facts["lost"]["hash"]}
    assert Text.objects.get(entry=entry, name="reason").text == "The disk broke."
    said, made = verified()
    assert said == []
    [told] = made.lost
    assert (told.first, told.last, told.entry) == (6, 7, entry)
    assert head_file()["replaced"] == [
        {"number": 7, "hash": entry.facts["lost"]["hash"], "entry": 8}
    ]
    assert add().number == 9
    assert findings() == []

    said, made = verified(printed=printed(lost))  # on a certificate from before the restore
    assert said == []
    assert "is authentic" in made.printed
    assert "acknowledged by entry 8" in made.printed


def test_there_is_nothing_to_acknowledge_in_a_whole_ledger() -> None:
    some()
    before = of_key_folder()
    assert ledger.acknowledge_restore(by=support.operator(), now=support.NOW) is None
    restored(5)
    assert ledger.acknowledge_restore(by=support.operator(), now=support.NOW) is not None
    assert ledger.acknowledge_restore(by=support.operator(), now=support.NOW) is None
    assert of_key_folder() != before
    assert findings() == []


def test_a_crash_after_the_acknowledgement_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    some()
    restored(5)
    with monkeypatch.context() as crashing:
        crashing.setattr(Custody, "replace", lambda *_: None)
        ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    assert (head_number(), ledger.acknowledge_restore(by=support.operator(), now=support.NOW)) == (
        7, None,
    )  # fmt: skip
    add()
    assert head_file()["replaced"][0]["number"] == 7
    assert findings() == []


def test_a_second_restore_to_before_the_first() -> None:
    some()
    restored(5)
    ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    add()
    restored(3)
    entry = ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    assert entry is not None
    assert entry.number == 10
    said, made = verified()
    assert said == []
    assert [(one.first, one.last) for one in made.lost] == [(4, 9)]
    assert [one["entry"] for one in head_file()["replaced"]] == [8, 10]


def test_a_database_from_before_the_ledger_was_begun() -> None:
    some()
    restored(0)
    entry = ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    assert entry is not None
    assert entry.number == 8
    assert findings() == []


def test_an_acknowledged_restore_that_is_taken_out_is_found() -> None:
    some()
    restored(5)
    ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    add()
    tamper("UPDATE ledger_entry SET facts = facts || '{\"lost\": null}' WHERE number = 8")
    said = findings()
    assert "Entries 6 to 7 were removed." in said
    assert any("knows of a restore that lost entry 7" in what for what in said)


def test_a_gap_cannot_be_explained_by_a_restore_without_the_key() -> None:
    some()
    restored(5)
    ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    tamper(
        "DELETE FROM ledger_entry WHERE number = 5",
        "UPDATE ledger_entry SET facts = jsonb_set(facts, '{lost,from}', '5') WHERE number = 8",
    )
    assert "Entries 5 to 7 were removed." in findings()


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_lost_head_is_acknowledged_and_told_for_good(how: str) -> None:
    some()
    path = paths.keys() / "ledger.head"
    path.write_text("{") if how == "damaged" else path.unlink()
    entry = ledger.acknowledge_restore(by=support.operator(), now=support.NOW)
    assert entry is not None
    assert (entry.number, entry.facts) == (8, {"head": how, "lost": None})
    said, made = verified()
    assert (said, made.head_lost, head_number()) == ([], [entry], 8)


def test_forged_entries_are_not_acknowledged() -> None:
    some()
    restored(5)
    tamper("UPDATE ledger_entry SET facts = '{}' WHERE number = 5")
    with pytest.raises(DidNotHold, match="Entry 5 was changed"):
        ledger.acknowledge_restore(by=support.operator(), now=support.NOW)


# What can be emptied.


def test_texts_are_emptied_and_the_ledger_says_so() -> None:
    some(0)
    entry = add(texts={"reason": "Mr Smith asked for it."})
    emptied = ledger.empty_texts(
        entries=[entry.number], by=support.operator("Ruth"), now=support.NOW
    )
    text = Text.objects.get(entry=entry)
    assert (text.text, text.salt) == (None, None)
    assert emptied.facts == {"entries": [entry.number]}
    said, made = verified()
    assert (said, made.emptied) == ([], 1)
    for entries in ([entry.number], [999], []):
        with pytest.raises(BadInput, match="no text to empty"):
            ledger.empty_texts(entries=entries, by=support.operator(), now=support.NOW)


def test_the_name_of_an_operator_who_left_is_emptied() -> None:
    some(1)
    left = support.operator("Ada")
    emptied = ledger.empty_name(left, by=support.operator("Ruth"), now=support.NOW)
    assert emptied.facts == {"operator": str(left.public_id)}
    assert queries.names()[left.public_id] is None
    assert findings() == []
    with pytest.raises(BadInput, match="their own name"):
        ledger.empty_name(support.operator("Ruth"), by=support.operator("Ruth"), now=support.NOW)


def test_a_hash_of_a_text_tells_nothing_of_it() -> None:
    some(0)
    first, second = (add(texts={"reason": "yes"}) for _ in range(2))
    assert first.text_digests != second.text_digests


# What is kept of a house.


def test_founding_and_policy_are_recorded() -> None:
    institution.found(name="T", time_zone="Europe/Zurich", currency="CHF", now=support.NOW)
    institution.found(name="T", time_zone="Europe/Zurich", currency="CHF", now=support.NOW)
    [house] = Entry.objects.all()
    assert (house.number, house.kind, house.actor) == (1, "house", None)
    assert house.facts["policy"]["number"] == 1
    assert house.previous == chain.genesis(Institution.objects.get().public_id)
    by = support.operator("Head")
    institution.change_policy(changes={"months": 24}, by=by, now=support.NOW)
    policy = Entry.objects.get(number=2)
    assert (policy.kind, policy.actor) == ("policy", by.public_id)
    assert policy.facts["policy"] == {
        "number": 2, "months": 24, "largest_share": 20, "largest_growth": 3, "plan_days": 30,
        "two_people": False, "backup_months": 12,
    }  # fmt: skip
    assert policy.at == support.NOW.astimezone(UTC)


def test_files_of_the_ledger_are_for_their_owner_alone(tmp_path: Path) -> None:
    some(1)
    assert {path.name for path in paths.keys().iterdir()} >= {"ledger.key", "ledger.head"}
    for path in paths.keys().iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert paths.keys().stat().st_mode & 0o077 == 0


def chained(count: int) -> None:
    """So many entries more, as if each had been recorded: much faster."""
    last = queries.latest()
    assert last is not None
    key = (paths.keys() / "ledger.key").read_bytes()
    entries = []
    for number in range(last.number + 1, last.number + 1 + count):
        entry = Entry(
            number=number, at=support.NOW, kind="expiry", facts={"n": number, "long": "x" * 500},
            text_digests={}, previous=last.hash,
        )  # fmt: skip
        entry.hash = chain.digest(entry)
        entry.mac = chain.entry_mac(key, number, entry.hash)
        entries.append(entry)
        last = entry
    Entry.objects.bulk_create(entries)


def peak() -> int:
    """The most memory that a verification takes, in bytes."""
    tracemalloc.start()
    try:
        assert findings() == []
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_verification_of_a_long_ledger_takes_no_more_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queries, "AT_ONCE", 100)
    some(0)
    chained(500)
    findings()  # whatever is made once is made
    short = peak()
    chained(5_000)
    add()
    assert head_number() == 5_503
    assert peak() < 1.3 * short


def test_verification_reads_entry_by_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    some(25)
    monkeypatch.setattr(queries, "AT_ONCE", 7)
    for number in (3, 9, 20):
        Text.objects.create(entry_id=number, name="odd", salt="00", text="x")
    said, made = verified()
    assert made.entries == 27
    assert said == [f"A text (odd) was added to entry {number}." for number in (3, 9, 20)]
