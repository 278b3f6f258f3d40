"""``make bench-plans``: how long pages of the list of a plan take the server, and comparing two plans.

Each list is asked for several times over; the slowest counts, also the first. ``FADEOUT_BENCH_CONTACTS``
changes the size (1,000,000 by default), ``FADEOUT_BENCH_WRITE=1`` keeps the table as
``docs/benchmarks-plans.md``. ``FADEOUT_BENCH_HOME`` names a folder whose house is there already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.contacts import AIM_MS, TIMES, examples, house, measured
from fadeout.contacts.search import Page, Place
from fadeout.core import clock
from fadeout.institution import operations as institution
from fadeout.institution import queries
from fadeout.plans import comparison, listing, operations
from fadeout.plans import queries as plans
from fadeout.plans.comparison import Change
from fadeout.plans.listing import STRUCK, Asked, Look, Sort
from fadeout.plans.models import Plan, RowState
from fadeout.policy.outcomes import Outcome

DUE = Asked(outcomes=STRUCK)
FROM_THE_BEGINNING = Look()
REPORT = Path("docs/benchmarks-plans.md")
ABOUT = """# Benchmarks of plans

Made by `make bench-plans` (`FADEOUT_BENCH_WRITE=1` writes this page). A page of a list is 50 contacts; each
was asked for {times} times. No list shall take the server more than {aim} ms. "Processor" is what a page cost
web server and database together, and what counts here: other work on the same cores made the times by the
clock several times longer. "Part": the page told that it looked at a part only, and where it goes on.

Two plans of {contacts:,} contacts of an invented house, the later one a month after the first; {cores} cores,
shared with others.

| what | asked | processor, ms | median by the clock, ms | lines |
|---|---|---:|---:|---:|
"""


@dataclass(frozen=True)
class List:
    """A list that somebody could ask for."""

    what: str
    asked: Asked = DUE
    look: Look = FROM_THE_BEGINNING

    def told(self) -> str:
        """What is asked, for the table."""
        parts = [self.look.sort.value, *(["the last page"] if self.look.place.at_end else [])]
        text = self.look.typed
        return ", ".join(["…@…"] if "@" in text else [text] if text else parts)


def lists(common: str, number: str, email: str, middle: Place) -> Iterator[List]:
    """Those that can be hard: of many or of few, at the beginning and in the middle, in every order."""
    some = {
        "would be struck": Asked(outcomes=STRUCK),
        "all": Asked(),
        "kept": Asked(outcomes=(Outcome.KEEP,)),
        "kept for a reason that many have": Asked(reason="active"),
        "kept for a reason that few have": Asked(reason="restriction"),
        "kept, neither many nor few": Asked(reason="debtor"),
        "kept after all": Asked(state=RowState.REQUALIFIED),
        "none": Asked(outcomes=(Outcome.DELETE,), reason="hold"),
    }
    for what, asked in some.items():
        yield from (List(what, asked, Look(sort=sort)) for sort in Sort)
    for sort in Sort:
        yield List("would be struck, from the middle on", look=Look(sort=sort, place=middle))
    for typed in (common, "m", number, number[:3], email, "qqqqq"):
        yield List("would be struck, searched", look=Look(typed))
        yield List("few, searched", Asked(reason="restriction"), Look(typed))


def main() -> None:
    """Make a house and two plans, or take those there are; measure; print, and keep if asked for."""
    with house() as contacts:
        earlier, plan = _two_plans()
        today = clock.now().date()
        common, number, email, _ = examples()
        rows = listing.page(plan, Asked(outcomes=STRUCK), Look(limit=4_000), today=today).rows
        middle = Place(after=rows[-1].contact.public_id)
        lines, costs = [], []

        def told(what: str, asked: str, call: Callable[[], Any], *, is_list: bool = True) -> None:
            found, times = measured(call)
            costs.extend([times.processor] if is_list else [])
            lines.append(
                f"| {what} | {asked} | {times.processor:.0f} | {times.median:.0f} | {_lines_of(found)} |"
            )
            print(lines[-1], flush=True)

        for one in lists(common, number, email, middle):
            call = partial(listing.page, plan, one.asked, one.look, today=today)
            told(one.what, one.told(), call)
        for change in Change:
            call = partial(comparison.page, plan, earlier, change, today=today)
            told("compared with the plan before", change.value, call)
        told("the list of plans", "", partial(plans.listed, limit=25))
        counted = partial(comparison.counts, plan, earlier)
        told("counts of the comparison, a part of its own", "", counted, is_list=False)
        if os.environ.get("FADEOUT_BENCH_WRITE"):
            about = ABOUT.format(times=TIMES, aim=AIM_MS, contacts=contacts, cores=os.cpu_count())
            end = f"\n\nThe dearest list: {max(costs):.0f} ms.\n"
            REPORT.write_text(about + "\n".join(lines) + end, encoding="utf-8")
    sys.exit(max(costs) > AIM_MS)


def _lines_of(found: Any) -> str:
    if not isinstance(found, Page):
        return ""
    return f"{len(found.rows)}{' (part)' if found.is_cut_short else ''}"


def _two_plans() -> tuple[Plan, Plan]:
    made = list(Plan.objects.order_by("pk"))
    today = clock.now().date()
    for as_of in (today - timedelta(days=30), today)[len(made) :]:
        made.append(_simulated(as_of))
    return made[-2], made[-1]


def _simulated(as_of: date) -> Plan:
    now = clock.now()
    return operations.simulate(
        house=queries.current(), policy=queries.policy_in_force(),
        by=institution.operator(name="Bench", now=now), as_of=as_of, months=36, now=now,
    )  # fmt: skip


if __name__ == "__main__":
    main()
