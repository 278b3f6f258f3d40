"""Sets batches up, changes them, switches them to real; begins what is due.

What could go wrong, and what prevents it:

- A batch erases on a schedule that nobody answers for: it simulates until an administrator switched
  it to real, and again after any change.
- Two workers begin the same occurrence: a row of its own, which there can be but once.
- The worker was down for a week: what was missed is done once.
- A restored database makes up for what was done long ago: occurrences before a restore was acknowledged
  do not count, and while none was, nothing is begun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from fadeout.batches import record, schedule
from fadeout.batches.models import Batch, BatchKind, BatchStart, Mode, Notice, Outcome
from fadeout.batches.record import Done
from fadeout.core.errors import BadInput
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Entry, Kind

LONGEST_PERIOD = 1_200
RESTORED = "restored"
CHANGEABLE = ("months", "schedule", "enabled", "told")


class Refusal(StrEnum):
    """Why something cannot be done with a batch."""

    UNKNOWN = "unknown"
    SCHEDULE = "schedule"
    MONTHS = "months"
    NOBODY_TOLD = "nobody_told"
    NOTHING_CHANGES = "nothing_changes"
    ALREADY_SO = "already_so"
    LEFT = "left"
    CHANGED_MEANWHILE = "changed_meanwhile"
    MADE_ALREADY = "made_already"


WORDS = {
    Refusal.UNKNOWN: (_("There is no such batch."), _("It may have been deleted meanwhile.")),
    Refusal.SCHEDULE: (
        _("That is not a schedule."),
        _("Write five fields: minute, hour, day of the month, month, day of the week: 0 3 1 * *"),
    ),
    Refusal.MONTHS: (_("The period lies between 1 and 1,200 months."), ""),
    Refusal.NOBODY_TOLD: (
        _("Nobody would be told."),
        _("Choose at least one person who is told how it ended."),
    ),
    Refusal.NOTHING_CHANGES: (_("The batch says that already. Nothing was changed."), ""),
    Refusal.ALREADY_SO: (_("The batch is switched so already. Nothing was changed."), ""),
    Refusal.LEFT: (_("That operator left."), _("Choose somebody who is still there.")),
    Refusal.CHANGED_MEANWHILE: (
        _("Somebody changed the batch meanwhile. Nothing was changed."),
        _("Look at it as it is now."),
    ),
    Refusal.MADE_ALREADY: (_("This batch was made already."), _("It is on the list of batches.")),
}


class BatchRefused(BadInput):
    """Something that cannot be done with a batch, by its code."""

    def __init__(self, code: Refusal) -> None:
        message, way_out = WORDS[code]
        super().__init__(str(message), way_out=str(way_out))
        self.code = code


def by_public_id(public_id: UUID) -> Batch:
    """The batch of this id.

    Raises:
        BatchRefused: there is none.
    """
    found = Batch.objects.filter(public_id=public_id).first()
    if found is None:
        raise BatchRefused(Refusal.UNKNOWN)
    return found


@transaction.atomic
def create(  # noqa: PLR0913 - what a batch is made of
    *,
    schedule: str,
    told: Sequence[Operator],
    by: Operator,
    now: datetime,
    months: int = 36,
    enabled: bool = True,
    kind: BatchKind = BatchKind.INACTIVE_CONTACTS,
    public_id: UUID | None = None,
) -> Batch:
    """A new batch, which simulates.

    Args:
        public_id: what it is known by, so that what is sent twice makes one; chosen if left out.

    Raises:
        BatchRefused: the schedule, the period or those to tell cannot be so; or it was made already.
    """
    given = {"schedule": schedule, "told": told, "months": months, "enabled": enabled}
    checked = _checked(given, now)
    told = checked.pop("told")
    made = Batch(
        kind=kind, created_at=now, changed_at=now, changed_by=by, counts_from=now,
        public_id=public_id or uuid4(), **checked,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise BatchRefused(Refusal.MADE_ALREADY) from error
    made.told.set(told)
    record.batch(made, Done.CREATED, by=by, now=now)
    return made


@transaction.atomic
def change(
    batch: Batch,
    *,
    changes: Mapping[str, Any],
    by: Operator,
    now: datetime,
    seen: str | None = None,
) -> Batch:
    """Change ``months``, ``schedule``, ``enabled`` or ``told``; it simulates again, whatever it did.

    Args:
        seen: the stamp of the batch that they looked at; any if left out.

    Raises:
        BatchRefused: see :func:`create`; or nothing would change, or the batch is gone or another.
    """
    found = _locked(batch, seen)
    checked = {
        name: value
        for name, value in _checked(changes, now).items()
        if value != _as_it_is(found, name)
    }
    if not checked:
        raise BatchRefused(Refusal.NOTHING_CHANGES)
    told = checked.pop("told", None)
    if "schedule" in checked or checked.get("enabled"):
        found.counts_from = now
    for name, value in checked.items():
        setattr(found, name, value)
    if told is not None:
        found.told.set(told)
    _simulates(found)
    _save(found, by, now)
    record.batch(found, Done.CHANGED, by=by, now=now)
    return found


@transaction.atomic
def switch(
    batch: Batch, *, to_real: bool, by: Operator, now: datetime, seen: str | None = None
) -> Batch:
    """Let it run for real from now on, in the name of this administrator; or simulate again.

    Who may is for the caller to see to (``Permission.SWITCH_TO_REAL``).

    Args:
        seen: the stamp of the batch that they looked at; any if left out.

    Raises:
        BatchRefused: it is so already, or gone, or another than they saw.
    """
    found = _locked(batch)
    if (found.mode == Mode.REAL) == to_real:
        raise BatchRefused(Refusal.ALREADY_SO)
    _require_seen(found, seen)
    if to_real:
        found.mode, found.switched_by, found.switched_at = Mode.REAL, by, now
        found.counts_from = now  # what was missed before was to be simulated
    else:
        _simulates(found)
    found.save()
    record.batch(found, Done.SWITCHED_ON if to_real else Done.SWITCHED_OFF, by=by, now=now)
    return found


@transaction.atomic
def delete(batch: Batch, *, by: Operator, now: datetime) -> None:
    """Remove it; what it simulated and ran stays.

    Raises:
        BatchRefused: it is gone already.
    """
    found = _locked(batch)
    record.batch(found, Done.DELETED, by=by, now=now)
    found.delete()


def begin_due(*, time_zone: str, now: datetime) -> list[BatchStart]:
    """Begin every occurrence that is due and that nobody began; the caller sees to it that it is done."""
    if ledger.has_lost_its_end():
        return []  # restored: nothing starts by itself before somebody looked (fadeout replay)
    restored = last_restore()
    begun = [
        _begin(batch, time_zone=time_zone, restored=restored, now=now)
        for batch in Batch.objects.filter(enabled=True).order_by("pk")
    ]
    return [start for start in begun if start is not None]


def end_restored(*, now: datetime) -> None:
    """Occurrences that a restore brought back as they were under way: nobody goes on with them."""
    restored = last_restore()
    if restored is not None:
        for start in BatchStart.objects.filter(outcome=None, started_at__lt=restored):
            end(start, Outcome.FAILED, now=now, failure=RESTORED)


def still_lets(start: BatchStart) -> bool:
    """Whether the batch of an occurrence is still on, and real in the name of the same administrator."""
    batches = Batch.objects.filter(starts=start, enabled=True, mode=Mode.REAL)
    return batches.filter(switched_by=start.by).exists()


def last_restore() -> datetime | None:
    """When a restore was acknowledged last: what was due or to be told before is not made up for."""
    at: datetime | None = Entry.objects.filter(kind=Kind.RESTORE).aggregate(at=Max("at"))["at"]
    return at


def _begin(
    batch: Batch, *, time_zone: str, restored: datetime | None, now: datetime
) -> BatchStart | None:
    last: datetime | None = batch.starts.aggregate(at=Max("due_at"))["at"]
    since = max(at for at in (batch.counts_from, last, restored) if at is not None)
    due_at = schedule.latest_due(batch.schedule, time_zone, since=since, now=now)
    if due_at is None:
        return None
    try:
        with transaction.atomic():
            return BatchStart.objects.create(
                batch=batch,
                due_at=due_at,
                started_at=now,
                mode=batch.mode,
                months=batch.months,
                by=batch.switched_by or batch.changed_by,
            )
    except IntegrityError:
        return None  # another worker was faster


@transaction.atomic
def end(
    start: BatchStart,
    outcome: Outcome,
    *,
    now: datetime,
    held: Sequence[str] = (),
    failure: str | None = None,
) -> BatchStart:
    """Keep how an occurrence ended, once, and whom to tell."""
    found = BatchStart.objects.select_for_update().get(pk=start.pk)
    if found.outcome is not None:
        return found
    found.outcome, found.ended_at, found.held, found.failure = outcome, now, list(held), failure
    found.save()
    told = found.batch.told.all() if found.batch else []
    Notice.objects.bulk_create(
        Notice(start=found, operator=operator, made_at=now, next_try_at=now) for operator in told
    )
    return found


def _checked(given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    if unknown := set(given) - set(CHANGEABLE):
        raise TypeError(f"a batch has no {', '.join(sorted(unknown))} to change")
    checked = dict(given)
    if "schedule" in given:
        try:
            checked["schedule"] = schedule.check(given["schedule"], now)
        except schedule.NotAScheduleError as error:
            raise BatchRefused(Refusal.SCHEDULE) from error
    if "months" in given and not 1 <= given["months"] <= LONGEST_PERIOD:
        raise BatchRefused(Refusal.MONTHS)
    if "told" in given:
        checked["told"] = set(given["told"])
        if not checked["told"]:
            raise BatchRefused(Refusal.NOBODY_TOLD)
        if any(operator.name is None for operator in checked["told"]):
            raise BatchRefused(Refusal.LEFT)
    return checked


def _as_it_is(batch: Batch, name: str) -> Any:
    return set(batch.told.all()) if name == "told" else getattr(batch, name)


def _locked(batch: Batch, seen: str | None = None) -> Batch:
    found = Batch.objects.select_for_update().filter(pk=batch.pk).first()
    if found is None:
        raise BatchRefused(Refusal.UNKNOWN)
    _require_seen(found, seen)
    return found


def _require_seen(batch: Batch, seen: str | None) -> None:
    if seen is not None and seen != batch.stamp:
        raise BatchRefused(Refusal.CHANGED_MEANWHILE)


def _simulates(batch: Batch) -> None:
    batch.mode, batch.switched_by, batch.switched_at = Mode.SIMULATION, None, None


def _save(batch: Batch, by: Operator, now: datetime) -> None:
    batch.changed_at, batch.changed_by = now, by
    batch.save()
