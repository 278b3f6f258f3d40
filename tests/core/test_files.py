"""Files that are there whole, or as they were."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fadeout.core import files


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with files.replacing(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_what_fails_in_the_midst_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path, failure: BaseException
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def write_half() -> None:
        with files.replacing(path, beside=tmp_path / "part") as file:
            file.write(b"half")
            file.flush()
            assert names(tmp_path) == ["file", "part"]
            raise failure

    with pytest.raises(type(failure)):
        write_half()
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == ["file"]


def test_what_cannot_be_put_in_place_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError), files.replacing(tmp_path / "file") as file:
        file.write(b"content")
    assert names(tmp_path) == ["file"]


def test_content_and_name_are_forced_to_disk_in_that_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, forced = tmp_path / "file", []
    fsync = os.fsync

    def seen(handle: int) -> None:
        forced.append((str(Path(f"/proc/self/fd/{handle}").readlink()), path.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", seen)
    with files.replacing(path, beside=tmp_path / "part") as file:
        file.write(b"content")
    assert forced == [(str(tmp_path / "part"), False), (str(tmp_path), True)]
