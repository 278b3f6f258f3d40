"""``make bench-targets``: how long it takes to count whom each condition of a target finds.

Each condition alone, some together, and before each a plain count of the contacts on file: on a machine that
is shared the ratio says more than the seconds. Then what it costs to keep recency: all decided anew where
nothing differs, where all rows are new, and how much of a simulation that is.

``FADEOUT_BENCH_CONTACTS`` changes the size (1,000,000 by default), ``FADEOUT_BENCH_WRITE=1`` keeps the table
as ``docs/benchmarks-targets.md``. ``FADEOUT_BENCH_HOME`` names a folder whose house is there already.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from bench.contacts import house
from fadeout.contacts.records import ON_FILE
from fadeout.core import clock, sql
from fadeout.institution import operations as institution_operations
from fadeout.institution import queries as institution
from fadeout.institution.models import Institution
from fadeout.plans import operations as plans
from fadeout.recency import operations as recency
from fadeout.recency.models import Indicator
from fadeout.targets import operations, queries

REPORT = Path("docs/benchmarks-targets.md")
TIMES = 5
AIM = 1.0
ABOUT = """# Benchmarks of targets

Made by `make bench-targets` (`FADEOUT_BENCH_WRITE=1` writes this page). Whom each condition finds was
counted {times} times: the first (the database may have to read from the disk), the median of the others, and
its ratio to a plain count of the contacts on file just before. The aim is {aim:.0f} s at a million contacts.

{contacts:,} contacts of an invented house; {cores} cores, wanted by {waiting:.0f} processes on average.

| condition | contacts | first, s | median, s | × plain count |
|---|---:|---:|---:|---:|
"""
KEPT = """
| keeping recency | s | of a simulation |
|---|---:|---:|
"""

Tree = dict[str, Any]


def trees() -> Iterator[tuple[str, Tree]]:
    """Each condition, and some together."""
    label, says = _commonest("criterion, value", "contacts_criterion")
    [postcode] = _commonest("postcode", "contacts_contact")
    start = postcode[:-2]
    organisation, product = queries.organisations()[0][0], queries.products(1)[0][0]
    yes = {
        "on": "authorisation",
        "test": "is",
        "purpose": "institution",
        "channel": "email",
        "value": "yes",
    }
    alone: dict[str, Tree] = {
        "recency before a day": {"on": "recency", "test": "before", "value": "2023-11-28"},
        "recency on a day or later": {"on": "recency", "test": "from", "value": "2025-11-28"},
        "due within 3 months": {"on": "recency", "test": "due_within", "value": "3"},
        "never active": {"on": "recency", "test": "never"},
        "criterion is a value": {"on": "criterion", "test": "is", "name": label, "value": says},
        "criterion on file": {"on": "criterion", "test": "set", "name": label},
        "criterion not on file": {"on": "criterion", "test": "not_set", "name": label},
        "authorisation: yes": yes,
        "authorisation: no": yes | {"value": "no"},
        "authorisation: not answered": yes | {"value": "unanswered"},
        "kind": {"on": "kind", "test": "is", "value": "structure"},
        "language with its regions": {"on": "language", "test": "is", "value": "fr"},
        "country": {"on": "country", "test": "is", "value": "CH"},
        "postcode begins with": {"on": "postcode", "test": "begins", "value": start},
        "postcode from … to": {
            "on": "postcode", "test": "between", "value": f"{start}00", "until": f"{start}99",
        },
        "bought from an organisation": {"on": "organisation", "test": "is", "value": organisation},
        "bought a product": {"on": "product", "test": "is", "value": product},
        "bought something dated": {"on": "product", "test": "dated"},
        "bought something undated": {"on": "product", "test": "undated"},
        "created before a day": {"on": "created", "test": "before", "value": "2020-01-01"},
        "has an e-mail address": {"on": "email", "test": "set"},
    }  # fmt: skip
    yield from ((name, {"all": [one]}) for name, one in alone.items())
    due, country = alone["due within 3 months"], alone["country"]
    yield "due and authorised", {"all": [due, yes]}
    yield (
        "due, authorised, of a country or language",
        {"all": [due, yes, {"any": [country, alone["language with its regions"]]}]},
    )
    yield (
        "due, or authorised and in a country, but no structure",
        {"all": [{"any": [due, {"all": [yes, country]}]}, {"none": [alone["kind"]]}]},
    )
    yield "none of: authorised, criterion on file", {"none": [yes, alone["criterion on file"]]}


def _commonest(columns: str, table: str) -> tuple[str, ...]:
    """What most rows hold, where they hold anything."""
    [found] = sql.rows(
        f"SELECT {columns} FROM {table} WHERE ({columns}) IS NOT NULL"
        f" GROUP BY {columns} ORDER BY count(*) DESC LIMIT 1"
    )
    return tuple(map(str, found))


def main() -> None:
    """Make a house, or take the one there is; measure; print, and keep if asked for."""
    with house() as contacts:
        lines, slowest = [], 0.0
        for name, tree in trees():
            line, median = _measured(name, tree)
            lines.append(line)
            slowest = max(slowest, median)
            print(line, flush=True)
        kept = list(_keeping())
        print("\n".join(kept))
        if os.environ.get("FADEOUT_BENCH_WRITE"):
            about = ABOUT.format(
                times=TIMES, aim=AIM, contacts=contacts, cores=os.cpu_count(),
                waiting=os.getloadavg()[1],
            )  # fmt: skip
            text = about + "\n".join(lines) + "\n" + KEPT + "\n".join(kept) + "\n"
            REPORT.write_text(text, encoding="utf-8")
    sys.exit(slowest > AIM)


def _measured(name: str, tree: Tree) -> tuple[str, float]:
    now, zone = clock.now(), institution.current().time_zone
    asked = operations.check(tree)
    plain = _median([_timed(_plain)[0] for _ in range(3)])
    times = [_timed(lambda: queries.count(queries.asked(asked, now, zone))) for _ in range(TIMES)]
    median = _median([seconds for seconds, _ in times[1:]])
    found = times[0][1]
    return (
        f"| {name} | {found:,} | {times[0][0]:.2f} | {median:.2f} | {median / plain:.1f} |",
        median,
    )


def _plain() -> int:
    return queries.count(ON_FILE.all())


def _keeping() -> Iterator[str]:
    """Nothing is kept of what is measured here, but for recency as it is."""
    house, now = institution.current(), clock.now()
    keep = lambda: recency.refresh_all(now=now, time_zone=house.time_zone)  # noqa: E731
    keep()
    again = _median([_timed(keep)[0] for _ in range(3)])
    simulation, share = _simulated(house)
    yield f"| a whole simulation | {simulation:.1f} | |"
    yield f"| · of it: keeping recency, where nothing differs | {share:.1f} | {share / simulation:.0%} |"
    yield f"| decided for its own sake, where nothing differs | {again:.1f} | |"
    Indicator.objects.all().delete()
    first = _timed(keep)[0]
    yield f"| decided for its own sake, where no row is there | {first:.1f} | |"
    sql.execute("VACUUM ANALYZE recency_indicator")


def _simulated(house: Institution) -> tuple[float, float]:
    """Seconds of a simulation, which is rolled back, and of keeping recency within it."""
    by = institution_operations.operator(name="Bench", now=clock.now())
    spent: list[float] = []
    keep_all = recency.keep_all

    def timed(*given: Any, **more: Any) -> int:
        seconds, count = _timed(lambda: keep_all(*given, **more))
        spent.append(seconds)
        return count

    recency.keep_all = timed
    try:
        with transaction.atomic():
            seconds, _ = _timed(
                lambda: plans.simulate(
                    house=house, policy=institution.policy_in_force(), by=by,
                    as_of=clock.local_day(clock.now(), house.time_zone), months=36, now=clock.now(),
                )
            )  # fmt: skip
            transaction.set_rollback(True)
    finally:
        recency.keep_all = keep_all
    return seconds, sum(spent)


def _timed(what: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = what()
    return time.perf_counter() - begun, result


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
