"""What the embedded PostgreSQL may take of a machine, and that a fresh server takes it."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from fadeout.core.postgres import sizes
from fadeout.core.postgres.embedded import serving
from fadeout.core.postgres.sizes import GB, MB

INSTALLED = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
SETTINGS = "SELECT name, pg_size_bytes(current_setting(name)) FROM pg_settings WHERE name = ANY(%s)"


@pytest.mark.parametrize(
    ("memory", "disk", "cache", "planner", "journal"),
    [
        (16 * GB, 80 * GB, "4096MB", "8192MB", "10240MB"),
        (2 * GB, 20 * GB, "512MB", "1024MB", "2560MB"),
        (300 * MB, 0, "128MB", "150MB", "1024MB"),
        (0, 1 * GB, "128MB", "128MB", "1024MB"),
        (512 * GB, 4_000 * GB, "8192MB", "262144MB", "16384MB"),
    ],
    ids=["a workstation", "a small server", "hardly anything", "nothing", "a large server"],
)
def test_a_quarter_of_the_memory_and_an_eighth_of_the_disk_within_bounds(
    memory: int, disk: int, cache: str, planner: str, journal: str
) -> None:
    assert sizes.sizes_for(memory=memory, disk=disk) == {
        "shared_buffers": cache,
        "effective_cache_size": planner,
        "max_wal_size": journal,
    }


@pytest.mark.parametrize(
    ("written", "memory"),
    [
        ("104857600\n", 100 * MB),
        ("max\n", INSTALLED),
        ("9223372036854771712\n", INSTALLED),  # how control groups of version 1 say "no limit"
        ("", INSTALLED),
        (None, INSTALLED),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_a_container_may_take_what_its_limit_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: int,
    written: str | None,
    memory: int,
) -> None:
    files = tuple(tmp_path / name for name in ("version 2", "version 1"))
    monkeypatch.setattr(sizes, "CONTAINER_LIMITS", files)
    if written is not None:
        files[-version].write_text(written)
    assert sizes.memory_of_this_machine() == memory


def test_a_fresh_server_takes_them_and_alter_system_changes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(str(600 * MB))
    monkeypatch.setattr(sizes, "CONTAINER_LIMITS", (limit,))
    home = tmp_path / "home"
    with serving(home) as url:
        taken = settings(url)
        change(url, "ALTER SYSTEM SET shared_buffers = '24MB'")
        change(url, "ALTER SYSTEM SET max_wal_size = '3GB'")
    assert taken["shared_buffers"] == 150 * MB
    assert taken["effective_cache_size"] == 300 * MB
    expected = int(sizes.sizes(tmp_path)["max_wal_size"].removesuffix("MB")) * MB
    assert taken["max_wal_size"] == pytest.approx(expected, abs=GB)  # others write to the disk
    with serving(home) as url:
        changed = settings(url)
    assert changed == taken | {"shared_buffers": 24 * MB, "max_wal_size": 3 * GB}


def settings(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute(SETTINGS, [list(sizes.sizes(Path("/")))]).fetchall())


def change(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
