"""The embedded PostgreSQL: up while at least one command uses it.

Every command holds a shared lock on ``users.lock``; starting and stopping happens while holding
``start.lock`` alone. Whoever leaves and finds that nobody else holds the first lock was the last
and stops the server. The kernel releases the locks of a killed command, so a count can never be
wrong. A server that outlived its last command is used, and then stopped, by the next one.

"It was started" proves nothing: a server is up when it answers a query. A crash recovery may take
long, so there is no limit to waiting for a server that lives; one that dies says why in its log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fadeout.core.errors import BadInput
from fadeout.core.postgres import arrival, folders, server
from fadeout.core.postgres.cluster import Cluster, prepare
from fadeout.core.postgres.locks import Lock, alone


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Hold the PostgreSQL of a home up for a block; yields the URL of its database.

    Raises:
        BadInput: the home cannot hold a database, or holds one of another version.
        DidNotHold: the server does not come up.
    """
    cluster = Cluster(home.absolute())
    users = _entered(cluster)
    try:
        with _told_about(cluster.home):
            url = arrival.url_of(cluster)
        yield url
    finally:
        with _told_about(cluster.home):
            _leave(cluster, users)


def _entered(cluster: Cluster) -> Lock:
    """Count as a user from now on; nobody stops the server any more."""
    with _told_about(cluster.home):
        folders.make_private(cluster.home)
        with alone(cluster.start_lock):
            prepare(cluster)
            users = Lock(cluster.users_lock)
            users.share()
    return users


def _leave(cluster: Cluster, users: Lock) -> None:
    try:
        with alone(cluster.start_lock):
            users.release()
            if users.take():
                server.stop(cluster)
    finally:
        users.close()


@contextmanager
def _told_about(home: Path) -> Iterator[None]:
    """Say what is wrong with the folder instead of showing a traceback."""
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"The data folder {home} cannot be used: {error.strerror or error}.",
            way_out="Make room or give this user the right to write there, or set FADEOUT_HOME to "
            "another folder.",
        ) from error
