"""``make bench``: import, decide and strike a large invented house; print a table.

Runs on an embedded PostgreSQL of its own, in a temporary folder, with the product's own settings.
``FADEOUT_BENCH_CONTACTS`` changes the size (1,000,000 by default), ``FADEOUT_BENCH_WRITE=1`` keeps
the table as ``docs/benchmarks.md``.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

CONTACTS = int(os.environ.get("FADEOUT_BENCH_CONTACTS", "1000000"))
SINGLY = min(500, CONTACTS // 40)
QUIET_SECONDS = 20.0
TURNS = 8
os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
os.environ.pop("FADEOUT_DATABASE_URL", None)

import django

django.setup()

from django.db import transaction

from bench import one_by_one, residue
from bench import open_box_office as box_office
from bench.open_box_office import Evening
from bench.sampling import STRIKING, Profile
from bench.table import Table
from fadeout.core import clock, database, paths, sql
from fadeout.core.catalogue.declaration import tables
from fadeout.erasure import finding
from fadeout.institution import operations as institution
from fadeout.institution import queries as institution_queries
from fadeout.plans.models import Plan
from fadeout.recency.queries import Question, statement
from fadeout.runs import audits, chunks, housekeeping, lanes, tickets
from fadeout.runs.models import Run, RunState
from fadeout.vault import sealing
from fadeout.vault.keyring import Keyring, new_identity
from fadeout.vault.sealing import Sealer

#: The tables that recency and outcome are made from, each with a column far to the right.
COUNTED = {
    "contacts_contact": "created_at", "sales_order": "currency",
    "sales_order_line": "beneficiary_country", "sales_product": "dated",
    "sales_payment": "amount", "sales_account_entry": "amount",
    "sales_waiting_list_entry": "added_at", "links_click": "automated",
    "contacts_criterion": "origin", "contacts_authorisation": "origin", "contacts_hold": "until",
    "contacts_role": "role",
}  # fmt: skip
DECIDE_ALL = (
    "SELECT count(*), sum(length(outcome)), max(recency_on), min(activity), sum(length(reasons))"
    " FROM decision"
)


def main() -> None:
    """Everything in one run, on one database."""
    made = Table(CONTACTS)
    with tempfile.TemporaryDirectory(prefix="fadeout-bench-") as folder:
        os.environ["FADEOUT_HOME"] = f"{folder}/home"
        os.environ["FADEOUT_KEYS"] = f"{folder}/keys"
        with database.opened() as url:  # keeps the server up between the commands
            rows = _import(made, url, Path(folder) / "house")
            made.add("rows in all", f"{rows:,}")
            _decide(made)
            _simulate(made, Path(folder) / "list.csv")
            _strike(made, url, Path(folder))
            _export(made, Path(folder) / "out")
    residue.add_to(made)
    made.show()
    if os.environ.get("FADEOUT_BENCH_WRITE"):
        made.write(Path("docs/benchmarks.md"))


def _import(made: Table, url: str, house: Path) -> int:
    with Profile(url) as profile:
        rows, seconds = imported(house, made)
    made.add("import, all constraints in force at the end", f"{rows / seconds:,.0f} rows/s",
             aim="100,000 rows/s", more=f"{seconds:.0f} s")  # fmt: skip
    for name, share in profile.shares():
        made.add(f"· of the import: {name}", f"{share:.0%}")
    return rows


def imported(house: Path, made: Table | None = None) -> tuple[int, float]:
    """An invented house, imported by the real command: rows, seconds."""
    command("init", "--name", "Bench", "--time-zone", "Europe/Berlin", "--currency", "EUR")
    command("invent", str(house), "--contacts", str(CONTACTS))
    seconds, memory = command("import", str(house))
    shutil.rmtree(house)
    if made:
        made.memory("import", memory)
    sql.execute("VACUUM ANALYZE")
    rows = sum(sql.rows(f'SELECT count(*) FROM "{t}"')[0][0] for t in _imported_tables())
    return rows, seconds


def _imported_tables() -> list[str]:
    rooms = ("contacts", "sales", "links")
    return [table.name for table in tables().values() if table.room in rooms]


def _decide(made: Table) -> None:
    measured = [floor_and_decision() for _ in range(3)]
    floors, decisions = zip(*measured, strict=True)
    ratio = sorted(d / f for f, d in measured)[1]
    made.add("plain scan of all the tables that count (floor)", f"{min(floors):.2f} s")
    made.add("recency and outcome of all", f"{min(decisions):.2f} s", aim="under 10 × floor",
             more=f"{ratio:.1f} × floor")  # fmt: skip
    one_core = floor_on_one_core()
    made.add("the same scan on one core", f"{one_core:.2f} s",
             more=f"{min(decisions) / one_core:.1f} × that")  # fmt: skip


def floor_and_decision() -> tuple[float, float]:
    """Seconds of the plain scan, and of the statement that decides, one after the other."""
    house = institution_queries.current()
    question = Question(as_of=date.today(), months=36, time_zone=house.time_zone)  # noqa: DTZ011
    text = statement(chosen=False, tail=DECIDE_ALL)
    with transaction.atomic(), sql.local_days(house.time_zone):
        sql.plan_large_queries()
        return _scan(), _timed(text, question.parameters())


def floor_on_one_core() -> float:
    """The plain scan without any parallel worker."""
    with transaction.atomic():
        sql.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        return min(_scan() for _ in range(3))


def _scan() -> float:
    return sum(_timed(f'SELECT count("{c}") FROM "{t}"') for t, c in COUNTED.items())


def _simulate(made: Table, path: Path) -> None:
    seconds, memory = command("simulate", "--csv", str(path), "--json")
    made.add("simulate: plan, totals, forecast, fingerprint, CSV", f"{seconds:.1f} s")
    made.memory("simulate", memory)


def begun() -> chunks.Setting:
    """A run of the latest plan, as far as to its first chunk."""
    now = clock.now()
    house = institution_queries.current()
    plan = Plan.objects.latest("pk")
    run = Run.objects.create(
        plan=plan, started_at=now, started_by=institution.operator(name="Bench", now=now),
        state=RunState.RUNNING, figures_before=audits.figures(),
    )  # fmt: skip
    keyring = Keyring(paths.keys())
    keyring.set_recipient(new_identity()[1], replace=True)
    vault = Sealer(
        keyring, days=[sealing.expires_on(plan.as_of)], now=now, by=run.started_by,
        layout=list(finding.described()),
    )  # fmt: skip
    return chunks.Setting(
        run=run, time_zone=house.time_zone, today=plan.as_of,
        tokens=institution.erased_tokens(house, paths.keys()), vault=vault,
    )  # fmt: skip


def _strike(made: Table, url: str, folder: Path) -> None:
    """Each outcome apart: object by object, one at a time, in chunks, and in chunks while a house sells."""
    stages, without = defaultdict[str, float](float), defaultdict[str, float](float)
    began = time.monotonic()
    setting = begun()
    plan = setting.run.plan
    stages["begin"] = without["begin"] = time.monotonic() - began
    setting = residue.searched(setting, stages)
    with box_office.opened(url, folder, "before") as alone:
        time.sleep(QUIET_SECONDS)
    beside = []
    for outcome, aim in (("anonymise", 2_500), ("delete", 8_000)):
        only(plan, outcome)
        by_object = _object_by_object(setting, outcome)
        singly = _singly(setting)
        waiting = _waiting(plan)
        struck, seconds = all_in_chunks(setting, at_most=waiting // 4)
        made.add(f"{outcome}, with all that hangs on them, nobody else there",
                 f"{struck / seconds:,.0f} contacts/s", more=f"{struck:,} in {seconds:.0f} s")  # fmt: skip
        with box_office.opened(url, folder, outcome) as evening:
            full, bare, profile = _by_turns(setting, url)
        stages["striking"] += waiting / full.rate
        without["striking"] += waiting / bare.rate
        beside.append(evening)
        rate = full.rate
        made.add(f"{outcome}, beside the box office", f"{rate:,.0f} contacts/s",
                 aim=f"{aim:,} contacts/s", more=f"{full.struck:,} in {full.seconds:.0f} s")  # fmt: skip
        made.add(f"{outcome}: against the same without vault and residue, by turns",
                 f"{rate / max(bare.rate, 1):.0%}", aim="90%",
                 more=f"{bare.rate:,.0f} contacts/s without")  # fmt: skip
        made.add(f"{outcome}: against object by object", f"{rate / by_object:.0f} ×",
                 aim="15 ×", more=f"{by_object:,.0f} contacts/s")  # fmt: skip
        made.add(f"{outcome}: against chunks of one", f"{rate / singly:.0f} ×",
                 more=f"{singly:,.0f} contacts/s")  # fmt: skip
        made.add(f"{outcome}: WAL, the box office's included",
                 f"{full.wal / max(full.struck, 1) / 1000:.1f} kB a contact",
                 aim="14 kB a contact" if outcome == "anonymise" else "")  # fmt: skip
        for name, share in profile.shares():
            made.add(f"· of {outcome}: {name}", f"{share:.0%}")
    _strike_the_rest(setting)
    with box_office.opened(url, folder, "tickets") as evening:
        sealed, bare, took = _tickets_by_turns(setting)
    rows, finding_them = sealed.struck + bare.struck, took - sealed.seconds - bare.seconds
    stages["old tickets"] = finding_them + rows / sealed.rate
    without["old tickets"] = finding_them + rows / bare.rate
    made.add("tickets cleared, beside the box office", f"{took:.0f} s")
    made.add("tickets: against the same without vault, by turns",
             f"{sealed.rate / bare.rate:.0%}", more=f"{sealed.rate:,.0f} rows/s with")  # fmt: skip
    _box_office(made, alone, [*beside, evening])
    _audit(made, setting, stages, without)
    total, total_without = sum(stages.values()), sum(without.values())
    for stage, seconds in stages.items():
        made.add(f"· of the run: {stage}", f"{seconds / total:.0%}",
                 more=f"{seconds:.1f} s, {without[stage]:.1f} s without vault and residue")  # fmt: skip
    made.add("whole run, with vault and residue, against the same without",
             f"{total_without / total:.0%}", aim="90%",
             more=f"{total:.0f} s, {total_without:.0f} s without")  # fmt: skip


@dataclass
class Turns:
    """What came of striking in one way, added up over its turns."""

    struck: int = 0
    seconds: float = 0.0
    wal: float = 0.0

    @property
    def rate(self) -> float:
        """Contacts a second."""
        return self.struck / max(self.seconds, 0.001)


def _by_turns(setting: chunks.Setting, url: str) -> tuple[Turns, Turns, Profile]:
    """Strike whoever waits, by turns with all that a run does and without vault and residue."""
    bare = replace(setting, vault=None, residue=None)
    made = {True: Turns(), False: Turns()}
    profile = Profile(url, STRIKING)
    each = _waiting(setting.run.plan) // TURNS
    for turn in range(TURNS + 1):
        is_full = turn % 2 == 0
        before = wal()
        with profile if is_full else nullcontext():
            struck, seconds = all_in_chunks(
                setting if is_full else bare, at_most=each if turn < TURNS else None
            )
        made[is_full].struck += struck
        made[is_full].seconds += seconds
        made[is_full].wal += wal() - before
    return made[True], made[False], profile


class Turning(chunks.Setting):
    """Seals in every other transaction."""

    is_full: ClassVar = {"now": True}

    def sealing(self, account: chunks.Account, before: Any = None) -> Any:
        """As a run does, or as one without recovery."""
        return super().sealing(account, before) if self.is_full["now"] else None


def _tickets_by_turns(setting: chunks.Setting) -> tuple[Turns, Turns, float]:
    """Clear old tickets, transaction by transaction with the vault and without: rows, seconds in all."""
    turning = Turning(**{f.name: getattr(setting, f.name) for f in fields(setting)})
    made = {True: Turns(), False: Turns()}
    began = time.monotonic()
    for step in tickets.clear(turning):
        turns = made[turning.is_full["now"]]
        turns.struck += step.rows
        turns.seconds += step.seconds
        turning.is_full["now"] = not turning.is_full["now"]
    return made[True], made[False], time.monotonic() - began


def _box_office(made: Table, alone: Evening, beside: list[Evening]) -> None:
    """What eight clients noticed."""
    busy = Evening(
        waits=[wait for evening in beside for wait in evening.waits],
        outcomes=sum((evening.outcomes for evening in beside), Counter()),
        lost=sum(evening.lost for evening in beside),
        struck_though_active=sum(evening.struck_though_active for evening in beside),
    )
    for name, evening in (("alone", alone), ("during the run", busy)):
        made.add(
            f"box office {name}: p50, p99, longest",
            " · ".join(f"{evening.percentile(p) * 1000:.0f} ms" for p in (0.5, 0.99, 1)),
            more=f"{len(evening.waits):,} transactions",
        )
    added = busy.percentile(0.99) - alone.percentile(0.99)
    longest = busy.percentile(1) - alone.percentile(1)
    made.add("wait that the run adds at p99", f"{added * 1000:.0f} ms", aim="250 ms")
    made.add("longest wait that it adds", f"{longest * 1000:.0f} ms", aim="1,000 ms")
    made.add("deadlocks that reached a client", str(busy.deadlocks), aim="0")
    made.add(
        "other errors at a client", str(busy.errors.total()), aim="0", more=str(dict(busy.errors))
    )
    made.add("orders lost", str(busy.lost), aim="0")
    made.add("became active and struck all the same", str(busy.struck_though_active), aim="0",
             more=f"{busy.outcomes['gone']:,} times the contact was gone already")  # fmt: skip


def _audit(
    made: Table, setting: chunks.Setting, stages: dict[str, float], without: dict[str, float]
) -> None:
    began = time.monotonic()
    audits.audit(setting.run, setting.time_zone)
    without["audits and last search"] = time.monotonic() - began
    began = time.monotonic()
    with audits.beside(setting.run, setting.time_zone) as audited:
        left = residue.settled(setting, audited.begin_again)
        findings = left + sum(audited.findings().values())
    stages["audits and last search"] = time.monotonic() - began
    made.add("findings of the audits", str(findings), aim="0")
    began = time.monotonic()
    housekeeping.tidy()
    stages["vacuum and analyse"] = without["vacuum and analyse"] = time.monotonic() - began
    made.add("memory of this process, which struck", f"{own_memory():.0f} MB", aim="under 300 MB")


def only(plan: Plan, outcome: str) -> None:
    """Let only the rows of one outcome wait."""
    plan.rows.filter(state="pending").exclude(outcome=outcome).update(state="requalified")
    plan.rows.filter(outcome=outcome, state="requalified", kept_because=None).update(
        state="pending"
    )
    sql.execute("VACUUM ANALYZE plans_plan_row")


def _waiting(plan: Plan) -> int:
    return plan.rows.filter(state="pending").count()


def _object_by_object(setting: chunks.Setting, outcome: str) -> float:
    """Undone in the end, so that the run still has them to strike; so no commit is counted."""
    rows = setting.run.plan.rows.filter(state="pending").order_by("pk")[:SINGLY]
    contacts = list(rows.values_list("contact_id", flat=True))
    with transaction.atomic():
        began = time.monotonic()
        for contact in contacts:
            one_by_one.erase(contact, outcome, setting.today)
        seconds = time.monotonic() - began
        transaction.set_rollback(True)
    return len(contacts) / seconds


def _singly(setting: chunks.Setting) -> float:
    began = time.monotonic()
    for row in chunks.pick(setting.run.plan_id, after=0, limit=SINGLY):
        chunks.strike(setting, [row])
    return SINGLY / (time.monotonic() - began)


def all_in_chunks(setting: chunks.Setting, at_most: int | None = None) -> tuple[int, float]:
    began, struck = time.monotonic(), Counter[str]()

    def is_enough() -> bool:
        return at_most is not None and struck["contacts"] >= at_most

    for done in lanes.one_round(setting, is_asked_to_stop=is_enough):
        struck["contacts"] += done.struck
    return struck["contacts"], time.monotonic() - began


def _strike_the_rest(setting: chunks.Setting) -> None:
    """Whoever was locked elsewhere, of both outcomes."""
    setting.run.plan.rows.filter(state="requalified", kept_because=None).update(state="pending")
    while _waiting(setting.run.plan):
        all_in_chunks(setting)


def _export(made: Table, path: Path) -> None:
    seconds, memory = command("export", str(path))
    made.add("export after it all", f"{seconds:.0f} s")
    made.memory("export", memory)


def _timed(text: str, parameters: dict[str, object] | None = None) -> float:
    began = time.monotonic()
    sql.rows(text, parameters)
    return time.monotonic() - began


def wal() -> int:
    return int(sql.rows("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0])


def own_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def command(*arguments: str) -> tuple[float, float]:
    """Run the real command; seconds, and the most memory it ever held, in MB."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "fadeout", *arguments], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"fadeout {arguments[0]} ended with {process.returncode}")
    return time.monotonic() - began, usage.ru_maxrss / 1000


if __name__ == "__main__":
    print(f"{CONTACTS:,} contacts on {platform.machine()}, {os.cpu_count()} cores")
    main()
