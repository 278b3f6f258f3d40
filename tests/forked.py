"""A process of its own, forked from one that has loaded Fadeout already.

It is real to the last signal: memory, connections and locks are its own. Only loading is shared, on which
some hundred processes in a row would spend most of their time.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fadeout.cli import main as command_line

#: More than any patience that a command itself has.
LONGEST_SECONDS = 300

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__])

#: What Fadeout looks at whenever it needs it; everything else of its own is read while it is loaded.
READ_LATER = {"FADEOUT_HOME", "FADEOUT_KEYS", "FADEOUT_DATABASE_URL"}
READ_WHILE_LOADED = ("FADEOUT_", "PYTHON", "LANG", "LC_", "TZ")


def read_while_loaded(environment: Mapping[str, str]) -> dict[str, str]:
    """What a process that is forked shares with all others."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(READ_WHILE_LOADED) and name not in READ_LATER
    }


AT_FIRST = read_while_loaded(os.environ)


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said on both outputs."""

    code: int
    said: str


def process(
    work: Callable[..., None], *arguments: Any, environment: Mapping[str, str], heard: Path
) -> Ended:
    """Let a process do this work and wait for its end; what it says goes to the file ``heard``."""
    code = _ended(work, arguments, environment, (Path(os.devnull), heard, heard))
    return Ended(code, heard.read_text())


def command(
    *arguments: str, stdin: str, environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Give a command to a process and wait for its end; the folder holds what it reads and says."""
    files = given, out, err = folder / "in", folder / "out", folder / "err"
    given.write_text(stdin)
    code = _ended(_command, arguments, environment, files)
    return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


def _command(*arguments: str) -> None:
    sys.argv = ["fadeout", *arguments]
    command_line.main()


def _ended(
    work: Callable[..., None],
    arguments: tuple[Any, ...],
    environment: Mapping[str, str],
    files: tuple[Path, Path, Path],
) -> int:
    around = dict(environment), Path.cwd(), files
    begun = processes.Process(target=_do, args=(work, arguments, *around))
    begun.start()
    begun.join(LONGEST_SECONDS)
    code = begun.exitcode
    if code is None:
        begun.kill()
        begun.join()
        raise AssertionError(f"{work.__name__} {arguments} hangs: {files[1].read_text()}")
    begun.close()
    return code


def _do(
    work: Callable[..., None],
    arguments: tuple[Any, ...],
    environment: dict[str, str],
    folder: Path,
    files: tuple[Path, Path, Path],
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    given, out, err = files
    handles = [os.open(given, os.O_RDONLY), _written(out)]
    handles.append(handles[1] if err == out else _written(err))
    for place, handle in enumerate(handles):
        os.dup2(handle, place)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to its end
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open to its end
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    work(*arguments)


def _written(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
