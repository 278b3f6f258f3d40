"""Where an export goes: a folder or a zip, whole or not at all.

What could go wrong: a crash leaves half a file that looks like a whole one, or somebody else on the
machine reads it. So files are written under a name of their own for their owner alone, and take
their real names once all of them are complete.
"""

from __future__ import annotations

import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from fadeout.connectors.exchange.format import FILES
from fadeout.core.errors import BadInput

_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)


class Place(Protocol):
    """Takes the files of an export one after the other."""

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write to."""
        ...


@contextmanager
def opened(path: Path, suffix: str) -> Iterator[Place]:
    """The place at a path; what was written appears there when the block ends well.

    Raises:
        BadInput: the path cannot be written to, or what lies there would mix with the export.
    """
    try:
        if path.suffix.lower() == ".zip":
            with _zip(path) as archive:
                yield archive
        else:
            with _folder(path, suffix) as folder:
                yield folder
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        entry = zipfile.ZipInfo(name, _FIRST_DAY_OF_ZIP)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        with self._archive.open(entry, "w", force_zip64=True) as sink:
            yield sink


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.drafts: dict[Path, Path] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        final = self._path / name
        self.drafts[final] = _draft_of(final)
        with _private(self.drafts[final]) as sink:
            yield sink


@contextmanager
def _zip(path: Path) -> Iterator[_Zip]:
    if path.is_dir():
        raise BadInput(f"{path} is a folder; an export to a .zip needs the name of a file.")
    draft = _draft_of(path)
    try:
        with _private(draft) as sink, zipfile.ZipFile(sink, "w") as archive:
            yield _Zip(archive)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _folder(path: Path, suffix: str) -> Iterator[_Folder]:
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path} is a file; an export goes to a folder or to a .zip.")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check(path, suffix)
    folder = _Folder(path)
    try:
        yield folder
        for final, draft in folder.drafts.items():
            draft.replace(final)
    finally:
        for draft in folder.drafts.values():
            draft.unlink(missing_ok=True)


def _check(path: Path, suffix: str) -> None:
    """Refuse to mix: the export with what else lies there could not be imported again."""
    written = {file.name + suffix for file in FILES}
    others = sorted(
        entry.name
        for entry in path.iterdir()
        if entry.suffix.lower() in (".csv", ".parquet") and entry.name not in written
    )
    if others:
        raise BadInput(
            f"{path} holds {', '.join(others[:5])}{' and others' if len(others) > 5 else ''}, "
            "which would mix with the export.",
            way_out="Move them away, or export to another folder.",
        )


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}")


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as sink:
        yield sink
