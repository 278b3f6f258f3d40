"""The search for residue: 1,000,000 notes for 200,000 struck contacts, in one pass; seconds and memory.

``python -m bench.residue`` makes a house of its own on an embedded PostgreSQL and measures in a process
that does nothing else. ``FADEOUT_BENCH_CONTACTS`` (1,000,000 by default) scales it: a note for each, a
fifth of them struck.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

NOTES = int(os.environ.get("FADEOUT_BENCH_CONTACTS", "1000000"))
STRUCK = NOTES // 5
CONTACTS = 2 * STRUCK
#: One note in so many tells of somebody who is struck: by e-mail, phone, number or name.
ONE_IN = 20
os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"

import django
import psutil

django.setup()

from django.db import connection

from bench.table import Table
from fadeout.core import clock, database, paths, sql
from fadeout.keys.run_files import RunFiles
from fadeout.residue import operations as residue
from fadeout.residue.operations import Question, Residue
from fadeout.residue.watching import Watch
from fadeout.runs import remains
from fadeout.runs.chunks import Setting

SYLLABLES = [a + b for a in "bdfghklmnrstw" for b in "aeiou"] + [
    "sch",
    "ner",
    "mann",
    "berg",
    "ß",
    "ü",
]
TALK = (
    "Called about the seats in row seven and asks for a refund because the performance was moved; prefers "
    "the aisle für Begleitung, zahlt per Überweisung, möchte zurückgerufen werden, bitte abends nach 18 Uhr "
    "Wheelchair space needed group of 24 pupils teacher comes along 2019 2020 2021 subscription B"
)
WORDS = TALK.split()
STATEMENTS = {
    "contacts": "COPY contacts_contact (id, contact_number, kind, first_name, last_name, email, phone,"
    " mobile, login, created_at) FROM STDIN",
    "notes": "COPY contacts_note (note_number, contact_id, written_at, text) FROM STDIN",
}


def add_to(made: Table) -> None:
    """Measure, and add what came of it to the table."""
    ended = subprocess.run(
        [sys.executable, "-m", "bench.residue"], capture_output=True, text=True, check=True
    )
    found = json.loads(ended.stdout)
    made.add(
        f"residue: {found['notes']:,} notes for {found['contacts']:,} contacts, one pass",
        f"{found['search']:.1f} s",
        more=f"{found['hits']:,} hits; {found['notes'] / found['search']:,.0f} notes/s;"
        f" {found['cores']:.1f} cores busy",
    )
    made.add("residue: the last search, with who else has it", f"{found['settle']:.1f} s")
    made.memory("residue, both searches", found["memory"])


def searched(setting: Setting, stages: dict[str, float]) -> Setting:
    """A run's first search, of a house in which one note in twenty tells of somebody else."""
    sql.execute(
        "UPDATE contacts_note AS n SET text = n.text || ' (' || c.email || ')'"
        " FROM contacts_contact AS c"
        f" WHERE n.id % {ONE_IN} = 0 AND c.id = n.contact_id + 1 AND c.email IS NOT NULL"
    )
    began = time.monotonic()
    known = remains.search(setting.run, setting.tokens, Watch())
    stages["first search for residue"] = time.monotonic() - began
    return replace(setting, residue=known)


def settled(setting: Setting, before_changes: Callable[[], None]) -> int:
    """Its last searches; how much is left."""
    assert setting.residue is not None
    left = remains.settle(setting.run, setting.residue, Watch(), before_changes)
    assert left is not None
    return sum(left.values())


def main() -> None:
    """Make the house, then measure in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="fadeout-bench-") as folder:
        os.environ |= {"FADEOUT_HOME": f"{folder}/home", "FADEOUT_KEYS": f"{folder}/keys"}
        with database.opened() as url:
            subprocess.run(
                [sys.executable, "-m", "fadeout", "init", "--name", "Bench", "--time-zone", "Europe/Berlin",
                 "--currency", "EUR"],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            people = list(_people(random.Random(7)))  # noqa: S311
            _copy("contacts", people)
            _copy("notes", _notes(random.Random(8), people))  # noqa: S311
            sql.execute("VACUUM ANALYZE contacts_contact, contacts_note")
            del people
            environment = os.environ | {"FADEOUT_DATABASE_URL": url}
            subprocess.run(
                [sys.executable, "-m", "bench.residue", "measure"], check=True, env=environment
            )


def measure() -> None:
    """Both searches of a run, as a run makes them; prints what they took as JSON."""
    with database.opened():
        struck = f"SELECT id FROM contacts_contact WHERE id <= {STRUCK}"
        files = RunFiles(paths.keys(), "bench", str(clock.now()))
        began, busy = time.monotonic(), _busy()
        known = residue.begin(1, files, Question(struck, {}), Watch())
        searched, busy = time.monotonic(), _busy() - busy
        assert isinstance(known, Residue)
        contacts, hits = len(known.known.contacts.ids), len(known.known.hits.rows)
        # As if all were struck: whoever is left has nothing of theirs.
        sql.execute(f"UPDATE contacts_contact SET email = NULL, phone = NULL WHERE id <= {STRUCK}")
        settling = time.monotonic()
        look = residue._look(1, residue._of_all(known), (), Watch())
        settled = time.monotonic()
        assert look
        files.destroy()
    print(
        json.dumps(
            {
                "notes": NOTES, "contacts": contacts, "hits": hits, "memory": _most_memory(),
                "search": searched - began, "settle": settled - settling,
                "cores": busy / (searched - began),
            }
        )
    )  # fmt: skip


def _busy() -> float:
    """Seconds that the cores of this machine were at work so far, whoever for."""
    times = psutil.cpu_times()
    return float(times.user + times.system)


def _people(dice: random.Random) -> Iterator[tuple[object, ...]]:
    first = [_word(dice, 2, 3) for _ in range(3_000)]
    last = [_word(dice, 2, 4) for _ in range(40_000)]
    domains = [f"{_word(dice, 2, 3)}.example" for _ in range(300)]
    numbers = dice.sample(range(10_000_000, 99_999_999), CONTACTS)
    for n, number in enumerate(numbers, start=1):
        given, family = dice.choice(first), dice.choice(last)
        yield (
            n, str(number), "individual", given.title(), family.title(),
            f"{given}.{family}{dice.randint(1, 99)}@{dice.choice(domains)}",
            f"+49 {dice.randint(200, 999)} {dice.randint(100000, 9999999)}",
            f"01{dice.randint(50, 79)} {dice.randint(1000000, 9999999)}",
            f"{given[:3]}{family}{dice.randint(1, 999)}" if n % 5 < 2 else None,
            "2015-01-01",
        )  # fmt: skip


def _notes(dice: random.Random, people: list[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    for n in range(1, NOTES + 1):
        words = dice.choices(WORDS, k=14)
        if n % ONE_IN == 0:
            about = people[dice.randrange(STRUCK)]
            told = (about[5], about[6], about[1], f"{about[3]} {about[4]}")[n // ONE_IN % 4]
            words.insert(dice.randrange(14), f"({told})")
        yield f"N{n}", STRUCK + 1 + n % STRUCK, "2025-01-01", " ".join(words)


def _word(dice: random.Random, least: int, most: int) -> str:
    return "".join(dice.choices(SYLLABLES, k=dice.randint(least, most)))


def _copy(what: str, rows: Iterator[tuple[object, ...]] | list[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(STATEMENTS[what]) as copy:
        for row in rows:
            copy.write_row(row)


def _most_memory() -> float:
    """In MB, of this process since it began; a fork's own is not counted."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        measure()
    else:
        main()
