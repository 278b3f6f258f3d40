"""Waits for the server until it answers, heals it when it died, and says why it cannot come up.

What could go wrong: a server that "was started" refuses, recovers for minutes, dies, or is killed
by somebody in between. So nothing counts but a query that was answered; a server that lives is
waited for without a limit, and one that ends by itself has said in its log why. One that lives,
recovers no more and refuses everybody would be waited for in vain: it is ended and started anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import pq, sql

from fadeout.core.errors import DidNotHold
from fadeout.core.postgres import binaries, folders, server, unprivileged
from fadeout.core.postgres.cluster import USER, Cluster
from fadeout.core.postgres.locks import alone

DATABASE = "fadeout"
STEP = 0.05
WORTH_A_WORD = 4.0
STUCK = 8.0  # longer than a server gives its processes to end before it recovers
PATIENCE = 60.0  # with servers that keep dying or refusing, not with one that recovers

_FATAL = re.compile(r"(?:FATAL|PANIC):\s+(.+)")
# Left over from a killed server, gone in a moment.
_PASSING = ("pre-existing shared memory block", "lock file")


def url_of(cluster: Cluster) -> str:
    """Wait until the server of a cluster answers, starting it as needed; its database's URL.

    Call it while counting as a user.

    Raises:
        BadInput: root cannot become an ordinary user here.
        DidNotHold: it cannot come up; the message says why.
    """
    wait = _Wait()
    while True:
        with alone(cluster.start_lock):
            log_start = server.log_size(cluster)
            child = server.start(cluster)
        while server.occupied(cluster):
            folder = _answering_folder(cluster)
            if folder is not None and _lets_in(folder, cluster, wait):
                return _url(folder, DATABASE)
            _heal_stuck(cluster, wait)
            if _lost_its_socket(cluster):
                wait.with_patience(cluster, "its socket is gone; end all commands that use it")
            wait.a_moment(cluster)
        _refuse_hopeless(cluster, child, log_start)
        wait.with_patience(cluster, "its processes keep ending")


class _Wait:
    """How long one command has waited, and whether it has said so."""

    def __init__(self) -> None:
        self.since = time.monotonic()
        self.told = False
        self.stuck_since: float | None = None

    def a_moment(self, cluster: Cluster) -> None:
        """Let a moment pass; after some of them say what takes so long."""
        time.sleep(STEP)
        if not self.told and time.monotonic() - self.since > WORTH_A_WORD:
            self.told = True
            print(_state(cluster), file=sys.stderr, flush=True)

    def with_patience(self, cluster: Cluster, reason: str) -> None:
        """Let a moment pass unless there were too many of them."""
        if time.monotonic() - self.since > PATIENCE:
            raise _hopeless(cluster, reason)
        self.a_moment(cluster)


def _heal_stuck(cluster: Cluster, wait: _Wait) -> None:
    """End a server that will never answer again; the next round starts it anew, or learns why not."""
    if not _refuses_for_good(cluster):
        wait.stuck_since = None
        return
    wait.stuck_since = wait.stuck_since or time.monotonic()
    if time.monotonic() - wait.stuck_since > STUCK:
        with alone(cluster.start_lock):
            if _refuses_for_good(cluster):  # nobody else has healed it meanwhile
                server.stop(cluster)
        wait.stuck_since = None


def _refuses_for_good(cluster: Cluster) -> bool:
    written = server.written_postmaster(cluster)
    if written is None or written.status != "ready" or not written.socket_folder:
        return False
    return _ping(Path(written.socket_folder)) == pq.Ping.REJECT and server.is_stuck(cluster)


def _state(cluster: Cluster) -> str:
    written = server.written_postmaster(cluster)
    if written is not None and written.status == "starting":
        return "The database recovers from a crash; this can take a while."
    return "The database does not answer yet; waiting for it."


def _answering_folder(cluster: Cluster) -> Path | None:
    """The folder of the socket on which a server answers."""
    written = server.written_postmaster(cluster)
    if written is None or written.status != "ready" or not written.socket_folder:
        return None  # asking a server that starts would fill its log with refusals
    folder = Path(written.socket_folder)
    return folder if _ping(folder) == pq.Ping.OK else None


def _ping(folder: Path) -> int:
    target = f"{_url(folder, 'postgres')}&connect_timeout=5"
    return pq.PGconn.ping(target.encode())


def _lost_its_socket(cluster: Cluster) -> bool:
    """Whether a running server cannot be reached: its home was moved, its folder cleaned up."""
    written = server.written_postmaster(cluster)
    if written is None or written.status != "ready":
        return False
    return not folders.socket_in(Path(written.socket_folder)).exists()


def _lets_in(folder: Path, cluster: Cluster, wait: _Wait) -> bool:
    """Prove by a query that the server is up, and make the database if it is missing."""
    try:
        with psycopg.connect(_url(folder, "postgres"), autocommit=True) as connection:
            if not _finds_database(connection):
                with alone(cluster.start_lock):
                    _make_database(connection)
    except psycopg.OperationalError as error:
        # Too many connections, a full disk, or it was killed this moment.
        wait.with_patience(cluster, str(error).strip().splitlines()[-1])
        return False
    return True


def _make_database(connection: psycopg.Connection) -> None:
    if not _finds_database(connection):
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
        connection.execute(statement)


def _finds_database(connection: psycopg.Connection) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    return connection.execute(query, [DATABASE]).fetchone() is not None


def _refuse_hopeless(
    cluster: Cluster, child: subprocess.Popen[bytes] | None, log_start: int
) -> None:
    """Give up when the server that was started here ended by itself for a lasting reason."""
    if child is None:  # of another command, which tells about it
        return
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=5)  # its locks are free, so it is about to end
    if child.returncode == unprivileged.FORBIDDEN:
        raise binaries.why_namespace_is_missing()
    if not child.returncode or child.returncode < 0:  # asked to stop, or killed
        return
    said = _FATAL.findall(_log_since(cluster.log, log_start))
    if said and not said[-1].startswith(_PASSING):
        raise _hopeless(cluster, said[-1])


def _hopeless(cluster: Cluster, reason: str) -> DidNotHold:
    return DidNotHold(
        f"The database does not come up: {reason}",
        way_out=f"See {cluster.log}; mend what it names and run the command again.",
    )


def _log_since(log: Path, start: int) -> str:
    try:
        with log.open("rb") as stream:
            stream.seek(start)
            return stream.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def _url(folder: Path, database: str) -> str:
    host = quote(str(folder), safe="")
    return f"postgresql://{USER}@/{database}?host={host}&port={folders.PORT}"
