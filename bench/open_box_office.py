"""Opens the box office in a process of its own, for as long as a block lasts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_SECONDS = 1_800


@dataclass
class Evening:
    """What the tills saw of one evening."""

    waits: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    struck_though_active: int = 0

    def percentile(self, share: float) -> float:
        """Seconds that this share of the doings took at most."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def deadlocks(self) -> int:
        """Deadlocks that reached a client."""
        return self.outcomes["40P01"]

    @property
    def errors(self) -> Counter[str]:
        """Whatever else a client was told than done, or that the contact is gone."""
        return Counter({k: n for k, n in self.outcomes.items() if k not in ("done", "gone")})


@contextmanager
def opened(
    url: str, folder: Path, name: str, *, clients: int = 8, pause: float = 0.1
) -> Iterator[Evening]:
    """The box office sells until the block ends; then the evening is filled in."""
    evening = Evening()
    out = folder / f"{name}.json"
    stop = out.with_suffix(".stop")
    command = [sys.executable, "-m", "bench.box_office", url, str(LONGEST_SECONDS), str(out)]
    process = subprocess.Popen([*command, str(clients), str(pause)])
    try:
        ready = Path(f"{stop}.ready")
        while not ready.exists() and process.poll() is None:
            time.sleep(0.05)
        yield evening
    finally:
        stop.touch()
        code = process.wait()
    if code:
        raise SystemExit("the box office broke down")
    told = json.loads(out.read_text())
    evening.waits = [seen["seconds"] for seen in told["seen"]]
    evening.outcomes = Counter(seen["outcome"] for seen in told["seen"])
    evening.lost = told["lost"]
    evening.struck_though_active = told["struck_though_active"]
