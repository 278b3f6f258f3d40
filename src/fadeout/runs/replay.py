"""After a restore: finds whoever was erased since the backup, to be erased again.

What could go wrong, and what prevents it:

- Somebody else is struck, who has the number or the row id of an erased contact: contacts are matched
  by the token over number and creation time, here and again under the locks.
- A backup knows less than the key folder: runs of it that stand half done, plans that somebody
  approved. A replay goes by the tokens alone. Plans that lose contacts to it are refused afterwards,
  since their rows are no longer those approved.
- The ledger in the database ends before its head: whoever replays acknowledges what was lost.
- An earlier replay was interrupted: it is cancelled, and the new one finds whoever is left.
- A million contacts do not fit in memory: they pass by a few thousand at a time.
- A backup is made of the restored database before the replay, and is restored in turn when the tokens
  are dropped: they are kept anew from the day of the replay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from fadeout.core import clock, sql
from fadeout.institution.models import Institution, Operator, PolicyVersion
from fadeout.keys.known import Erasure, KnownErasures
from fadeout.keys.tokens import ErasedTokens
from fadeout.ledger import operations as ledger
from fadeout.plans import forgetting, listed
from fadeout.plans.listed import ListedRow
from fadeout.plans.models import Plan
from fadeout.policy import periods
from fadeout.policy.outcomes import Outcome, PlanKind, by_hand
from fadeout.recency.queries import Question
from fadeout.runs import lock, operations
from fadeout.runs.control import ENDED
from fadeout.runs.models import Chunk, Run
from fadeout.runs.rechecks import needed_since

AT_ONCE = 10_000
Back = dict[int, Erasure]


def plan_replay(  # noqa: PLR0913 - what a plan is made of
    *,
    house: Institution,
    policy: PolicyVersion,
    by: Operator,
    tokens: ErasedTokens,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Plan | None:
    """A plan of all contacts on file that were erased before; none if there is nobody.

    Raises:
        DidNotHold: a run is under way.
    """
    question = Question(
        as_of=clock.local_day(now, house.time_zone),
        months=policy.months,
        time_zone=house.time_zone,
    )
    with lock.only_one():
        with lock.no_chunk_under_way():
            operations.settle(tokens)
        ledger.acknowledge_restore(by=by, now=now)
        _cancel_earlier(now)
        known = KnownErasures(tokens)
        if not known:
            return None
        chunks: set[UUID] = set()
        with listed.new_plan(PlanKind.REPLAY, question, policy=policy, by=by, now=now) as plan:
            for back in _those_back(known, tokens, progress):
                plan.add(_rows(back, question))
                chunks.update(erasure.chunk for erasure in back.values())
        tokens.renew(chunks, on=question.as_of)
        return plan.plan if plan.rows else None


def settle_before_restore(tokens: ErasedTokens) -> int:
    """Let a database that is about to be replaced say which chunks it committed.

    Raises:
        DidNotHold: a run is under way.
    """
    with lock.only_one(), lock.no_chunk_under_way():
        return operations.settle(tokens)


def tokens_missing(tokens: ErasedTokens, policy: PolicyVersion, today: date) -> list[str]:
    """Chunks whose contacts the key folder no longer knows, as long as it should.

    What it dropped on purpose is not missed, whatever policy this database has by now.
    """
    known = tokens.contacts_by_chunk()
    since = periods.months_before(today, policy.backup_months)
    since = max(since, tokens.dropped_before() or since)
    struck = Chunk.objects.filter(rows__gt=0, committed_at__date__gt=since)
    accounted = struck.exclude(run__plan__kind=PlanKind.REPLAY).values_list("pk", "rows")
    return [
        f"Of chunk {chunk} {rows:,} contacts were struck; the key folder knows {known.get(str(chunk), 0):,}."
        for chunk, rows in accounted
        if known.get(str(chunk), 0) != rows
    ]


def drop_outlived(tokens: ErasedTokens, *, policy: PolicyVersion, today: date) -> int:
    """Drop the tokens that are older than any backup; returns how many.

    Whoever they stood for is not recognised any more, also not in old files.
    """
    return tokens.drop_before(periods.months_before(today, policy.backup_months))


def _cancel_earlier(now: datetime) -> None:
    """Under the lock of the run: nobody works on them."""
    for run in Run.objects.filter(plan__kind=PlanKind.REPLAY).exclude(state__in=ENDED):
        operations.cancel_left(run, now=now)


def _those_back(
    known: KnownErasures, tokens: ErasedTokens, progress: Callable[[int], None]
) -> Iterator[Back]:
    """Of all contacts on file those that were erased, a few thousand at a time."""
    seen = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.load("runs", "select_contacts_on_file"))
        while contacts := cursor.fetchmany(AT_ONCE):
            yield {
                contact: erasure
                for contact, number, created_at in contacts
                if (erasure := known.of(tokens.token(number, created_at)))
            }
            seen += len(contacts)
            progress(seen)


def _rows(back: Back, question: Question) -> Iterator[ListedRow]:
    if not back:
        return
    needed = dict(needed_since(back, as_of=question.as_of, time_zone=question.time_zone))
    judged = _judged(back, question)
    for contact, erasure in back.items():
        if contact in needed:
            reasons = tuple(needed[contact].split("|"))
            yield ListedRow(contact, Outcome.KEEP, reasons=reasons)
        elif contact in judged:
            yield judged[contact]
        else:
            yield ListedRow(contact, erasure.outcome or Outcome.KEEP)


def _judged(back: Back, question: Question) -> Mapping[int, ListedRow]:
    """Those of whom the tokens do not tell everything: the outcome, or whether they were erased."""
    unsure = [c for c, erasure in back.items() if erasure.in_doubt or erasure.outcome is None]
    if not unsure:
        return {}
    return {
        decision.contact_id: ListedRow(
            contact_id=decision.contact_id,
            outcome=decision.outcome
            if back[decision.contact_id].in_doubt
            else by_hand(forbidden=False, bought_or_benefited=decision.bought_or_benefited),
            recency_on=decision.recency_on,
            activity=decision.activity,
            reasons=decision.reasons if back[decision.contact_id].in_doubt else (),
        )
        for decision in forgetting.decide_some(question, unsure)
    }
