"""Files that are there whole, or not at all, and outlast a power cut.

What could go wrong: the process dies or the disk is full in the midst of writing, and half a file has the
name of a whole one. So a file is written beside, forced to disk, and given its name in one step; then the
folder is forced to disk, which holds the name.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file for its owner alone: when the block ends all of it is on disk, or it is not there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def replacing(path: Path, *, beside: Path | None = None) -> Iterator[BinaryIO]:
    """When the block ends the file holds what was written in it, or what it held before.

    Args:
        path: the file.
        beside: where it is written first; a name that nobody else has if left out.
    """
    draft = draft_of(path) if beside is None else beside
    try:
        with written(draft) as file:
            yield file
        put_in_place(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def draft_of(path: Path) -> Path:
    """A name beside a file that nobody else has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def put_in_place(draft: Path, path: Path) -> None:
    """Give what was written beside its name; on disk on return."""
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that names in the folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
