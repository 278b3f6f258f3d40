"""How much of this machine the embedded PostgreSQL may take, as the machine is at initdb.

Both are taken only as they are needed, and written into postgresql.conf, where ALTER SYSTEM changes them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

#: What a container may take of the machine it runs on, by the version of control groups; "max", a number
#: beyond all machines, or no such file: all of it.
CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
MB, GB = 2**20, 2**30
SMALLEST_CACHE, LARGEST_CACHE = 128 * MB, 8 * GB
SMALLEST_JOURNAL, LARGEST_JOURNAL = 1 * GB, 16 * GB


def sizes(folder: Path) -> dict[str, str]:
    """Settings for the memory of this machine and the disk of this folder."""
    return sizes_for(memory=memory_of_this_machine(), disk=shutil.disk_usage(folder).free)


def sizes_for(*, memory: int, disk: int) -> dict[str, str]:
    """Settings for so many bytes of memory and of free disk.

    A quarter of the memory for the server's own cache, as PostgreSQL's manual advises. An eighth of the free
    disk for the journal between two checkpoints: each checkpoint makes every page be written whole once more,
    so that a large house would pay for a small journal again and again (docs/explanation/speed.md).
    """
    cache = min(max(memory // 4, SMALLEST_CACHE), LARGEST_CACHE)
    journal = min(max(disk // 8, SMALLEST_JOURNAL), LARGEST_JOURNAL)
    return {
        "shared_buffers": f"{cache // MB}MB",
        "effective_cache_size": f"{max(memory // 2, cache) // MB}MB",
        "max_wal_size": f"{journal // MB}MB",
    }


def memory_of_this_machine() -> int:
    """Bytes, or what the container may take of them."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([installed, *(limit for path in CONTAINER_LIMITS if (limit := _limit_in(path)))])


def _limit_in(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
