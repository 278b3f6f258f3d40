"""``make bench-clicks``: how many clicks a second are on disk before anybody is sent on.

A real ``fadeout serve`` on an embedded PostgreSQL with the product's own settings; and the same web server
with the same settings that only sends on (:mod:`bench.bare_redirect`). Whoever opens the links runs on the
same machine, too, and takes its share of the cores.

``FADEOUT_BENCH_CLICKS`` changes how many (30,000 by default), ``FADEOUT_BENCH_WRITE=1`` keeps the table as
``docs/benchmarks-clicks.md``.
"""

from __future__ import annotations

import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
os.environ.pop("FADEOUT_DATABASE_URL", None)

import django
import psutil

django.setup()

from bench.load import Load, load
from fadeout.core import clock, database, paths, sql, tables
from fadeout.institution import operations as institution
from fadeout.links import operations
from fadeout.links.models import TrackedLink
from fadeout.links.tokens import LinkKeys

CLICKS = int(os.environ.get("FADEOUT_BENCH_CLICKS", "30000"))
CONTACTS, LINKS = 5_000, 4
CONNECTIONS, PROCESSES = 24, 2
MOST_SECONDS = 60.0
TURNS = 3
AIM, AIM_MS = 1_500, 100
REPORT = Path("docs/benchmarks-clicks.md")
ABOUT = f"""# Benchmarks of clicks

Made by `make bench-clicks` (`FADEOUT_BENCH_WRITE=1` writes this page). `fadeout serve` with two processes and
the embedded PostgreSQL with the product's own settings, beside the same web server with the same settings
that only sends on and writes nothing down. Every click is committed before its answer leaves. Whoever opens
the links ({CONNECTIONS} at once, each as soon as the last answer came) runs on the same cores. The two are
measured in turns, {TURNS} times; the medians are shown: trust the ratio more than the figures. "Processor" is
what a click costs server and database, keeping recency included, which others who share the machine do not
change much: divide the two million microseconds of two cores by it. The aim: {AIM:,} clicks a second, 99 of
100 within {AIM_MS} ms.
"""
HEADS = (
    "what",
    "clicks/s",
    "of a bare redirect",
    "p50, ms",
    "p99, ms",
    "slowest, ms",
    "processor, µs",
)


def main() -> None:
    """Make a house, measure in turns, print, keep if asked for."""
    with tempfile.TemporaryDirectory(prefix="fadeout-bench-") as folder:
        os.environ["FADEOUT_HOME"] = f"{folder}/home"
        os.environ["FADEOUT_KEYS"] = f"{folder}/keys"
        with database.opened() as url:
            tokens, code = _house()
            kinds = {
                "a link of a contact's own": [f"/r/{token}" for token in tokens],
                "the link that everybody has": [f"/r/{code}"],
            }
            lines = [f"| {' | '.join(HEADS)} |", f"|---|{'---:|' * (len(HEADS) - 1)}"]
            reached = []
            for what, opened in kinds.items():
                bare, ours = _in_turns(url, opened)
                if not lines[2:]:
                    lines.append(_line("a bare redirect", bare, bare))
                lines.append(_line(what, ours, bare))
                reached.append(ours.load.a_second >= AIM and ours.load.percentile(0.99) <= AIM_MS)
    lines += ["", f"{CLICKS:,} clicks each time; {platform.machine()}, {os.cpu_count()} cores, "
              f"Python {platform.python_version()}, wanted by {os.getloadavg()[1]:.0f} processes "
              f"on average, {clock.now():%Y-%m-%d}."]  # fmt: skip
    print("\n".join(lines))
    if os.environ.get("FADEOUT_BENCH_WRITE"):
        REPORT.write_text("\n".join([ABOUT, *lines]) + "\n", encoding="utf-8")
    sys.exit(not all(reached))


def _house() -> tuple[list[str], str]:
    """A house of contacts who were all sent several links; their tokens, and the code of one link."""
    tables.migrate(verbosity=0)
    now = clock.now()
    institution.found(name="Bench", time_zone="Europe/Zurich", currency="CHF", now=now)
    sql.execute(
        "INSERT INTO contacts_contact (contact_number, kind, created_at)"
        " SELECT 'B' || n, 'individual', %(now)s FROM generate_series(1, %(most)s) AS n",
        {"now": now, "most": CONTACTS},
    )
    contacts = [row[0] for row in sql.rows("SELECT id FROM contacts_contact")]
    by, keys = institution.operator(name="Bench", now=now), LinkKeys(paths.keys())
    tokens: list[str] = []
    made: list[TrackedLink] = []
    for n in range(LINKS):
        destination = f"https://www.example.org/{n}"
        made.append(operations.add(name=f"Link {n}", destination=destination, by=by, now=now))
        for first in range(0, CONTACTS, 1_000):
            issued = operations.issue(
                made[-1], contacts=contacts[first : first + 1_000], issued_for=uuid.uuid4(),
                expires_at=now + timedelta(days=90), keys=keys, now=now,
            )  # fmt: skip
            tokens += issued.values()
    return tokens, made[0].code


@dataclass(frozen=True)
class Measured:
    """What a load was like, and the processor time that it cost, in seconds."""

    load: Load
    processor: float

    @property
    def microseconds(self) -> float:
        return 1e6 * self.processor / len(self.load.milliseconds)


def _in_turns(url: str, opened: list[str]) -> tuple[Measured, Measured]:
    """The median of a bare redirect, and of clicks."""
    bare, ours = [], []
    with _bare() as (bare_port, bare_server), _served(url) as (our_port, our_server):
        for _ in range(TURNS):
            asked = random.choices(opened, k=CLICKS)  # noqa: S311 - no secret
            bare.append(_measured(bare_port, asked, bare_server))
            before = _written()
            ours.append(_measured(our_port, asked, our_server, _database()))
            answered = len(ours[-1].load.milliseconds)
            assert not ours[-1].load.refused
            assert _written() - before == answered, "a click was answered and is not on file"
    return _median(bare), _median(ours)


def _measured(port: int, asked: list[str], *servers: int) -> Measured:
    before = sum(map(_busy, servers))
    found = load(port, asked, connections=CONNECTIONS, seconds=MOST_SECONDS)
    time.sleep(2)  # what is done after the last answer
    return Measured(found, sum(map(_busy, servers)) - before)


def _busy(server: int) -> float:
    """The processor time of a process and all that it started, in seconds."""
    first = psutil.Process(server)
    spent = [process.cpu_times() for process in (first, *first.children(recursive=True))]
    return sum(times.user + times.system for times in spent)


def _database() -> int:
    return int((paths.home() / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _written() -> int:
    statement = "SELECT coalesce(sum(human + automated), 0)::bigint FROM"
    return sum(sql.rows(f"{statement} {table}")[0][0] for table in ("links_tally", "links_daily"))


def _median(measured: list[Measured]) -> Measured:
    return sorted(measured, key=lambda one: one.load.a_second)[len(measured) // 2]


def _line(what: str, one: Measured, bare: Measured) -> str:
    took, share = one.load, one.load.a_second / bare.load.a_second
    return (
        f"| {what} | {took.a_second:,.0f} | {share:.0%} | {took.percentile(0.5):.1f} | "
        f"{took.percentile(0.99):.1f} | {took.milliseconds[-1]:.0f} | {one.microseconds:.0f} |"
    )


@contextmanager
def _served(url: str) -> Iterator[tuple[int, int]]:
    port = _free_port()
    command = ["-m", "fadeout", "serve", "--port", str(port), "--processes", str(PROCESSES)]
    with _running(command, port, {"FADEOUT_DATABASE_URL": url}) as server:
        yield port, server


@contextmanager
def _bare() -> Iterator[tuple[int, int]]:
    port = _free_port()
    with _running(["-m", "bench.bare_redirect", str(port), str(PROCESSES)], port, {}) as server:
        yield port, server


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    server = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    try:
        _until_it_listens(port, server)
        yield server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


def _until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "the server did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(2)  # its other processes
            return
    raise AssertionError("the server does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
