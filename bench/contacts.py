"""``make bench-contacts``: how long the lists of contacts, and a contact sheet, take the server.

Each list is asked for several times over; the slowest counts, also the first. ``FADEOUT_BENCH_CONTACTS``
changes the size (1,000,000 by default), ``FADEOUT_BENCH_WRITE=1`` keeps the table as
``docs/benchmarks-contacts.md``. ``FADEOUT_BENCH_HOME`` names a folder whose house is there already.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench import __main__ as bench
from fadeout.contacts.models import ContactKind
from fadeout.contacts.search import Filters, Page, Place, search
from fadeout.core import clock, database, sql
from fadeout.recency.sheets import sheet

REPORT = Path("docs/benchmarks-contacts.md")
TIMES = 5
AIM_MS = 200
Found = TypeVar("Found")
STRUCTURES = Filters(kind=ContactKind.STRUCTURE)
ANY = Filters()
PROSPECTS = Filters(is_prospect=True)
ABOUT = """# Benchmarks of contacts

Made by `make bench-contacts` (`FADEOUT_BENCH_WRITE=1` writes this page). A page of a list is 50 contacts;
each was asked for {times} times, and the slowest time counts. No list shall take the server more than
{aim} ms. "Part" means that the page told that it looked at a part only, and where it goes on: that is how
a list stays fast that asks for something neither common nor rare.

{contacts:,} contacts of an invented house; {cores} cores, shared with others.

| what | asked | slowest, ms | median, ms | lines |
|---|---|---:|---:|---:|
"""


@dataclass(frozen=True)
class List:
    """A list that somebody could ask for."""

    what: str
    typed: str = ""
    filters: Filters = ANY
    at_end: bool = False


def lists(common: str, number: str, email: str, phone: str) -> Iterator[List]:
    """Those that can be hard: many found, few found, few of many, none."""
    yield List("all")
    yield List("all, the last page", at_end=True)
    yield List("the commonest last name", common)
    yield List("the commonest last name, the last page", common, at_end=True)
    yield from (List("one letter", letter) for letter in "mzx")
    yield List("one letter, the last page", "m", at_end=True)
    yield from (List("two letters, two words", words) for words in ("a m", "m s"))
    yield List("two words", f"anna {common}")
    yield List("a name and a letter", f"{common} m")
    yield from (List("a number, or its beginning", start) for start in (number, number[:4], "1"))
    yield from (List("an e-mail, or its beginning", start) for start in (email, f"{email[:4]}@"))
    yield List("a phone", phone)
    yield from (
        List("nothing found", text) for text in ("qqqqq", "qq@qq", "+99 999 999 99 99", "999999999")
    )
    yield List("country, common", filters=Filters(country="CH"))
    yield List("country, rare", filters=Filters(country="LI"))
    yield List("country and language", filters=Filters(country="CH", language="it-CH"))
    yield List("structures", filters=STRUCTURES)
    yield List("structures, the last page", filters=STRUCTURES, at_end=True)
    yield List(
        "structures that are prospects",
        filters=Filters(kind=ContactKind.STRUCTURE, is_prospect=True),
    )
    yield List("structures of a language that none has",
               filters=Filters(kind=ContactKind.STRUCTURE, country="FR", language="it"))  # fmt: skip
    yield List("prospects", filters=PROSPECTS)
    yield List("no prospects", filters=Filters(is_prospect=False))
    yield List("held", filters=Filters(is_held=True))
    yield List("held prospects, the last page",
               filters=Filters(is_held=True, is_prospect=True), at_end=True)  # fmt: skip
    yield List("one letter, structures", "m", STRUCTURES)
    yield List("one letter, held", "m", Filters(is_held=True))
    yield List("one letter, a country, prospects", "a", Filters(country="IT", is_prospect=True))
    yield List("the commonest last name, held", common, Filters(is_held=True))
    yield List("the beginning of a number, structures that are prospects", "1",
               Filters(kind=ContactKind.STRUCTURE, is_prospect=True))  # fmt: skip


def main() -> None:
    """Make a house, or take the one there is; measure; print, and keep if asked for."""
    with house() as contacts:
        slowest, lines = 0.0, []
        for one in lists(*examples()):
            found, worst, median = measured(partial(_page, one))
            slowest = max(slowest, worst)
            told = f"{len(found.rows)}{' (part)' if found.is_cut_short else ''}"
            lines.append(f"| {one.what} | {_asked(one)} | {worst:.0f} | {median:.0f} | {told} |")
            print(lines[-1], flush=True)
        lines += [*_sheets(), "", f"The slowest list: {slowest:.0f} ms."]
        print("\n".join(lines[-4:]))
        if os.environ.get("FADEOUT_BENCH_WRITE"):
            about = ABOUT.format(times=TIMES, aim=AIM_MS, contacts=contacts, cores=os.cpu_count())
            REPORT.write_text(about + "\n".join(lines) + "\n", encoding="utf-8")
    sys.exit(slowest > AIM_MS)


@contextmanager
def house() -> Iterator[int]:
    """An invented house, or the one there is; how many contacts it has."""
    ready = os.environ.get("FADEOUT_BENCH_HOME")
    with tempfile.TemporaryDirectory(prefix="fadeout-bench-") as folder:
        os.environ["FADEOUT_HOME"] = f"{ready or folder}/home"
        os.environ["FADEOUT_KEYS"] = f"{ready or folder}/keys"
        with database.opened():
            if not ready:
                bench.imported(Path(folder) / "house")
            [(contacts,)] = sql.rows("SELECT count(*) FROM contacts_contact")
            yield contacts


def examples() -> tuple[str, str, str, str]:
    """The commonest last name; a number, an e-mail and a phone that are there."""
    [(common,)] = sql.rows(
        "SELECT last_name FROM contacts_contact WHERE last_name IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    [examples] = sql.rows(
        "SELECT contact_number, email, phone FROM contacts_contact"
        " WHERE email IS NOT NULL AND phone IS NOT NULL ORDER BY id LIMIT 1"
    )
    return (common, *examples)


def _asked(one: List) -> str:
    filters = [f"{name}: {value}" for name, value in vars(one.filters).items() if value is not None]
    text = "" if one.what in ("a phone",) else one.typed  # invented, and none of a table's business
    return ", ".join(filter(None, (text if "@" not in text else "…@…", *filters))).replace("|", " ")


def _sheets() -> list[str]:
    """Of whoever has most orders, and of somebody."""
    [(busiest,)] = sql.rows(
        "SELECT c.public_id FROM contacts_contact AS c JOIN (SELECT purchase_contact_id AS id, count(*)"
        " FROM sales_order WHERE purchase_contact_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 1) AS o"
        " ON o.id = c.id"
    )
    [(somebody,)] = sql.rows("SELECT public_id FROM contacts_contact ORDER BY id LIMIT 1")
    lines = []
    for what, who in (
        ("sheet of whoever has most orders", busiest),
        ("sheet of somebody", somebody),
    ):
        _, worst, median = measured(
            partial(sheet, who, today=clock.now().date(), months=36, time_zone="Europe/Berlin")
        )
        lines.append(f"| {what} | | {worst:.0f} | {median:.0f} | |")
    return lines


def _page(one: List) -> Page:
    place = Place(at_end=one.at_end)
    return search(one.typed, one.filters, today=clock.now().date(), place=place)


def measured(call: Callable[[], Found]) -> tuple[Found, float, float]:
    """What it answers; the slowest time and the median, in milliseconds."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = call()
        times.append((time.perf_counter() - began) * 1000)
    return found, max(times), sorted(times)[TIMES // 2]


if __name__ == "__main__":
    main()
