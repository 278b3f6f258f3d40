"""The tutorial and the story, run from first command to last: they show what really comes out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, LEFT_OUT, Shown, shown_commands

TUTORIAL = DOCS / "tutorial"
LAST_EXIT_CODE = "echo $?"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the files of the tutorial where its commands expect them."""
    shutil.copytree(TUTORIAL, tmp_path / "docs" / "tutorial")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("page", ["README.md", "two-minutes.md"])
def test_a_page_shows_what_comes_out(folder: Path, page: str) -> None:
    steps = [s for s in shown_commands(TUTORIAL / page) if s.output or _is_run(s)]
    assert len(steps) > 10
    code = 0
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if step.command == LAST_EXIT_CODE:
            assert step.output == (str(code),)
            continue
        done = _run(step)
        code = done.returncode
        assert (code != 0) == (following is not None and following.command == LAST_EXIT_CODE), (
            f"{step.command}: exit code {code}\n{done.stderr}"
        )
        said = [
            kept for line in (done.stdout + done.stderr).splitlines() if (kept := line.rstrip())
        ]
        assert _agree(step.output, said), f"{step.command} printed:\n{done.stdout}{done.stderr}"


def _is_run(step: Shown) -> bool:
    return step.words()[:1] in (["fadeout"], ["cat"], ["cmp"])


def _run(step: Shown) -> subprocess.CompletedProcess[str]:
    """As a reader would: in a shell that finds the command."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", step.command],
        env=os.environ | {"PATH": path, "COLUMNS": "200"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def _agree(shown: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the lines are the same; one that says so stands for any number of lines."""
    if LEFT_OUT not in shown:
        return list(shown) == list(said)
    at = list(shown).index(LEFT_OUT)
    head, tail = list(shown[:at]), list(shown[at + 1 :])
    enough = len(said) >= len(head) + len(tail)
    return enough and said[:at] == head and said[len(said) - len(tail) :] == tail


def test_lines_left_out() -> None:
    assert _agree(["a", LEFT_OUT, "z"], ["a", "b", "z"])
    assert not _agree(["a", LEFT_OUT, "z"], ["a", "b"])
    assert not _agree(["a"], ["a", "b"])
