"""Small disks that a test can really fill: tmpfs, mounted as root or in a user namespace of its own.

A mount in a namespace is reached from outside through ``/proc/PID/root`` of the process that holds it.
"""

from __future__ import annotations

import errno
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BALLAST = "ballast"
IN_OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
PIECES = (1 << 20, 1 << 12, 1)


class NoDiskError(Exception):
    """This machine lets no test mount a disk; says why."""


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Mount a disk of this size at a folder; yields the path that leads to it.

    Raises:
        NoDiskError: it cannot be mounted here.
    """
    place.mkdir(parents=True)
    mount = _mounted_as_root if os.geteuid() == 0 else _mounted_in_a_namespace
    with mount(place, f"size={megabytes}m,mode=0700") as path:
        yield path


def fill(disk: Path) -> None:
    """Take all room that is left on a disk."""
    _fill(disk, os.O_CREAT)


def _fill(disk: Path, flags: int) -> None:
    handle = os.open(disk / BALLAST, os.O_WRONLY | os.O_APPEND | flags, 0o600)
    try:
        for piece in PIECES:
            _write_until_full(handle, bytes(piece))
    finally:
        os.close(handle)


def keep_full(disk: Path) -> None:
    """Take all room, and whatever is given back, until this process ends or ``make_room`` is called."""
    fill(disk)
    threading.Thread(target=_refill, args=[disk], daemon=True).start()


def _refill(disk: Path) -> None:
    with suppress(OSError):  # there is room again, or the disk is gone
        while True:
            _fill(disk, 0)
            time.sleep(0.001)


def make_room(disk: Path) -> None:
    """Give back what ``fill`` took."""
    (disk / BALLAST).unlink(missing_ok=True)


def _write_until_full(handle: int, piece: bytes) -> None:
    try:
        while True:
            os.write(handle, piece)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@contextmanager
def _mounted_as_root(place: Path, options: str) -> Iterator[Path]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        raise NoDiskError(mounted.stderr.strip())
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def _mounted_in_a_namespace(place: Path, options: str) -> Iterator[Path]:
    script = 'mount -t tmpfs -o "$1" none "$2" && echo mounted && read wait'
    with subprocess.Popen(
        [*IN_OWN_MOUNTS, script, "sh", options, str(place)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        if holder.stdout.readline() != "mounted\n":
            raise NoDiskError(holder.communicate()[1].strip())
        yield Path(f"/proc/{holder.pid}/root{place}")
        holder.communicate()
