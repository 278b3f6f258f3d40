"""Tokens recognise what was erased, and count only once the erasure is known to be committed."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from fadeout.core.errors import BadInput
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
    ErasedTokens(folder).write(chunk=uuid.uuid4(), tokens=[b"x" * 16], on=TODAY)
    assert folder.stat().st_mode & 0o077 == 0
    files = list(folder.iterdir())
    assert len(files) == 2
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_block_counts_once_it_is_confirmed(tmp_path: Path) -> None:
    tokens, chunk = ErasedTokens(tmp_path), uuid.uuid4()
    tokens.write(chunk=chunk, tokens=[b"a" * 16, b"b" * 16], on=TODAY)
    assert tokens.count() == 0
    tokens.confirm(chunk=chunk, committed=True)
    assert list(ErasedTokens(tmp_path).stream()) == [b"a" * 16, b"b" * 16]


@pytest.mark.parametrize("committed", [True, False])
def test_settle_decides_what_a_crash_left_open(tmp_path: Path, committed: bool) -> None:
    tokens, chunk = ErasedTokens(tmp_path), uuid.uuid4()
    tokens.write(chunk=chunk, tokens=[b"a" * 16], on=TODAY)
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
    tokens.write(chunk=chunk, tokens=[b"a" * 16], on=TODAY)
    tokens.confirm(chunk=chunk, committed=True)
    path = tmp_path / "erased.jsonl"
    with path.open("ab") as file:
        file.write(b'{"chunk":"torn' + b"x" * 200_000)
    assert tokens.count() == 1
    later = uuid.uuid4()
    tokens.write(chunk=later, tokens=[b"b" * 16], on=TODAY)
    tokens.confirm(chunk=later, committed=True)
    assert list(tokens.stream()) == [b"a" * 16, b"b" * 16]


def test_a_damaged_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    ErasedTokens(tmp_path)
    (tmp_path / "tokens.key").write_bytes(b"short")
    with pytest.raises(BadInput, match="damaged"):
        ErasedTokens(tmp_path)
    assert (tmp_path / "tokens.key").read_bytes() == b"short"
