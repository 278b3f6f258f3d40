"""The server process: is there one, start it, stop it.

What could go wrong: a stale ``postmaster.pid`` names a process that is gone, or, worse, one that
has nothing to do with PostgreSQL; backends outlive a killed server for a moment; the server and
its commands see different process numbers (two containers, one folder). So a process counts as
the server only when it works in this data folder, and the server holds a lock that the kernel
releases with the last of its processes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fadeout.core.postgres import binaries, folders
from fadeout.core.postgres.cluster import Cluster
from fadeout.core.postgres.locks import Lock

LARGEST_LOG = 10_000_000
STOP_PATIENCE = 10.0

# Given on the command line, which wins over every file: the only way in is the socket, and no
# statement, parameter or value of a row reaches the log. Errors of statements quote values in
# their very first line, so only the server's own messages (log, fatal, panic) are written.
FIXED = {
    "listen_addresses": "",
    "port": str(folders.PORT),
    "unix_socket_permissions": "0700",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
    "log_temp_files": "-1",
}

# What this process started: their exit has to be collected.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Postmaster:
    """What ``postmaster.pid`` says."""

    pid: int
    socket_folder: str
    status: str


def postmaster(cluster: Cluster) -> Postmaster | None:
    """The living server of this cluster, as far as it can be seen from here."""
    written = written_postmaster(cluster)
    return written if written and _serves(written.pid, cluster.data) else None


def written_postmaster(cluster: Cluster) -> Postmaster | None:
    """The server that ``postmaster.pid`` names, living or not."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = abs(int(lines[0]))
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * (8 - len(lines))
    return Postmaster(pid, socket_folder=lines[4].strip(), status=lines[7].strip())


def occupied(cluster: Cluster) -> bool:
    """Whether any process of a server of this cluster lives, also one that only starts or ends."""
    return postmaster(cluster) is not None or _lock_held(cluster)


def start(cluster: Cluster) -> subprocess.Popen[bytes] | None:
    """Start the server unless some process of one lives; whether it comes up is for others to see.

    Call it while holding the start lock.
    """
    if postmaster(cluster) is not None:
        return None
    lock = Lock(cluster.server_lock)
    try:
        if not lock.take():
            return None
        socket_folder = folders.for_socket(cluster.home)
        _remove_stale(cluster, socket_folder)
        return _spawn(cluster, socket_folder, lock)
    finally:
        lock.close()


def stop(cluster: Cluster) -> None:
    """Stop the server and wait until it is gone.

    Call it while holding the start lock and with no user left.
    """
    asked = 0
    deadline = time.monotonic() + STOP_PATIENCE
    while occupied(cluster):
        found = postmaster(cluster)
        if found is None and (_out_of_sight(cluster) or time.monotonic() > deadline):
            return
        if found is not None and found.pid != asked:
            with suppress(ProcessLookupError):  # it has ended by itself this moment
                os.kill(found.pid, signal.SIGINT)
            asked = found.pid
        time.sleep(0.01)
    folders.forget_socket(cluster.home)


def is_stuck(cluster: Cluster) -> bool:
    """Whether a server that once was ready recovers no more, though it does not answer.

    PostgreSQL 18 may stay like this when its recovery after a crash of one of its processes fails, on
    a full disk say: it lives, waits for nothing, and refuses everybody.
    """
    found = postmaster(cluster)
    return (
        found is not None
        and found.status == "ready"
        and not any("startup" in name for name in _names_of_children(found.pid))
    )


def log_size(cluster: Cluster) -> int:
    """How far the log goes now."""
    try:
        return cluster.log.stat().st_size
    except FileNotFoundError:
        return 0


def _out_of_sight(cluster: Cluster) -> bool:
    """Whether the server runs in another container, or was killed and only its backends end."""
    written = written_postmaster(cluster)
    return written is not None and written.status == "ready"


def _spawn(cluster: Cluster, socket_folder: Path, lock: Lock) -> subprocess.Popen[bytes]:
    settings = FIXED | {"unix_socket_directories": str(socket_folder)}
    command = [str(binaries.program("postgres")), "-D", str(cluster.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log = _opened_log(cluster)
    try:
        # A session of its own keeps Ctrl-C and the end of the terminal away from the server.
        child = subprocess.Popen(
            binaries.as_ordinary_user(command),
            env=binaries.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock.descriptor,),
        )
    finally:
        os.close(log)
    _children[child.pid] = child
    return child


def _opened_log(cluster: Cluster) -> int:
    if log_size(cluster) > LARGEST_LOG:
        cluster.log.replace(cluster.log.with_suffix(".log.old"))
    return os.open(cluster.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _remove_stale(cluster: Cluster, socket_folder: Path) -> None:
    """Remove lock files that PostgreSQL would believe if their number lives again.

    Nothing of this server lives here. Should backends be attached elsewhere, PostgreSQL still
    sees their shared memory by the data folder's inode and refuses.
    """
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    socket = folders.socket_in(socket_folder)
    socket.with_name(socket.name + ".lock").unlink(missing_ok=True)


def _lock_held(cluster: Cluster) -> bool:
    if not cluster.server_lock.exists():
        return False
    lock = Lock(cluster.server_lock)
    try:
        return not lock.take()
    finally:
        lock.close()


def _serves(pid: int, data: Path) -> bool:
    """Whether a process lives and is a PostgreSQL server of this data folder."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]
    process = Path("/proc", str(pid))
    try:
        if Path("/proc/self").exists():
            name = (process / "comm").read_text().strip()
            return name == "postgres" and (process / "cwd").samefile(data)
    except OSError:  # no such process, or somebody else's
        return False
    return _serves_by_ps(pid, data)


def _names_of_children(pid: int) -> list[str]:
    """What the processes of a server call themselves: ``postgres: startup recovering …``."""
    if Path("/proc/self").exists():
        return [_name_of(child) for child in Path("/proc").glob("[0-9]*") if _parent(child) == pid]
    shown = subprocess.run(
        ["ps", "-ax", "-ww", "-o", "ppid=", "-o", "command="],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    pairs = (line.strip().partition(" ") for line in shown.splitlines())
    return [name for parent, _, name in pairs if parent == str(pid)]


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:  # it is gone
        return 0


def _name_of(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def _serves_by_ps(pid: int, data: Path) -> bool:
    """The same where there is no /proc: our servers name their data folder on the command line."""
    shown = subprocess.run(
        ["ps", "-ww", "-p", str(pid), "-o", "stat=", "-o", "command="],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return bool(shown) and not shown.startswith("Z") and f"-D {data} " in shown
