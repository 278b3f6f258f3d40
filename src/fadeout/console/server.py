"""Starts the web server and stops it cleanly.

The server's processes are children of this one: it holds the database open for them, hands them its
address by the environment, and ends them with itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from fadeout.core import logs

TARGET = "fadeout.console.wsgi:application"
THREADS = 8
#: The server's own log has no form of its own: it goes where everything goes.
LOGGING: dict[str, Any] = {"version": 1, "disable_existing_loggers": False, "loggers": {}}


def serve(  # noqa: PLR0913 - what is served where, and by how many
    *, url: str, keys: Path, host: str, port: int, processes: int, target: str = TARGET
) -> None:
    """Answer until somebody stops it (Ctrl-C, SIGTERM).

    Args:
        url: of the database, already open.
        keys: the key folder.
        host: the address to listen at.
        port: the port.
        processes: how many processes answer; each with several threads.
        target: what they answer with; the console.
    """
    logs.begin()
    os.environ["FADEOUT_DATABASE_URL"] = url
    os.environ["FADEOUT_KEYS"] = str(keys)
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
    ).serve()
