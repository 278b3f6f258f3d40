"""The table that a benchmark prints and keeps."""

from __future__ import annotations

import os
import platform
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table as Shown

HEADINGS = ("what", "measured", "aim", "more")
ABOUT = """# Benchmarks

Made by `make bench` (`FADEOUT_BENCH_WRITE=1` writes this page). All figures are of one run on one
database with the product's own settings, on a machine that others use too: trust the ratios more
than the seconds. The house is invented: families, schools, seasons, debts, as `fadeout invent`
makes it. A "contact" is struck with everything that hangs on it, in chunks of about half a second,
each decided again under lock. [Where the time goes, and why an aim is missed](explanation/speed.md).
"""


class Table:
    """Rows of what was measured, what was aimed at, and what it rests on."""

    def __init__(self, contacts: int) -> None:
        self._rows: list[tuple[str, str, str, str]] = []
        self._about = (
            f"{contacts:,} contacts; {platform.machine()}, {os.cpu_count()} cores, "
            f"{_memory_gb():.0f} GB memory, Python {platform.python_version()}, {date.today()}."  # noqa: DTZ011
        )

    def add(self, what: str, measured: str, *, aim: str = "", more: str = "") -> None:
        """One figure."""
        self._rows.append((what, measured, aim, more))
        print(f"{what}: {measured}  {more}", flush=True)

    def memory(self, command: str, megabytes: float) -> None:
        """The most memory that a command held."""
        self.add(f"memory of fadeout {command}", f"{megabytes:.0f} MB", aim="under 300 MB")

    def show(self) -> None:
        """Print it for people."""
        shown = Shown(*HEADINGS, title=self._about)
        for row in self._rows:
            shown.add_row(*row)
        Console().print(shown)

    def write(self, path: Path) -> None:
        """Keep it as a page."""
        lines = [ABOUT, self._about, "", "| " + " | ".join(HEADINGS) + " |", "|---|---|---|---|"]
        lines += ["| " + " | ".join(row) + " |" for row in self._rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
