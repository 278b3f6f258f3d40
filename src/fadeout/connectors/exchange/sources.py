"""The files of an import: in a folder, or in a zip at its top or in one folder.

What could go wrong with a zip made to do harm: an entry that unpacks to a place outside (nothing is
ever unpacked to a name of the zip's choosing, and such a zip is refused all the same), or one that
unpacks to absurd size (bytes are counted while they come; what the zip says of itself is not
believed).
"""

from __future__ import annotations

import os
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, cast

from fadeout.connectors.exchange.format import BY_NAME, FILES, File
from fadeout.connectors.exchange.problems import Problems
from fadeout.core.errors import BadInput

HIGHEST_RATIO = 100
RATIO_COUNTS_FROM = 10 * 2**20
DEFAULT_MOST_BYTES = 64 * 2**30
_CHUNK = 2**20
_FORMS = (".csv", ".parquet")


class Unreadable(Exception):  # noqa: N818 - it says what the file is
    """A file cannot be read on; the message says why and carries nothing of its content."""


@dataclass(frozen=True)
class Source:
    """One file of the format, as CSV or as Parquet."""

    file: File
    name: str
    open: Callable[[], IO[bytes]]

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet rather than CSV."""
        return self.name.endswith(".parquet")


@dataclass
class Delivery:
    """What was found at the path of an import."""

    sources: list[Source] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def take(self, name: str, opens: Callable[[], IO[bytes]], problems: Problems) -> None:
        """Sort one file in: a file of the format, one to pass over, or a mistake."""
        stem, form = os.path.splitext(name)  # noqa: PTH122 - names in a zip are no paths
        if form.lower() not in _FORMS:
            self.passed_over.append(name)
        elif stem in BY_NAME and form in _FORMS:
            self.sources.append(Source(BY_NAME[stem], name, opens))
        else:
            close = BY_NAME.get(stem.lower())
            hint = f"; did you mean {close.name}{form.lower()}?" if close else ""
            problems.in_file(name, f"not a file of the exchange format{hint}")

    def settle(self, problems: Problems) -> None:
        """Put the files in their order; none may be there in both forms."""
        self.sources.sort(key=lambda source: (FILES.index(source.file), source.name))
        for one, other in zip(self.sources, self.sources[1:], strict=False):
            if one.file is other.file:
                problems.in_file(other.name, f"given twice, also as {one.name}")
        self.passed_over.sort()


@contextmanager
def opened(path: Path, problems: Problems) -> Iterator[Delivery]:
    """The files at a path, for as long as they are read.

    Raises:
        BadInput: there is nothing at the path, or neither a folder nor a zip that can be read.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    if is_folder:
        yield _folder(path, problems)
    elif is_file:
        with _zip(path) as archive:
            yield _entries(archive, path.name, problems)
    else:
        raise BadInput(f"There is neither a folder nor a zip file at {path}.")


def most_bytes() -> int:
    """How many bytes a zip may unpack to: ``FADEOUT_IMPORT_MAX_BYTES``, or 64 GiB."""
    chosen = os.environ.get("FADEOUT_IMPORT_MAX_BYTES", "")
    if not chosen:
        return DEFAULT_MOST_BYTES
    if not chosen.isascii() or not chosen.isdigit():
        raise BadInput("FADEOUT_IMPORT_MAX_BYTES is not a number of bytes.")
    return int(chosen)


def _folder(path: Path, problems: Problems) -> Delivery:
    delivery = Delivery()
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise BadInput(f"The folder {path} cannot be read: {error.strerror}.") from None
    for entry in entries:
        if entry.is_file() or entry.suffix.lower() not in _FORMS:
            delivery.take(entry.name, _opener(entry), problems)
        else:
            problems.in_file(entry.name, "not a file that can be read")
    delivery.settle(problems)
    return delivery


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    def opens() -> IO[bytes]:
        try:
            return path.open("rb")
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None

    return opens


@contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise BadInput(
            f"{path} is neither a folder nor a whole zip file.",
            way_out="If it is a zip, it was cut off on its way; make or fetch it again.",
        ) from None
    with archive:
        yield archive


def _entries(archive: zipfile.ZipFile, name: str, problems: Problems) -> Delivery:
    delivery = Delivery()
    budget = _Budget(most_bytes())
    files = [entry for entry in archive.infolist() if not entry.filename.startswith("__MACOSX/")]
    harmful = [entry for entry in files if _leads_outside(entry)]
    for entry in harmful:
        problems.in_file(name, f"an entry leads outside the zip: {_named(entry.filename)}")
    if harmful:
        return delivery
    folder = _only_folder(files, name, problems)
    seen: set[str] = set()
    for entry in files:
        place = PurePosixPath(entry.filename)
        if entry.is_dir():
            continue
        if str(place.parent) != folder:
            delivery.passed_over.append(_named(entry.filename))
        elif place.name in seen:
            problems.in_file(place.name, "in the zip twice")
        else:
            seen.add(place.name)
            delivery.take(place.name, _unpacker(archive, entry, budget), problems)
    delivery.settle(problems)
    return delivery


def _leads_outside(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    return (
        name.startswith(("/", "\\"))
        or ".." in parts
        or (len(name) > 1 and name[1] == ":")
        or "\\" in name
        or "\0" in name
        or stat.S_ISLNK(entry.external_attr >> 16)
    )


def _only_folder(files: list[zipfile.ZipInfo], name: str, problems: Problems) -> str:
    """The one folder that holds the files of the format ('.' is the top)."""
    folders = sorted(
        {
            str(PurePosixPath(entry.filename).parent)
            for entry in files
            if not entry.is_dir() and entry.filename.lower().endswith(_FORMS)
        }
    )
    if len(folders) > 1:
        problems.in_file(name, "the files are in more than one folder of the zip")
    elif folders and "/" in folders[0]:
        problems.in_file(name, "the files are neither at the top of the zip nor in one folder")
    return folders[0] if folders else "."


def _named(name: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in name)[:100]


@dataclass
class _Budget:
    """How many bytes may be unpacked, over all entries (one that is read again counts once)."""

    most: int
    spent: dict[str, int] = field(default_factory=dict)

    def spend(self, name: str, count: int) -> None:
        self.spent[name] = max(count, self.spent.get(name, 0))
        if sum(self.spent.values()) > self.most:
            raise Unreadable("the zip unpacks to more bytes than FADEOUT_IMPORT_MAX_BYTES allows")


class _Unpacked:
    """The bytes of one entry, counted while they come."""

    def __init__(self, stream: IO[bytes], entry: zipfile.ZipInfo, budget: _Budget) -> None:
        self._stream = stream
        self._name = entry.filename
        self._packed = max(entry.compress_size, 1)
        self._budget = budget
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except Exception:  # zipfile and its codecs raise a dozen sorts
            raise Unreadable("damaged in the zip, or cut off") from None
        self._count += len(data)
        self._budget.spend(self._name, self._count)
        if self._count > max(RATIO_COUNTS_FROM, HIGHEST_RATIO * self._packed):
            raise Unreadable(f"unpacks to more than {HIGHEST_RATIO} times its size in the zip")
        return data

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> _Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _unpacker(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget
) -> Callable[[], IO[bytes]]:
    def opens() -> IO[bytes]:
        if entry.flag_bits & 1:
            raise Unreadable("encrypted in the zip; pack it without a password")
        try:
            stream = archive.open(entry)
        except NotImplementedError:
            raise Unreadable("packed in a way that is not known here") from None
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError):
            raise Unreadable("damaged in the zip, or cut off") from None
        unpacked = _Unpacked(stream, entry, budget)
        if not entry.filename.endswith(".parquet"):
            return cast("IO[bytes]", unpacked)
        with unpacked:
            return _spooled(unpacked)

    return opens


def _spooled(stream: _Unpacked) -> IO[bytes]:
    """The bytes as a file that can be read from anywhere; it has no name and leaves no trace."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever opened the source closes it
    try:
        while chunk := stream.read(_CHUNK):
            file.write(chunk)
    except Unreadable:
        file.close()
        raise
    file.seek(0)
    return file
