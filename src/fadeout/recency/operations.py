"""Keeps the recency of every contact, as the one statement decides it.

What could go wrong, and what prevents it:

- A second rule: nothing is computed here. What is kept comes from rows of the statement that decides.
- Somebody is struck, or mailed, by what was kept yesterday: runs and sendings decide anew. What is kept
  answers questions about many contacts, and tells as of when.
- Two keep at once, and the one who looked earlier writes last: each notes the instant before it looks, and
  never overwrites what was decided later. So whoever commits a change and then keeps it, is not overruled.
- Somebody is erased meanwhile: contacts are locked (``FOR KEY SHARE``) before their row is written, and
  whoever is gone by then is passed over.
- Whoever decided everybody waits for a million rows that are what they were: only what differs is written.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fadeout.contacts.models import Contact
from fadeout.core import clock, sql
from fadeout.recency.models import Freshness
from fadeout.recency.queries import Question, statement

KEPT = "SELECT contact_id, recency_on, activity FROM decision"
#: Recency does not hang on the period; the shortest has a cutoff on any day.
ANY_PERIOD = 1


def refresh(contact_ids: Collection[int], *, now: datetime, time_zone: str) -> None:
    """Decide some contacts anew and keep it; to be called once what changed them is committed.

    Args:
        contact_ids: whom; whoever is not on file (any more) is passed over.
        now: this instant.
        time_zone: the institution's.
    """
    if not contact_ids:
        return
    asked = {**_question(now, time_zone).parameters(), "contact_ids": sorted(contact_ids)}
    since = begin()  # not as a day of the time zone
    with sql.local_days(time_zone):
        _store(statement(chosen=True, tail=KEPT), asked, since=since)


def refresh_contact(public_id: UUID, *, now: datetime, time_zone: str) -> None:
    """The same for one contact, if it is on file."""
    found = Contact.objects.filter(public_id=public_id).values_list("pk", flat=True)
    refresh(list(found), now=now, time_zone=time_zone)


def refresh_all(*, now: datetime, time_zone: str) -> int:
    """Decide all contacts and keep what differs; tells of how many it did."""
    with transaction.atomic():
        since = begin()
        sql.plan_large_queries()
        with sql.local_days(time_zone):
            sql.execute(
                f"CREATE TEMPORARY TABLE recency_decided ON COMMIT DROP AS"
                f" {statement(chosen=False, tail=KEPT)}",
                _question(now, time_zone).parameters(),
            )
        count = keep_all("SELECT * FROM recency_decided", since=since)
        sql.execute("DROP TABLE recency_decided")
    return count


def as_of() -> datetime | None:
    """When all contacts were last decided together and kept; nothing if they never were."""
    return Freshness.objects.values_list("decided_at", flat=True).first()


def begin() -> datetime:
    """The instant to note before all contacts are decided: by the clock of the database."""
    [(instant,)] = sql.rows("SELECT clock_timestamp()")
    return instant  # type: ignore[no-any-return]


@transaction.atomic
def keep_all(decided: str, *, since: datetime) -> int:
    """Keep the decision of all contacts, unless somebody did who began later; tells how many differed.

    Args:
        decided: a SELECT of contact_id, recency_on and activity, from rows of the one statement.
        since: what :func:`begin` said before they were decided.
    """
    Freshness.objects.get_or_create(pk=1)
    freshness = Freshness.objects.select_for_update().get()
    if freshness.decided_at is not None and since < freshness.decided_at <= begin():
        return 0
    count = _store(decided, {}, since=since)
    freshness.decided_at = since
    freshness.save(update_fields=["decided_at"])
    return count


def _store(decided: str, parameters: dict[str, object], *, since: datetime) -> int:
    keeping = sql.load("recency", "keep_indicators").replace("{decided}", decided)
    return sql.execute(keeping, {**parameters, "since": since})


def _question(now: datetime, time_zone: str) -> Question:
    return Question(as_of=clock.local_day(now, time_zone), months=ANY_PERIOD, time_zone=time_zone)
