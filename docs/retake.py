"""Takes the outputs that the tutorial shows again: ``python -m docs.retake``.

Runs the commands of its ``console`` blocks in a temporary folder and writes what they print below
them. Blocks that leave lines out (``…``) stay as they are. Look at the difference before you keep it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.generate import DOCS

PAGE = DOCS / "tutorial" / "README.md"
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def retaken(page: str, folder: Path) -> str:
    """The page with the outputs that its commands have now."""
    environment = {
        **os.environ,
        "FADEOUT_HOME": str(folder / "home"),
        "FADEOUT_KEYS": str(folder / "keys"),
        "COLUMNS": "200",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    environment.pop("FADEOUT_DATABASE_URL", None)

    def block(found: re.Match[str]) -> str:
        steps = re.split(r"^\$ ", found[0], flags=re.MULTILINE)[1:]
        script = "code=0; " + "; ".join(
            f"echo '\u0001'; (exit $code); {step.splitlines()[0]}; code=$?" for step in steps
        )
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=folder, env=environment, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said = done.stdout.split("\u0001\n")[1:]
        return "".join(map(_step, steps, said))

    return BLOCK.sub(block, page)


def _step(before: str, said: str) -> str:
    command, _, shown = before.partition("\n")
    lines = "\n".join(line.rstrip() for line in said.splitlines()).strip("\n")
    text = shown.strip("\n") if "…" in shown else re.sub(r"\n{3,}", "\n\n", lines)
    return f"$ {command}\n{text}\n" if text else f"$ {command}\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(DOCS / "tutorial", Path(name, "docs", "tutorial"))
        PAGE.write_text(retaken(PAGE.read_text(encoding="utf-8"), Path(name)), encoding="utf-8")
