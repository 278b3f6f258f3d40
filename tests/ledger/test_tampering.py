"""Whoever tampers with the ledger, its texts or its head is found out, each in words that name the place."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from django.db import connection

from fadeout.core import paths
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.ledger import queries
from fadeout.ledger.head import Custody
from fadeout.ledger.models import Entry, Text
from tests import support
from tests.ledger.book import (
    add,
    findings,
    head_number,
    printed,
    recompute,
    some,
    tamper,
    verified,
)

pytestmark = pytest.mark.usefixtures("database")


def test_a_ledger_as_it_was_written_holds() -> None:
    entries = some()
    said, made = verified()
    assert said == []
    assert made.entries == Entry.objects.count() == 7  # the house, its policy, and five
    assert made.last == entries[-1]
    assert head_number() == 7


@pytest.mark.parametrize(
    "change",
    [
        "facts = facts || '{\"of\": 7}'",
        "facts = '{}'",
        "kind = 'recovery'",
        "actor = NULL",
        "actor = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        'text_digests = \'{"reason": "00"}\'',
        "previous = repeat('0', 64)",
        "hash = repeat('0', 64)",
    ],
)
def test_a_changed_entry_is_found(change: str) -> None:
    some()
    assert findings() == []
    tamper(f"UPDATE ledger_entry SET {change} WHERE number = 4")
    said = findings()
    assert said[0] == "Entry 4 was changed: it is not what its hash says."
    assert queries.first() is not None


@pytest.mark.parametrize(
    "change",
    [
        "facts = '[]'",
        "facts = 'null'",
        "facts = '5'",
        "kind = 'restore', facts = '[]'",
        "kind = 'restore', facts = '{\"lost\": 5}'",
        "kind = 'restore', facts = '{\"lost\": {\"from\": 1}}'",
        "text_digests = '[]'",
        "text_digests = '{\"reason\": 5}'",
        "mac = 'é'",
        "hash = 'é'",
        "previous = ''",
    ],
)
@pytest.mark.parametrize("number", [4, 7, 8])
def test_whatever_is_written_into_an_entry_is_a_finding_and_no_failure(
    change: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    some()
    with monkeypatch.context() as crashing:
        crashing.setattr(Custody, "replace", lambda *_: None)
        add()  # the eighth, beyond the head
    tamper(f"UPDATE ledger_entry SET {change} WHERE number = {number}")
    assert findings()
    if number == 8:
        with pytest.raises(DidNotHold, match="tampered"):
            add()


def test_a_changed_authentication_code_is_found() -> None:
    some()
    tamper("UPDATE ledger_entry SET mac = repeat('0', 64) WHERE number = 4")
    assert findings() == ["Entry 4 is not authentic: it was not written with the ledger's key."]


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("number = 1", "Entry 1 was removed."),
        ("number = 4", "Entry 4 was removed."),
        ("number IN (3, 4, 5)", "Entries 3 to 5 were removed."),
    ],
)
def test_removed_entries_are_found(which: str, said: str) -> None:
    some()
    tamper(f"DELETE FROM ledger_entry WHERE {which}")
    assert findings() == [said]


def test_a_gap_that_was_closed_is_found() -> None:
    some()
    tamper(
        "DELETE FROM ledger_entry WHERE number = 4",
        "UPDATE ledger_entry SET number = -number WHERE number > 4",
        "UPDATE ledger_entry SET number = -number - 1 WHERE number < 0",
    )
    said = findings()
    assert "Entry 4 stands in the wrong place: it was written as entry 5." in said
    assert any(what.startswith("The ledger ends with entry 6") for what in said)


def test_reordered_entries_are_found() -> None:
    some()
    tamper(
        "UPDATE ledger_entry SET number = 99 WHERE number = 3",
        "UPDATE ledger_entry SET number = 3 WHERE number = 4",
        "UPDATE ledger_entry SET number = 4 WHERE number = 99",
    )
    assert findings()[:2] == [
        "Entry 3 stands in the wrong place: it was written as entry 4.",
        "Entry 4 stands in the wrong place: it was written as entry 3.",
    ]


def test_an_inserted_entry_is_found() -> None:
    some()
    columns = "at, kind, actor, facts, text_digests, previous, hash, mac"
    tamper(
        f"INSERT INTO ledger_entry (number, {columns})"
        f" SELECT 8, {columns} FROM ledger_entry WHERE number = 5"
    )
    assert "Entry 8 stands in the wrong place: it was written as entry 5." in findings()


def test_an_entry_before_the_first_is_found() -> None:
    some()
    tamper(
        "INSERT INTO ledger_entry SELECT 0, at, kind, actor, facts, text_digests, previous, hash, mac"
        " FROM ledger_entry WHERE number = 1"
    )
    assert "An entry stands out of order: number 0 where 1 was to come." in findings()


def test_an_entry_with_a_hash_of_its_own_but_no_key_is_found() -> None:
    some()
    tamper("UPDATE ledger_entry SET facts = '{\"of\": 7}' WHERE number = 4")
    entry = Entry.objects.get(number=4)
    recompute(after=3)
    assert Entry.objects.get(number=4).hash != entry.hash
    said = findings()
    assert said[0] == "Entry 4 is not authentic: it was not written with the ledger's key."
    assert len(said) == 5  # four entries recomputed without the key, and the head names another
    assert said[-1] == "Entry 7 is not the one that the head in the key folder names."


def test_a_changed_link_alone_is_found_at_the_next_entry() -> None:
    some()
    tamper("UPDATE ledger_entry SET facts = '{\"of\": 7}' WHERE number = 4")
    entry = Entry.objects.get(number=4)
    from fadeout.ledger import chain  # noqa: PLC0415

    Entry.objects.filter(number=4).update(hash=chain.digest(entry))
    said = findings()
    assert said == [
        "Entry 4 is not authentic: it was not written with the ledger's key.",
        "Entry 5 does not follow entry 4: that one was changed, or another one stood there.",
    ]


def test_a_cut_tail_is_found_and_nothing_is_recorded_after_it() -> None:
    some()
    tamper("DELETE FROM ledger_entry WHERE number > 5")
    assert findings() == [
        "The ledger ends with entry 5, the head in the key folder names 7: Entries 6 to 7 are gone."
    ]
    with pytest.raises(DidNotHold, match="Entries 6 to 7 are gone") as refused:
        add()
    assert "fadeout replay" in refused.value.way_out
    assert "fadeout ledger acknowledge" in refused.value.way_out
    assert queries.latest() == Entry.objects.get(number=5)


def test_an_emptied_table_is_a_cut_tail_too() -> None:
    some()
    tamper("DELETE FROM ledger_entry")
    assert findings() == [
        "The ledger ends with entry 0, the head in the key folder names 7: Entries 1 to 7 are gone."
    ]


def test_a_tail_written_anew_without_the_key_is_found_and_not_gone_on_with() -> None:
    some()
    tamper("UPDATE ledger_entry SET facts = '{\"of\": 7}' WHERE number = 7")
    recompute(after=6)
    with pytest.raises(DidNotHold, match="Entry 7 is not the one that the head"):
        add()


def test_a_forged_entry_beyond_the_head_is_not_gone_on_with() -> None:
    some()
    columns = "at, kind, actor, facts, text_digests, previous, hash, mac"
    tamper(
        f"INSERT INTO ledger_entry (number, {columns})"
        f" SELECT 8, {columns} FROM ledger_entry WHERE number = 7"
    )
    recompute(after=7)
    with pytest.raises(DidNotHold, match="Entry 8 is not authentic"):
        add()
    assert head_number() == 7


def test_a_changed_removed_or_added_text_is_found_and_an_emptied_one_is_fine() -> None:
    some(0)
    texts = {"reason": "A wrong deletion.", "what": "All of it."}
    number = add(texts=texts).number
    assert findings() == []
    tamper(
        f"UPDATE ledger_text SET text = NULL, salt = NULL WHERE entry_id = {number} AND name = 'what'"
    )
    said, made = verified()
    assert (said, made.emptied) == ([], 1)
    tamper(
        f"UPDATE ledger_text SET text = 'A right one.' WHERE entry_id = {number} AND name = 'reason'"
    )
    assert findings() == [f"The text (reason) of entry {number} was changed."]
    tamper(f"DELETE FROM ledger_text WHERE entry_id = {number} AND name = 'reason'")
    assert findings() == [f"The text (reason) of entry {number} was removed."]
    Text.objects.create(entry_id=number - 1, name="more", salt="00", text="x")
    assert f"A text (more) was added to entry {number - 1}." in findings()


def test_a_head_that_was_edited_is_found() -> None:
    some()
    path = paths.keys() / "ledger.head"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"number": 5}))
    tamper("DELETE FROM ledger_entry WHERE number > 5")
    [said] = findings()
    assert "is damaged or was not written with the key ledger.key" in said
    with pytest.raises(DidNotHold, match="is damaged"):
        add()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"mac": 1}', "\x00\xff"])
def test_a_head_that_is_no_head_is_told(content: str) -> None:
    some()
    (paths.keys() / "ledger.head").write_text(content, encoding="utf-8")
    [said] = findings()
    assert "is damaged" in said


def test_a_head_that_is_missing_is_told_and_nothing_is_recorded() -> None:
    some()
    (paths.keys() / "ledger.head").unlink()
    [said] = findings()
    assert "is missing" in said
    with pytest.raises(DidNotHold, match="is missing") as refused:
        add()
    assert "ledger acknowledge" in refused.value.way_out


def test_another_key_in_the_place_of_the_ledgers_is_found() -> None:
    some()
    (paths.keys() / "ledger.key").write_bytes(secrets.token_bytes(32))
    said = findings()
    assert "is damaged or was not written with the key" in said[0]
    assert len(said) == 8  # and no entry is authentic
    with pytest.raises(DidNotHold):
        add()


def test_a_missing_or_damaged_key_is_told_and_not_made_anew() -> None:
    some()
    key = paths.keys() / "ledger.key"
    key.write_bytes(b"short")
    with pytest.raises(BadInput, match=r"ledger\.key is damaged"):
        findings()
    key.unlink()
    with pytest.raises(BadInput, match=r"ledger\.key is missing") as refused:
        add()
    assert "FADEOUT_KEYS" in refused.value.way_out
    assert not key.exists()


def test_the_key_folder_of_another_house_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    some()
    connection.cursor().execute("UPDATE institution_institution SET public_id = gen_random_uuid()")
    with pytest.raises(BadInput, match="the ledger of another house"):
        add()
    with pytest.raises(BadInput, match="the ledger of another house"):
        findings()
    monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "fresh"))
    with pytest.raises(BadInput, match=r"ledger\.key is missing"):
        add()


# Heads that certificates printed.


def test_a_printed_head_is_found_again() -> None:
    entries = some()
    said, made = verified(printed=printed(entries[1]))
    assert (said, made.printed) == (
        [], f"The printed head {entries[1].number} stands in the ledger as it was printed.",
    )  # fmt: skip


def test_a_printed_head_tells_a_tail_that_was_cut_together_with_an_older_head() -> None:
    some(3)
    older = (paths.keys() / "ledger.head").read_bytes()
    last = add()
    tamper(f"DELETE FROM ledger_entry WHERE number = {last.number}")
    (paths.keys() / "ledger.head").write_bytes(older)
    assert findings() == []  # nothing on this machine can tell
    said, _ = verified(printed=printed(last))
    assert said == [
        f"The printed head {last.number} is authentic, but entry {last.number} is not there."
    ]


def test_a_printed_head_that_was_made_up_is_told() -> None:
    entry = some()[0]
    made_up = queries.Printed(entry.number, "0" * 64, entry.mac)
    said, _ = verified(printed=made_up)
    assert "was not made by this ledger" in said[0]


@pytest.mark.parametrize(
    "text", ["", "1", "1:2:3", f"x:{'0' * 64}:{'0' * 64}", f"1:{'g' * 64}:{'0' * 64}"]
)
def test_what_is_not_a_head_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a head"):
        queries.Printed.read(text)


def test_a_head_is_read_as_it_was_printed() -> None:
    support.founded()
    head = printed(add())
    assert queries.Printed.read(f" {head} ") == head
