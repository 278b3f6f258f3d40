"""Folders that nobody else can enter, whatever the umask; folders that exist keep their mode."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from fadeout.core.errors import BadInput

PORT = 5432
LONGEST_SOCKET_PATH = 103  # bytes: 107 on Linux, 103 on macOS


def make_private(folder: Path) -> None:
    """Make a folder, and the parents it lacks, for this user alone.

    Raises:
        OSError: it cannot be made, or something that is no folder stands there.
    """
    if folder.is_dir():
        return
    if not folder.parent.exists():
        make_private(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise NotADirectoryError(20, "Not a directory", str(folder)) from None
    else:
        folder.chmod(0o700)


def for_socket(home: Path) -> Path:
    """A private folder for the server's socket: in its home, or beside if that path is too long.

    Raises:
        BadInput: somebody else made the folder that would be used.
    """
    for folder in _places(home):
        if len(os.fsencode(socket_in(folder))) <= LONGEST_SOCKET_PATH:
            make_private(folder)
            _refuse_foreign(folder)
            return folder
    raise BadInput(f"The path of {home} is too long.", way_out="Set FADEOUT_HOME to a shorter one.")


def forget_socket(home: Path) -> None:
    """Remove the folders outside the home that a stopped server leaves behind."""
    for folder in _places(home)[1:]:
        with suppress(OSError):
            folder.rmdir()


def socket_in(folder: Path) -> Path:
    """The socket that PostgreSQL makes in a folder."""
    return folder / f".s.PGSQL.{PORT}"


def _places(home: Path) -> tuple[Path, ...]:
    own = f"fadeout-{os.geteuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
    return (home / "socket", Path(tempfile.gettempdir(), own), Path("/tmp", own))  # noqa: S108


def _refuse_foreign(folder: Path) -> None:
    """Whoever owns the folder of the socket, or can enter it, is let into the database."""
    found = folder.lstat()
    closed = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not closed or found.st_uid != os.geteuid():
        raise BadInput(
            f"The folder {folder} is not this user's alone.",
            way_out="Remove it, or set FADEOUT_HOME to another folder.",
        )
