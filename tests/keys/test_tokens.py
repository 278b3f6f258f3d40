"""Tokens recognise what was erased, and count only once the erasure is known to be committed."""

from __future__ import annotations

import json
import multiprocessing
import uuid
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fadeout.core.errors import BadInput, DidNotHold
from fadeout.keys.known import Erasure, KnownErasures
from fadeout.keys.tokens import ErasedTokens
from tests.model.house import at

TODAY = at("2026-06-01T00:00:00Z").date()
CREATED = at("2020-01-01T10:00:00+01:00")


def test_a_token_knows_number_and_creation_time_in_any_offset(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    same = tokens.token("C1", at("2020-01-01T09:00:00Z"))
    assert tokens.token("C1", CREATED) == same
    assert tokens.token("C1", at("2021-01-01T09:00:00Z")) != same
    assert tokens.token("C2", CREATED) != same
    assert tokens.number_token("C1") not in (same, tokens.number_token("C2"))


def test_two_key_folders_give_different_tokens(tmp_path: Path) -> None:
    one, other = ErasedTokens(tmp_path / "one"), ErasedTokens(tmp_path / "other")
    assert one.token("C1", CREATED) != other.token("C1", CREATED)


def test_the_key_folder_and_its_files_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ErasedTokens(folder).write(chunk=uuid.uuid4(), tokens={"delete": [b"x" * 16]}, on=TODAY)
    assert folder.stat().st_mode & 0o077 == 0
    files = list(folder.iterdir())
    assert len(files) == 2
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_block_counts_once_it_is_confirmed(tmp_path: Path) -> None:
    tokens, chunk = ErasedTokens(tmp_path), uuid.uuid4()
    tokens.write(chunk=chunk, tokens={"delete": [b"a" * 16], "numbers": [b"b" * 16]}, on=TODAY)
    assert tokens.count() == 0
    tokens.confirm(chunk=chunk, committed=True)
    assert list(ErasedTokens(tmp_path).stream()) == [b"a" * 16, b"b" * 16]


@pytest.mark.parametrize("committed", [True, False])
def test_settle_decides_what_a_crash_left_open(tmp_path: Path, committed: bool) -> None:
    tokens, chunk = ErasedTokens(tmp_path), uuid.uuid4()
    tokens.write(chunk=chunk, tokens={"delete": [b"a" * 16]}, on=TODAY)
    asked: list[uuid.UUID] = []

    def was_committed(one: uuid.UUID) -> bool:
        asked.append(one)
        return committed

    assert tokens.settle(was_committed) == 1
    assert asked == [chunk]
    assert tokens.count() == (1 if committed else 0)
    assert tokens.settle(was_committed) == 0


def test_a_line_torn_by_a_crash_is_cut_off_and_nothing_else(tmp_path: Path) -> None:
    tokens, chunk = ErasedTokens(tmp_path), uuid.uuid4()
    tokens.write(chunk=chunk, tokens={"delete": [b"a" * 16]}, on=TODAY)
    tokens.confirm(chunk=chunk, committed=True)
    path = tmp_path / "erased.jsonl"
    with path.open("ab") as file:
        file.write(b'{"chunk":"torn' + b"x" * 200_000)
    assert tokens.count() == 1
    later = uuid.uuid4()
    tokens.write(chunk=later, tokens={"anonymise": [b"b" * 16]}, on=TODAY)
    tokens.confirm(chunk=later, committed=True)
    assert list(tokens.stream()) == [b"a" * 16, b"b" * 16]


def test_a_damaged_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    ErasedTokens(tmp_path)
    (tmp_path / "tokens.key").write_bytes(b"short")
    with pytest.raises(BadInput, match="damaged"):
        ErasedTokens(tmp_path)
    assert (tmp_path / "tokens.key").read_bytes() == b"short"


# -- Blocks -----------------------------------------------------------------------------------


def written(
    tokens: ErasedTokens, *, on: date = TODAY, committed: bool | None = True, **lists: list[bytes]
) -> uuid.UUID:
    """A block with these lists, decided or left open."""
    chunk = uuid.uuid4()
    tokens.write(chunk=chunk, tokens=lists, on=on)
    if committed is not None:
        tokens.confirm(chunk=chunk, committed=committed)
    return chunk


def test_a_block_tells_what_became_of_whom_in_no_order_of_the_contacts(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    chunk = written(
        tokens, delete=[b"b" * 16, b"a" * 16], anonymise=[b"c" * 16], numbers=[b"n" * 16]
    )
    [block] = tokens.blocks()
    assert (block.chunk, block.on, block.in_doubt) == (chunk, TODAY, False)
    assert block.lists == {
        "delete": [b"a" * 16, b"b" * 16], "anonymise": [b"c" * 16], "numbers": [b"n" * 16],
    }  # fmt: skip
    assert tokens.count() == 4


def test_until_when_the_sealed_copy_lives_is_kept_with_the_block(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    tokens.write(chunk=uuid.uuid4(), tokens={}, on=TODAY, sealed_until=date(2027, 6, 1))
    tokens.write(chunk=uuid.uuid4(), tokens={}, on=TODAY)
    first, second = map(json.loads, (tmp_path / "erased.jsonl").read_text().splitlines())
    assert first["sealed_until"] == "2027-06-01"
    assert "sealed_until" not in second


def test_blocks_of_the_older_form_count(tmp_path: Path) -> None:
    tokens, chunk = ErasedTokens(tmp_path), str(uuid.uuid4())
    lines = (
        {"chunk": chunk, "on": "2026-01-01", "tokens": ["61" * 16, "62" * 16]},
        {"chunk": chunk, "committed": True},
    )
    (tmp_path / "erased.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert list(tokens.stream()) == [b"a" * 16, b"b" * 16]
    found = KnownErasures(tokens).of(b"a" * 16)
    assert found == Erasure(
        uuid.UUID(chunk), date(2026, 1, 1), None, in_doubt=False, sealed_until=None
    )


# -- After a restore --------------------------------------------------------------------------


def never(_chunk: uuid.UUID) -> bool:
    return False


def test_only_the_database_beside_which_a_block_was_written_says_it_did_not_commit(
    tmp_path: Path,
) -> None:
    tokens = ErasedTokens(tmp_path)
    tokens.note_database("house")
    written(tokens, committed=None, delete=[b"a" * 16])
    assert tokens.settle(never, database="house") == 1
    assert tokens.count() == 0

    written(tokens, committed=None, delete=[b"b" * 16])
    assert tokens.settle(never, database="restored") == 1
    tokens.note_database("restored")
    [block] = tokens.blocks()
    assert (block.in_doubt, block.lists["delete"]) == (True, [b"b" * 16])

    written(tokens, committed=None, delete=[b"c" * 16])
    assert tokens.settle(never, database="restored") == 1
    assert [block.lists["delete"] for block in tokens.blocks()] == [[b"b" * 16]]


def test_what_is_decided_stays_whatever_a_restored_database_says(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    tokens.note_database("house")
    written(tokens, delete=[b"a" * 16])
    assert tokens.settle(never, database="restored") == 0
    [block] = tokens.blocks()
    assert not block.in_doubt


def test_a_restored_database_that_knows_the_chunk_leaves_no_doubt(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    tokens.note_database("house")
    written(tokens, committed=None, delete=[b"a" * 16])
    tokens.settle(lambda _: True, database="restored")
    [block] = tokens.blocks()
    assert not block.in_doubt


# -- Dropped ----------------------------------------------------------------------------------


def test_tokens_older_than_any_backup_are_dropped_and_no_others(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    old = TODAY - timedelta(days=1)
    written(tokens, on=old, delete=[b"a" * 16], numbers=[b"b" * 16])
    written(tokens, on=old, committed=False, delete=[b"c" * 16])
    renewed = written(tokens, on=old, anonymise=[b"d" * 16])
    tokens.renew([renewed], on=TODAY)
    written(tokens, on=TODAY, delete=[b"e" * 16])
    open_still = written(tokens, on=old, committed=None, delete=[b"f" * 16])
    assert tokens.count() == 4

    assert tokens.drop_before(TODAY) == 2

    assert list(tokens.stream()) == [b"d" * 16, b"e" * 16]
    assert tokens.dropped_before() == TODAY
    assert b"61" * 16 not in (tmp_path / "erased.jsonl").read_bytes()
    assert (tmp_path / "erased.jsonl").stat().st_mode & 0o077 == 0
    tokens.confirm(chunk=open_still, committed=True)
    assert tokens.count() == 3
    assert tokens.drop_before(TODAY) == 1
    assert tokens.drop_before(TODAY) == 0
    assert tokens.drop_before(TODAY + timedelta(days=1)) == 2
    assert tokens.count() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["erased.jsonl", "tokens.key"]


def test_until_when_they_were_dropped_cannot_be_made_up(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    written(tokens, on=TODAY - timedelta(days=9), delete=[b"a" * 16])
    assert tokens.dropped_before() is None
    tokens.drop_before(TODAY - timedelta(days=3))
    path = tmp_path / "erased.jsonl"
    line = path.read_text(encoding="ascii")
    assert tokens.dropped_before() == TODAY - timedelta(days=3)
    day = str(TODAY - timedelta(days=3))
    for changed in (line.replace(day, str(TODAY)), f'{{"dropped_before":"{TODAY}"}}\n'):
        assert changed != line
        path.write_text(changed, encoding="ascii")
        with pytest.raises(DidNotHold, match="was changed or is damaged"):
            tokens.dropped_before()


def test_what_a_killed_command_left_beside_goes_too(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    written(tokens, on=TODAY, delete=[b"a" * 16])
    (tmp_path / ".erased.jsonl.part").write_bytes((tmp_path / "erased.jsonl").read_bytes())
    assert tokens.drop_before(TODAY) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["erased.jsonl", "tokens.key"]
    assert tokens.count() == 1


def test_nothing_to_drop_where_nothing_was_erased(tmp_path: Path) -> None:
    assert ErasedTokens(tmp_path).drop_before(TODAY) == 0
    assert not (tmp_path / "erased.jsonl").exists()


WRITERS, BLOCKS = 3, 60


def write_blocks(folder: Path, writer: int) -> None:
    tokens = ErasedTokens(folder)
    for n in range(BLOCKS):
        written(tokens, on=TODAY, delete=[f"{writer} {n}".encode().ljust(16)])


def test_what_is_appended_while_others_are_dropped_is_not_lost(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    old = TODAY - timedelta(days=1)
    processes = multiprocessing.get_context("spawn")
    writers = [processes.Process(target=write_blocks, args=(tmp_path, n)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    dropped = added = 0
    while any(writer.is_alive() for writer in writers):
        written(tokens, on=old, delete=[b"old"])
        added += 1
        dropped += tokens.drop_before(TODAY)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert dropped == added > 1
    assert set(tokens.stream()) == {
        f"{writer} {n}".encode().ljust(16) for writer in range(WRITERS) for n in range(BLOCKS)
    }
    assert tokens.count() == WRITERS * BLOCKS


# -- Known ------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.data())
def test_known_erasures_are_exactly_the_contact_tokens_of_the_blocks(data: st.DataObject) -> None:
    near = st.binary(min_size=3, max_size=3).map(lambda tail: b"\0\1" + tail.rjust(14, b"\0"))
    token = st.one_of(near, st.binary(min_size=16, max_size=16))
    blocks = data.draw(
        st.lists(st.tuples(st.sampled_from(["delete", "anonymise", "numbers"]), st.lists(token)))
    )
    with TemporaryDirectory() as folder:
        tokens = ErasedTokens(Path(folder))
        for name, listed in blocks:
            written(tokens, **{name: listed})
        known = KnownErasures(tokens)
    first: dict[bytes, str] = {}
    for name, listed in blocks:
        for one in listed if name != "numbers" else ():
            first.setdefault(one, name)
    assert bool(known) == bool(first)
    asked = {one for _, listed in blocks for one in listed} | set(data.draw(st.lists(token)))
    told = {one: found.outcome for one in asked if (found := known.of(one))}
    assert told == first


def test_an_erasure_that_is_certain_goes_before_one_in_doubt(tmp_path: Path) -> None:
    tokens = ErasedTokens(tmp_path)
    tokens.note_database("house")
    written(tokens, committed=None, delete=[b"a" * 16])
    tokens.settle(never, database="restored")
    assert KnownErasures(tokens).of(b"a" * 16).in_doubt
    sure = written(tokens, anonymise=[b"a" * 16])
    assert KnownErasures(tokens).of(b"a" * 16) == Erasure(
        sure, TODAY, "anonymise", in_doubt=False, sealed_until=None
    )
