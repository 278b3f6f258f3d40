"""What a run keeps for after a crash can be read by that run alone, and is gone when it ends."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fadeout.core.errors import DidNotHold
from fadeout.keys import run_files
from fadeout.keys.run_files import RunFiles, sweep

BLOCKS = [b"anna@example.org " * 50, b"", b"0791234567"]


def written(folder: Path, label: str = "run 1") -> RunFiles:
    files = RunFiles(folder, "house", label)
    with files.writing() as put:
        for block in BLOCKS:
            put(block)
    return files


def paths(folder: Path) -> list[Path]:
    return sorted((folder / "runs").iterdir())


def test_what_was_written_is_read_again_and_lies_encrypted(tmp_path: Path) -> None:
    files = written(tmp_path)
    files.append(b"more@example.org")
    again = RunFiles(tmp_path, "house", "run 1")
    assert again.exist()
    assert list(again.known()) == BLOCKS
    assert list(again.later()) == [b"more@example.org"]
    assert len(paths(tmp_path)) == 3
    for path in paths(tmp_path):
        content = path.read_bytes()
        assert content
        assert not [one for one in (b"anna", b"example", b"079123") if one in content]
        assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "runs").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir(mode=0o755)
    written(tmp_path)
    assert (tmp_path / "runs").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("suffix", [".known", ".later", ".key"])
@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_a_changed_byte_is_noticed(tmp_path: Path, suffix: str, place: int) -> None:
    files = written(tmp_path)
    files.append(b"more")
    files.append(b"still more")
    [path] = (tmp_path / "runs").glob(f"*{suffix}")
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    again = RunFiles(tmp_path, "house", "run 1")
    if suffix == ".later" and place == 0:  # a length beyond the end is a torn block
        assert list(again.later()) == []
        return
    with pytest.raises(DidNotHold, match="cannot be read"):
        list(again.known()), list(again.later())


def test_a_file_cut_at_a_block_or_of_another_run_is_noticed(tmp_path: Path) -> None:
    written(tmp_path)
    [path] = (tmp_path / "runs").glob("*.known")
    whole = path.read_bytes()
    last = 4 + 12 + 4 + 16
    path.write_bytes(whole[:-last])
    with pytest.raises(DidNotHold, match="lost its end"):
        list(RunFiles(tmp_path, "house", "run 1").known())
    path.write_bytes(whole + whole[-last:])
    with pytest.raises(DidNotHold, match="cannot be read"):
        list(RunFiles(tmp_path, "house", "run 1").known())
    written(tmp_path, "run 2")
    first, second = ((tmp_path / "runs").glob(f"*{end}") for end in (".known", ".key"))
    names = sorted(first)
    names[0].write_bytes(names[1].read_bytes())
    assert len(list(second)) == 2
    taken = [RunFiles(tmp_path, "house", label) for label in ("run 1", "run 2")]
    with pytest.raises(DidNotHold, match="cannot be read"):
        assert [list(files.known()) for files in taken]


def test_a_missing_key_is_told_with_a_way_out(tmp_path: Path) -> None:
    files = written(tmp_path)
    next((tmp_path / "runs").glob("*.key")).unlink()
    with pytest.raises(DidNotHold, match="fadeout cancel"):
        list(files.known())
    with pytest.raises(DidNotHold, match="its key is missing"):
        files.append(b"more")


def test_a_torn_block_is_cut_off_and_the_next_one_stands_in_its_place(tmp_path: Path) -> None:
    files = written(tmp_path)
    files.append(b"one")
    files.append(b"two")
    [path] = (tmp_path / "runs").glob("*.later")
    path.write_bytes(path.read_bytes()[:-3])
    again = RunFiles(tmp_path, "house", "run 1")
    assert list(again.later()) == [b"one"]
    again.append(b"three")
    assert list(RunFiles(tmp_path, "house", "run 1").later()) == [b"one", b"three"]


def test_nothing_is_there_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(run_files.os, "fsync", full)
        with pytest.raises(DidNotHold, match="No space left"):
            written(tmp_path)
    assert paths(tmp_path) == []
    files = written(tmp_path)
    files.append(b"one")
    with monkeypatch.context() as patched:
        patched.setattr(run_files.os, "fsync", full)
        with pytest.raises(DidNotHold, match="No space left"):
            files.append(b"two")
    files.append(b"three")
    assert list(RunFiles(tmp_path, "house", "run 1").later()) == [b"one", b"three"]


def test_only_what_may_go_on_stays(tmp_path: Path) -> None:
    for label in ("run 1", "run 2"):
        written(tmp_path, label).append(b"more")
    other = RunFiles(tmp_path, "another", "run 1")
    with other.writing() as put:
        put(b"theirs")
    assert len(paths(tmp_path)) == 8
    assert sweep(tmp_path, "house", {"run 2"}) == 1
    assert not RunFiles(tmp_path, "house", "run 1").exist()
    assert RunFiles(tmp_path, "house", "run 2").exist()
    RunFiles(tmp_path, "house", "run 2").destroy()
    assert list(other.known()) == [b"theirs"]
    assert len(paths(tmp_path)) == 2
