"""The data folder of the embedded PostgreSQL: where things are, and how it comes to be.

What could go wrong: a kill in the midst of the making leaves half a database (so it is made
beside its place and renamed into it when complete); a folder that was closed becomes readable
(so only folders made here get a mode, 0700); a newer PostgreSQL meets older data (so the version
is compared before anything is touched); personal data reaches the log (so the server is told to
write no statement, no parameter, no error of a statement).
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fadeout.core import files
from fadeout.core.errors import BadInput
from fadeout.core.postgres import binaries, sizes, unprivileged

USER = "fadeout"

# Written once into postgresql.conf, so that ALTER SYSTEM can change them on a bigger machine.
TUNING = {
    "max_connections": "50",
    "checkpoint_timeout": "30min",
    # The wheel is built without lz4, and pglz takes longer than a whole run (docs/explanation/speed.md).
    "wal_compression": "off",
    "client_connection_check_interval": "1s",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Cluster:
    """The places of one embedded PostgreSQL inside its home."""

    home: Path

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def start_lock(self) -> Path:
        """Held alone while somebody starts or stops the server."""
        return self.home / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by every command that uses the server."""
        return self.home / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server and all its processes for as long as one of them lives."""
        return self.home / "server.lock"


def prepare(cluster: Cluster) -> None:
    """Make the data folder if there is none, and refuse one that this PostgreSQL cannot serve.

    Call it while holding the start lock.

    Raises:
        BadInput: it is of another version or another user, or cannot be made here.
    """
    if not cluster.data.exists():
        _make(cluster)
    _check_owner(cluster.data)
    _check_version(cluster.data)
    if stat.S_IMODE(cluster.data.stat().st_mode) & 0o077:
        cluster.data.chmod(0o700)  # PostgreSQL refuses a copy that was made without its modes


def _make(cluster: Cluster) -> None:
    for abandoned in cluster.home.glob("postgres.partial-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix="postgres.partial-", dir=cluster.home))
    try:
        _initdb(partial)
        partial.rename(cluster.data)
        files.sync_folder(cluster.home)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _initdb(folder: Path) -> None:
    # Byte order and the built-in C.UTF-8: the same on every machine, and lower('É') is 'é'.
    # "trust" is safe: the only way in is a socket inside a folder that nobody else can enter.
    command = [
        str(binaries.program("initdb")),
        f"--pgdata={folder}",
        f"--username={USER}",
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        *(f"--set={name}={value}" for name, value in (TUNING | sizes.sizes(folder)).items()),
    ]
    made = subprocess.run(
        binaries.as_ordinary_user(command),
        env=binaries.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if made.returncode == unprivileged.FORBIDDEN:
        raise binaries.why_namespace_is_missing()
    if made.returncode != 0:
        raise BadInput(
            f"The database cannot be made in {folder.parent}: {_reason(made.stderr)}",
            way_out="Make room or give this user the right to write there, or set FADEOUT_HOME to "
            "another folder.",
        )


def _reason(output: str) -> str:
    """The sentence in which initdb, or the server it runs, says what is wrong."""
    for mark in ("FATAL:", "PANIC:", "initdb: error:"):
        for line in output.splitlines():
            if mark in line:
                return line.split(mark, 1)[1].strip()
    return (output.strip().splitlines() or ["initdb was stopped"])[-1]


def _check_owner(data: Path) -> None:
    if data.stat().st_uid != os.geteuid():
        raise BadInput(
            f"The database in {data} belongs to another user of this machine.",
            way_out="Run Fadeout as that user, or set FADEOUT_HOME to another folder.",
        )


def _check_version(data: Path) -> None:
    try:
        made_by = (data / "PG_VERSION").read_text(encoding="ascii", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadInput(
            f"{data} is not a database of PostgreSQL.",
            way_out="Move it away, or set FADEOUT_HOME to another folder.",
        ) from error
    carried = binaries.major_version(binaries.program("postgres"))
    if made_by != str(carried):
        raise BadInput(
            f"The database in {data} was made by PostgreSQL {made_by}; this Fadeout carries "
            f"PostgreSQL {carried}. Nothing was touched.",
            way_out="Dump it with the Fadeout that made it (fadeout database dump FILE), move the "
            "folder away, and restore it with this one (fadeout database restore FILE).",
        )
