"""``make bench-sizes``: whether the cost of a contact stays the same as the house grows.

Each size is a database of its own: invented, imported, decided once, struck whole, nobody else there.
``FADEOUT_BENCH_SIZES`` names the sizes, ``FADEOUT_BENCH_WRITE=1`` keeps the table as
``docs/benchmarks-sizes.md``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = os.environ.get("FADEOUT_BENCH_SIZES", "250000,1000000,4000000")
PAGE = Path("docs/benchmarks-sizes.md")
ABOUT = """# Benchmarks by size

Made by `make bench-sizes` (`FADEOUT_BENCH_WRITE=1` writes this page): the same house, larger and
larger, each in a database of its own, nobody else there. If the cost is linear, the rates stay the
same from line to line.
[Where the time goes](explanation/speed.md).
"""
HEADINGS = (
    "contacts", "rows", "import, rows/s", "recency and outcome, µs a contact",
    "simulate, µs a contact", "anonymised/s", "deleted/s", "WAL of one anonymised", "memory of the run",
)  # fmt: skip


def main() -> None:
    """Measure every size, smallest first; show each as it comes."""
    lines = []
    print(" | ".join(HEADINGS), flush=True)
    for size in map(int, SIZES.split(",")):
        told = subprocess.run(
            [sys.executable, "-m", "bench.sizes", str(size)], stdout=subprocess.PIPE, check=True
        )
        lines.append(_line(json.loads(told.stdout)))
        print(" | ".join(lines[-1]), flush=True)
    if os.environ.get("FADEOUT_BENCH_WRITE"):
        rows = [HEADINGS, ("---:",) * len(HEADINGS), *lines]
        table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        PAGE.write_text(f"{ABOUT}\n{table}\n", encoding="utf-8")


def _line(told: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{told['contacts']:,}", f"{told['rows']:,}", f"{told['rows'] / told['import']:,.0f}",
        f"{told['decide'] / told['contacts'] * 1e6:.1f}",
        f"{told['simulate'] / told['contacts'] * 1e6:.1f}",
        f"{told['anonymise']:,.0f}", f"{told['delete']:,.0f}", f"{told['wal']:.1f} kB",
        f"{told['memory']:.0f} MB",
    )  # fmt: skip


def one(size: int) -> dict[str, Any]:
    """One size, from nothing to struck."""
    os.environ["FADEOUT_BENCH_CONTACTS"] = str(size)
    from bench import __main__ as bench  # noqa: PLC0415 - reads its size when it is loaded
    from fadeout.core import database  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="fadeout-bench-") as folder:
        os.environ["FADEOUT_HOME"] = f"{folder}/home"
        os.environ["FADEOUT_KEYS"] = f"{folder}/keys"
        with database.opened():
            told: dict[str, Any] = {"contacts": size}
            told["rows"], told["import"] = bench.imported(Path(folder) / "house")
            _, told["decide"] = bench.floor_and_decision()
            began = time.monotonic()
            bench.command("simulate", "--json")
            told["simulate"] = time.monotonic() - began
            setting = bench.begun()
            for outcome in ("anonymise", "delete"):
                bench.only(setting.run.plan, outcome)
                wal = bench.wal()
                struck, seconds = bench.all_in_chunks(setting)
                told[outcome] = struck / seconds
                if outcome == "anonymise":
                    told["wal"] = (bench.wal() - wal) / struck / 1000
            told["memory"] = bench.own_memory()
    return told


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(one(int(sys.argv[1]))))
    else:
        main()
