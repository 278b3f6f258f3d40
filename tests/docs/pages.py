"""The pages of the documentation, and the commands that they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))
LEFT_OUT = "…"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASSIGNMENT = re.compile(r"^[A-Z_]+=")


@dataclass(frozen=True)
class Shown:
    """A command of a page, and the output that the page shows below it."""

    page: Path
    command: str
    output: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """The words of the command, without variables before it, comments, and where its output goes."""
        words = shlex.split(self.command.partition(" > ")[0], comments=True)
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        return words


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def shown_commands(page: Path) -> Iterator[Shown]:
    """Every command in the fenced ``console`` and ``sh`` blocks of a page."""
    for language, content in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "console":
            yield from _in_console(page, content)
        elif language == "sh":
            for line in content.replace("\\\n", " ").splitlines():
                yield Shown(page, line)


def _in_console(page: Path, content: str) -> Iterator[Shown]:
    before, *commands = re.split(r"^\$ ", content, flags=re.MULTILINE)
    assert not before.strip(), f"{page}: output without a command"
    for command in commands:
        line, *output = command.splitlines()
        yield Shown(page, line, tuple(kept for out in output if (kept := out.rstrip())))
