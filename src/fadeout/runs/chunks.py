"""One chunk: lock, decide again, strike, mark, commit.

What could go wrong, and what prevents it:

- Somebody becomes active between simulation and stroke: contacts, their orders and the lines are
  locked, then the very statement that decided decides again. Whoever is no longer due is kept.
- A contact is locked by the box office: it is skipped and tried again later; never waited for.
- The process dies: nothing of the chunk is committed, or all of it is. Tokens of the erased are on
  disk before the commit and count only once the chunk is known to be committed.
- The command dies while a chunk commits: the chunk counts as under way until it ended, and whoever
  comes next decides about its tokens only then.
- A client and the chunk wait for each other: what others may hold is locked without waiting, first
  of all; for any other lock the chunk waits a tenth of a second, far less than PostgreSQL takes to look
  for a deadlock, and gives up. So a deadlock ends here, never at the client.
- A chunk holds its locks for long: a statement that takes longer than it may is given up as well.
- Two commands, or two lanes of one, take the same row: rows are locked before anything is read.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.db import transaction
from psycopg.sql import SQL, Identifier, Literal, Placeholder

from fadeout.core import sql
from fadeout.core.digest import RowDigest
from fadeout.erasure import operations as erasure
from fadeout.keys.known import Erasure
from fadeout.keys.tokens import NUMBERS, ErasedTokens
from fadeout.plans.fingerprint import digest_rows
from fadeout.recency.queries import sources
from fadeout.residue import operations as residue
from fadeout.residue.operations import Residue
from fadeout.runs import lock
from fadeout.runs.models import Chunk, Run, Stage
from fadeout.runs.rechecks import ByRule, Recheck, Verdict
from fadeout.vault import sealing
from fadeout.vault.sealing import Sealed, Sealer

#: A chunk reaches a few thousand rows by their keys: never by reading a large table or index as a
#: whole, whatever the planner thinks of disks.
SETTINGS = """
SET LOCAL lock_timeout = '100ms'; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;
SET LOCAL enable_seqscan = off; SET LOCAL enable_mergejoin = off;
SET LOCAL random_page_cost = 0.1; SET LOCAL max_parallel_workers_per_gather = 0
"""
LONGEST_STATEMENT = "SET LOCAL statement_timeout = '600ms'"
#: With so few rows it is no longer their number that makes a statement slow.
SMALL = 20


@dataclass(frozen=True)
class Setting:
    """What stays the same for all chunks of a run."""

    run: Run
    time_zone: str
    tokens: ErasedTokens
    today: date
    recheck: Recheck = field(default_factory=ByRule)
    vault: Sealer | None = None
    residue: Residue | None = None

    def sealing(
        self, account: Account, before: Mapping[int, Erasure] | None = None
    ) -> erasure.Seal | None:
        """What seals for this run, and writes it down in the account; nothing in a run without recovery.

        Args:
            account: of the transaction that removes.
            before: of contacts that were erased before, what is known of that: their copies expire
                when those of then did, and whoever was not sealed then, or has expired, is not now.
        """
        vault = self.vault
        if vault is None:
            return None
        heading = f'"run":{self.run.pk},"on":"{self.today}"'
        usual = sealing.expires_on(self.today)
        earlier = before or {}

        def seal(records: Sequence[tuple[int, str]]) -> None:
            by_day: dict[date | None, list[str]] = defaultdict(list)
            for owner, text in records:
                day = earlier[owner].sealed_until if owner in earlier else usual
                by_day[day].append(text)
            for day in vault.days & by_day.keys():
                account.sealed |= vault.seal(by_day[day], heading=heading, expires_on=day)

        return seal


@dataclass
class Outcome:
    """What one chunk did; three states that are never merged."""

    picked: int = 0
    struck: int = 0
    requalified: int = 0
    locked_elsewhere: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Row:
    """A row of the plan that waits, locked."""

    id: int
    contact_id: int
    outcome: str


@dataclass
class Account:
    """What a transaction of a run has to answer for; committed with it."""

    stage: Stage
    rows: int = 0
    requalified: int = 0
    digest: RowDigest = field(default_factory=RowDigest)
    removed: Counter[str] = field(default_factory=Counter)
    sealed: Sealed = field(default_factory=dict)


def pick(plan_id: int, *, after: int, limit: int) -> list[int]:
    """The next rows of the plan that wait, behind row ``after``."""
    found = sql.rows(
        sql.load("runs", "pick_rows"), {"plan": plan_id, "after": after, "limit": limit}
    )
    return [row for (row,) in found]


def strike(setting: Setting, rows: Sequence[int]) -> Outcome:
    """Strike the contacts of these rows of the plan, as far as they are due; all of it or nothing."""
    began = time.monotonic()
    chunk_id = uuid.uuid4()
    with transaction.atomic():
        sql.execute(SETTINGS)
        if len(rows) > SMALL:
            sql.execute(LONGEST_STATEMENT)
        lock.enter_chunk()
        waiting = _lock_rows(rows)
        locked = _lock([row.contact_id for row in waiting])
        verdicts = _decide_again(setting, locked)
        at_hand = [row for row in waiting if row.contact_id in locked]
        due = [row for row in at_hand if _is_due(row, verdicts)]
        kept = [row for row in at_hand if not _is_due(row, verdicts)]
        outcome = Outcome(
            picked=len(rows),
            struck=len(due),
            requalified=len(kept),
            locked_elsewhere=len(rows) - len(at_hand),
        )
        _keep(kept, verdicts)
        account = _strike(setting, chunk_id, due, verdicts)
        account.requalified = len(kept)
        outcome.seconds = time.monotonic() - began
        write_account(setting.run, account, seconds=outcome.seconds, chunk_id=chunk_id)
    if due and setting.recheck.leaves_tokens:
        setting.tokens.confirm(chunk=chunk_id, committed=True)
    return outcome


def write_account(
    run: Run, account: Account, *, seconds: float, chunk_id: uuid.UUID | None = None
) -> None:
    """The run's account moves in the same transaction as what it accounts for."""
    Chunk.objects.create(
        id=chunk_id or uuid.uuid4(), run=run, stage=account.stage, seconds=seconds,
        rows=account.rows, requalified=account.requalified,
        digest=account.digest.as_list(), removed=dict(account.removed),
        sealed={key: digest.as_list() for key, digest in account.sealed.items()},
    )  # fmt: skip


def _lock_rows(rows: Sequence[int]) -> list[Row]:
    found = sql.rows(sql.load("runs", "lock_rows"), {"rows": list(rows)})
    return [Row(*columns) for columns in found]


def _lock(contacts: Sequence[int]) -> set[int]:
    """Contacts first, then the orders that reach them, then whatever else decides.

    Returns the contacts all of which could be locked; the others are tried again later.
    """
    free = [
        row[0] for row in sql.rows(sql.load("runs", "lock_contacts"), {"contacts": list(contacts)})
    ]
    held = {row[0] for row in sql.rows(sql.load("runs", "lock_ties"), {"contacts": free})}
    reached = sql.rows(sql.load("runs", "orders_of_contacts"), {"contacts": free})
    wanted = {order for _, order in reached}
    orders = {
        row[0] for row in sql.rows(sql.load("runs", "lock_orders"), {"orders": sorted(wanted)})
    }
    elsewhere = wanted - orders
    for kind, number in sql.rows(_lock_sources(), {"contact": free, "order": sorted(orders)}):
        (held if kind == "contact" else elsewhere).add(number)
    return set(free) - held - {contact for contact, order in reached if order in elsewhere}


@cache
def _lock_sources() -> str:
    """Of every table that the deciding statement reads; contacts and orders themselves are locked already."""
    one = SQL(sql.load("runs", "lock_what_decides"))
    return (
        SQL(" UNION ALL ")
        .join(
            one.format(
                table=Identifier(source.table),
                column=Identifier(source.column),
                chosen=Placeholder(source.kind),
                kind=Literal(source.kind),
            )
            for source in sources()
            if source.column != "id"
        )
        .as_string()
    )


def _decide_again(setting: Setting, contacts: set[int]) -> Mapping[int, Verdict]:
    return setting.recheck.decide_again(
        setting.run.plan, time_zone=setting.time_zone, contacts=sorted(contacts)
    )


def _is_due(row: Row, verdicts: Mapping[int, Verdict]) -> bool:
    verdict = verdicts.get(row.contact_id)
    return verdict is not None and row.outcome in verdict.outcomes


def _keep(rows: Sequence[Row], verdicts: Mapping[int, Verdict]) -> None:
    if rows:
        sql.execute(
            sql.load("runs", "mark_requalified"),
            {
                "rows": [row.id for row in rows],
                "reasons": [_why_kept(verdicts.get(row.contact_id)) for row in rows],
            },
        )


def _why_kept(verdict: Verdict | None) -> str:
    """The reasons, or what would become of the contact now: nobody approved that."""
    return "anonymised" if verdict is None else verdict.why_kept


def _strike(
    setting: Setting, chunk_id: uuid.UUID, due: Sequence[Row], verdicts: Mapping[int, Verdict]
) -> Account:
    if not due:
        return Account(Stage.STRIKE)
    rows = [row.id for row in due]
    account = Account(Stage.STRIKE, rows=len(due), digest=digest_rows(setting.run.plan_id, rows))
    before = {
        row.contact_id: known
        for row in due
        if (known := verdicts[row.contact_id].erasure) is not None
    }
    if setting.recheck.leaves_tokens:
        _write_tokens(setting, chunk_id, due)
    with _taken_out_of_texts(setting, [row.contact_id for row in due]) as left:
        account.removed = erasure.strike(
            outcomes={row.contact_id: row.outcome for row in due},
            time_zone=setting.time_zone,
            today=setting.today,
            seal=setting.sealing(account, before),
        )
    account.removed += left
    _mark_struck(rows)
    return account


@contextmanager
def _taken_out_of_texts(setting: Setting, contacts: Sequence[int]) -> Iterator[Counter[str]]:
    """Strike contacts within; what tells who they were goes from texts about others. Rows by table."""
    changed: Counter[str] = Counter()
    stroke = residue.before_stroke(setting.residue, contacts) if setting.residue else None
    yield changed
    if stroke:
        changed += stroke.take_out()


def _mark_struck(rows: Sequence[int]) -> None:
    sql.execute(sql.load("runs", "mark_struck"), {"rows": rows})


def _write_tokens(setting: Setting, chunk_id: uuid.UUID, due: Sequence[Row]) -> None:
    outcomes = {row.contact_id: row.outcome for row in due}
    tokens: dict[str, list[bytes]] = defaultdict(list)
    for contact, number, created_at in sql.rows(
        sql.load("runs", "contacts_for_tokens"), {"contacts": list(outcomes)}
    ):
        tokens[outcomes[contact]].append(setting.tokens.token(number, created_at))
        tokens[NUMBERS].append(setting.tokens.number_token(number))
    setting.tokens.write(
        chunk=chunk_id,
        tokens=tokens,
        on=setting.today,
        sealed_until=sealing.expires_on(setting.today) if setting.vault else None,
    )
