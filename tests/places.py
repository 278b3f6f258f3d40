"""Where tests have their folders: in memory if there is room, for making thousands of small files.

A test that is about disks mounts its own (tests/runs/disks.py).
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own there, for this user alone
#: The whole suite needs less than half of it at a time.
ROOM = 4 * 2**30
#: Where pytest looks for the place of its temporary folders.
VARIABLE = "PYTEST_DEBUG_TEMPROOT"


def take_the_fastest() -> None:
    """Let pytest make its folders in memory, unless somebody has said where or there is too little room."""
    if VARIABLE not in os.environ and _has_room():
        os.environ[VARIABLE] = str(IN_MEMORY)


def _has_room() -> bool:
    try:
        free = shutil.disk_usage(IN_MEMORY).free
        available = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.M)
    except OSError:  # not Linux
        return False
    return available is not None and min(free, int(available[1]) * 1024) > ROOM
