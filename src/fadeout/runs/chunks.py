"""One chunk: pick, lock, decide again, strike, mark, commit.

What could go wrong, and what prevents it:

- Somebody becomes active between simulation and stroke: contacts, their orders and the lines are
  locked, then the very statement that decided decides again. Whoever is no longer due is kept.
- A contact is locked by the box office: it is skipped and tried again later; never waited for.
- The process dies: nothing of the chunk is committed, or all of it is. Tokens of the erased are on
  disk before the commit and count only once the chunk is known to be committed.
- A deadlock or a lock that does not come: the chunk is rolled back and tried again.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from fadeout.core import sql
from fadeout.erasure import operations as erasure
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans.fingerprint import RowDigest, digest_rows
from fadeout.recency.queries import Decision, decide
from fadeout.runs.models import Chunk, Run

#: A chunk reaches a few thousand rows by their keys: never by reading a large table as a whole,
#: whatever the planner thinks of disks.
SETTINGS = """
SET LOCAL lock_timeout = '2s'; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;
SET LOCAL enable_seqscan = off; SET LOCAL enable_mergejoin = off;
SET LOCAL random_page_cost = 1.1
"""


@dataclass(frozen=True)
class Setting:
    """What stays the same for all chunks of a run."""

    run: Run
    time_zone: str
    tokens: ErasedTokens
    today: date
    now: datetime


@dataclass
class Outcome:
    """What one chunk did; three states that are never merged."""

    picked: int = 0
    last_row: int = 0
    struck: int = 0
    requalified: int = 0
    locked_elsewhere: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


@dataclass(frozen=True)
class Row:
    """A row of the plan that waits."""

    id: int
    contact_id: int
    outcome: str


def strike_next(setting: Setting, *, after: int, limit: int) -> Outcome:
    """Strike the next ``limit`` waiting rows behind row ``after``; all of it or nothing."""
    began = time.monotonic()
    chunk_id = uuid.uuid4()
    with transaction.atomic():
        sql.execute(SETTINGS)
        picked = _pick(setting.run.plan_id, after, limit)
        if not picked:
            return Outcome()
        locked = _lock([row.contact_id for row in picked])
        decisions = _decide_again(setting, locked)
        at_hand = [row for row in picked if row.contact_id in locked]
        due = [row for row in at_hand if _is_due(row, decisions)]
        outcome = Outcome(
            picked=len(picked),
            last_row=picked[-1].id,
            struck=len(due),
            requalified=len(at_hand) - len(due),
            locked_elsewhere=len(picked) - len(at_hand),
        )
        _keep([row for row in at_hand if not _is_due(row, decisions)], decisions)
        outcome.removed = _strike(setting, chunk_id, due)
        outcome.seconds = time.monotonic() - began
        Chunk.objects.create(
            id=chunk_id, run=setting.run,
            seconds=outcome.seconds, rows=len(due), requalified=outcome.requalified,
        )  # fmt: skip
    if due:
        setting.tokens.confirm(chunk=chunk_id, committed=True)
    return outcome


def passed_over(setting: Setting, *, after: int) -> Outcome:
    """The next row, left as it is: somebody holds what it needs."""
    picked = _pick(setting.run.plan_id, after, 1)
    if not picked:
        return Outcome()
    return Outcome(picked=1, last_row=picked[0].id, locked_elsewhere=1, seconds=1.0)


def _pick(plan_id: int, after: int, limit: int) -> list[Row]:
    found = sql.rows(
        sql.load("runs", "pick_rows"), {"plan": plan_id, "after": after, "limit": limit}
    )
    return [Row(*columns) for columns in found]


def _lock(contacts: Sequence[int]) -> set[int]:
    """Contacts first, then the orders that reach them, then those orders' lines.

    Returns the contacts all of which could be locked; the others are tried again later.
    """
    free = [
        row[0] for row in sql.rows(sql.load("runs", "lock_contacts"), {"contacts": list(contacts)})
    ]
    reached = sql.rows(sql.load("runs", "orders_of_contacts"), {"contacts": free})
    wanted = {order for _, order in reached}
    orders = {
        row[0] for row in sql.rows(sql.load("runs", "lock_orders"), {"orders": sorted(wanted)})
    }
    elsewhere = wanted - orders | {
        row[0] for row in sql.rows(sql.load("runs", "lock_lines"), {"orders": sorted(orders)})
    }
    return set(free) - {contact for contact, order in reached if order in elsewhere}


def _decide_again(setting: Setting, contacts: set[int]) -> Mapping[int, Decision]:
    plan = setting.run.plan
    decisions = decide(
        as_of=plan.as_of,
        months=plan.months,
        time_zone=setting.time_zone,
        contact_ids=sorted(contacts),
    )
    return {decision.contact_id: decision for decision in decisions}


def _is_due(row: Row, decisions: Mapping[int, Decision]) -> bool:
    decision = decisions.get(row.contact_id)
    return decision is not None and decision.outcome == row.outcome


def _keep(rows: Sequence[Row], decisions: Mapping[int, Decision]) -> None:
    if rows:
        sql.execute(
            sql.load("runs", "mark_requalified"),
            {
                "rows": [row.id for row in rows],
                "reasons": [_why_kept(decisions.get(row.contact_id)) for row in rows],
            },
        )


def _why_kept(decision: Decision | None) -> str:
    """The reasons, or what would become of the contact now: nobody approved that."""
    if decision is None:
        return "anonymised"
    return "|".join(decision.reasons) or decision.outcome


def _strike(setting: Setting, chunk_id: uuid.UUID, due: Sequence[Row]) -> Counter[str]:
    if not due:
        return Counter()
    contacts = [row.contact_id for row in due]
    rows = [row.id for row in due]
    digest = digest_rows(setting.run.plan_id, rows)
    _write_tokens(setting, chunk_id, contacts)
    removed = erasure.strike(
        outcomes={row.contact_id: row.outcome for row in due},
        time_zone=setting.time_zone,
        today=setting.today,
    )
    sql.execute(sql.load("runs", "mark_struck"), {"rows": rows})
    _add_up(setting.run, digest, removed)
    return removed


def _write_tokens(setting: Setting, chunk_id: uuid.UUID, contacts: Sequence[int]) -> None:
    known = sql.rows(sql.load("runs", "contacts_for_tokens"), {"contacts": list(contacts)})
    tokens = [
        token
        for number, created_at in known
        for token in (
            setting.tokens.token(number, created_at),
            setting.tokens.number_token(number),
        )
    ]
    # Sorted: in the order of the contacts they would tell which anonymous row was whose.
    setting.tokens.write(chunk=chunk_id, tokens=sorted(tokens), on=setting.today)


def _add_up(run: Run, digest: RowDigest, removed: Counter[str]) -> None:
    """The run's own account moves in the same transaction as what it accounts for."""
    stored = Run.objects.only("struck_digest").get(pk=run.pk)
    stored.struck_digest = (RowDigest.from_list(stored.struck_digest) + digest).as_list()
    stored.save(update_fields=["struck_digest"])
    add_removed(run, removed)


def add_removed(run: Run, removed: Counter[str]) -> None:
    """Add to the run's count of removed and changed rows by table."""
    stored = Run.objects.only("removed").get(pk=run.pk)
    stored.removed = dict(Counter(stored.removed) + removed)
    stored.save(update_fields=["removed"])
