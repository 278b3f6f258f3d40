"""``make bench``: import, decide and strike a large invented house; print a table.

Runs on an embedded PostgreSQL of its own, in a temporary folder, with the product's own settings.
``FADEOUT_BENCH_CONTACTS`` changes the size (1,000,000 by default), ``FADEOUT_BENCH_WRITE=1`` keeps
the table as ``docs/benchmarks.md``.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

CONTACTS = int(os.environ.get("FADEOUT_BENCH_CONTACTS", "1000000"))
SINGLY = min(500, CONTACTS // 40)
os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
os.environ.pop("FADEOUT_DATABASE_URL", None)

import django

django.setup()

from django.db import transaction

from bench.sampling import Profile
from bench.table import Table
from fadeout.core import clock, database, paths, sql
from fadeout.core.catalogue.declaration import tables
from fadeout.institution import operations as institution
from fadeout.institution import queries as institution_queries
from fadeout.plans import operations as plans
from fadeout.plans.fingerprint import RowDigest
from fadeout.plans.models import Plan
from fadeout.recency.queries import Question, statement
from fadeout.runs import audits, chunks, operations
from fadeout.runs.models import Run, RunState

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
            _strike(made)
            _export(made, Path(folder) / "out")
    made.show()
    if os.environ.get("FADEOUT_BENCH_WRITE"):
        made.write(Path("docs/benchmarks.md"))


def _import(made: Table, url: str, house: Path) -> int:
    _command("init", "--name", "Bench", "--time-zone", "Europe/Berlin", "--currency", "EUR")
    _command("invent", str(house), "--contacts", str(CONTACTS))
    with Profile(url) as profile:
        seconds, memory = _command("import", str(house))
    rows = sum(sql.rows(f'SELECT count(*) FROM "{t}"')[0][0] for t in _imported_tables())
    made.add("import, all constraints in force at the end", f"{rows / seconds:,.0f} rows/s",
             aim="100,000 rows/s", more=f"{seconds:.0f} s")  # fmt: skip
    made.memory("import", memory)
    for name, share in profile.shares():
        made.add(f"· of the import: {name}", f"{share:.0%}")
    sql.execute("VACUUM ANALYZE")
    return rows


def _imported_tables() -> list[str]:
    rooms = ("contacts", "sales", "links")
    return [table.name for table in tables().values() if table.room in rooms]


def _decide(made: Table) -> None:
    house = institution_queries.current()
    question = Question(as_of=date.today(), months=36, time_zone=house.time_zone)  # noqa: DTZ011
    text = statement(chosen=False, tail=DECIDE_ALL)
    floors, decisions = [], []
    for _ in range(3):
        with transaction.atomic(), sql.local_days(house.time_zone):
            plans.plan_large_queries()
            floors.append(
                sum(_timed(f'SELECT count("{c}") FROM "{t}"') for t, c in COUNTED.items())
            )
            decisions.append(_timed(text, question.parameters()))
    ratio = sorted(d / f for d, f in zip(decisions, floors, strict=True))[1]
    made.add("plain scan of all the tables that count (floor)", f"{min(floors):.2f} s")
    made.add("recency and outcome of all", f"{min(decisions):.2f} s", aim="under 10 × floor",
             more=f"{ratio:.1f} × floor")  # fmt: skip


def _simulate(made: Table, path: Path) -> None:
    seconds, memory = _command("simulate", "--csv", str(path), "--json")
    made.add("simulate: plan, totals, forecast, fingerprint, CSV", f"{seconds:.1f} s")
    made.memory("simulate", memory)


def _strike(made: Table) -> None:
    """Each outcome apart, one contact at a time and in chunks, on the same plan."""
    now = clock.now()
    house = institution_queries.current()
    plan = Plan.objects.latest("pk")
    run = Run.objects.create(
        plan=plan, started_at=now, started_by=institution.operator(name="Bench", now=now),
        state=RunState.RUNNING, struck_digest=RowDigest().as_list(), figures_before=audits.figures(),
    )  # fmt: skip
    setting = chunks.Setting(
        run=run, time_zone=house.time_zone, now=now, today=plan.as_of,
        tokens=institution.erased_tokens(house, paths.keys()),
    )  # fmt: skip
    for outcome, aim in (("anonymise", 2_500), ("delete", 8_000)):
        _only(plan, outcome)
        singly = _rate(setting, chunk=1, at_most=SINGLY)
        wal = _wal()
        struck, seconds = _all_in_chunks(setting)
        made.add(f"{outcome}, with all that hangs on them", f"{struck / seconds:,.0f} contacts/s",
                 aim=f"{aim:,} contacts/s", more=f"{struck:,} in {seconds:.0f} s")  # fmt: skip
        made.add(f"{outcome}: against one contact at a time", f"{struck / seconds / singly:.1f} ×",
                 aim="15 ×", more=f"{singly:,.0f} contacts/s")  # fmt: skip
        made.add(f"{outcome}: WAL", f"{(_wal() - wal) / struck / 1000:.1f} kB a contact")
    began = time.monotonic()
    operations.clear_tickets(setting, lambda _: None)
    cleared = time.monotonic() - began
    made.add("tickets cleared", f"{cleared:.0f} s")
    run.refresh_from_db()
    findings = sum(audits.audit(run, house.time_zone).values())
    made.add("findings of the audits", str(findings), aim="0")
    made.add("memory of this process, which struck", f"{_own_memory():.0f} MB", aim="under 300 MB")


def _only(plan: Plan, outcome: str) -> None:
    plan.rows.filter(outcome__in=["delete", "anonymise"]).exclude(state="struck").update(
        state="requalified"
    )
    plan.rows.filter(outcome=outcome, state="requalified").update(state="pending")
    sql.execute("VACUUM ANALYZE plans_plan_row")


def _rate(setting: chunks.Setting, *, chunk: int, at_most: int) -> float:
    began, after = time.monotonic(), 0
    for _ in range(at_most):
        after = chunks.strike_next(setting, after=after, limit=chunk).last_row
    return at_most / (time.monotonic() - began)


def _all_in_chunks(setting: chunks.Setting) -> tuple[int, float]:
    began, struck = time.monotonic(), 0
    for done in operations.in_chunks(setting):
        struck += done.struck
    return struck, time.monotonic() - began


def _export(made: Table, path: Path) -> None:
    seconds, memory = _command("export", str(path))
    made.add("export after it all", f"{seconds:.0f} s")
    made.memory("export", memory)


def _timed(text: str, parameters: dict[str, object] | None = None) -> float:
    began = time.monotonic()
    sql.rows(text, parameters)
    return time.monotonic() - began


def _wal() -> int:
    return int(sql.rows("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0])


def _own_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _command(*arguments: str) -> tuple[float, float]:
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
