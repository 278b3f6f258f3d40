"""Runs an approved plan to its end, from wherever it stands.

What could go wrong, and what prevents it:

- A plan is run that nobody approved, that strikes far more than anybody meant, or whose rows are
  not those approved: refused before the first change (:mod:`fadeout.runs.brakes`, fingerprint), also
  when a run goes on.
- Two runs at once: one lock for the database (:mod:`fadeout.runs.lock`).
- The process dies at any point: chunks are all or nothing, the plan's rows are the work list, the
  ticket part repeats harmlessly. Running again goes on.
- Somebody changes their mind: a run pauses or is cancelled between two chunks, never within one.
- "Done" is said of something that is not: a run ends with audits that must find nothing, or it
  ends *incomplete*.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from fadeout.core import clock, sql
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.erasure import finding
from fadeout.institution.models import Institution, Operator
from fadeout.keys.tokens import ErasedTokens
from fadeout.ledger import operations as ledger
from fadeout.plans import outlook, under_way
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import PlanKind
from fadeout.residue.watching import Watch
from fadeout.runs import audits, brakes, lanes, lock, queries, rechecks, record, remains, tickets
from fadeout.runs import progress as signs_of_life
from fadeout.runs.brakes import Lifting
from fadeout.runs.chunks import Setting
from fadeout.runs.control import Control
from fadeout.runs.models import Chunk, Run, RunState, Wish
from fadeout.vault import operations as vault
from fadeout.vault import sealing
from fadeout.vault.keyring import Keyring
from fadeout.vault.sealing import Sealer

ROUNDS_WITHOUT_PROGRESS = 10
#: No database has this name.
RESTORED = "restored"


@dataclass(frozen=True)
class Progress:
    """How far a run is: contacts done of those to strike, and what it is at."""

    stage: str
    done: int
    total: int


Shown = Callable[[Progress], None]


def run_plan(  # noqa: PLR0913 - who runs what, with which keys, seen and stopped by whom
    *,
    plan: Plan,
    house: Institution,
    by: Operator,
    tokens: ErasedTokens,
    keyring: Keyring,
    now: datetime,
    without_recovery: bool = False,
    lifting: Lifting | None = None,
    control: Control | None = None,
    progress: Shown = lambda _: None,
) -> Run:
    """Strike whoever is on the plan and still due, clear old tickets, audit.

    Returns the run: done, incomplete, or paused or cancelled when somebody asked for that; of a plan
    that is done already, as it stands.

    Raises:
        BadInput: the plan is not approved; or the vault is not set up, and the run is not to go without
            recovery.
        DidNotHold: another brake holds it, its rows are not those approved, its run was cancelled,
            or another run is under way.
    """
    control = control or Control()
    with lock.only_one():
        with lock.no_chunk_under_way():
            settle(tokens)
        remains.forget_ended(tokens)
        run = queries.of_plan(plan)
        if run is not None and run.state == RunState.DONE:
            return run
        require_free(plan, run=run, now=now, lifting=lifting)
        _require_rows_approved(plan, run)
        require_recovery(plan, run, keyring, without_recovery=without_recovery)
        has_recovery = _has_recovery(plan, run, keyring, without_recovery)
        run = _start_or_go_on(run, plan, by, now, lifting, has_recovery=has_recovery)
        tokens.note_database(queries.database_name())
        setting = Setting(
            run=run,
            time_zone=house.time_zone,
            tokens=tokens,
            today=clock.local_day(now, house.time_zone),
            recheck=rechecks.of(plan, tokens),
        )
        setting = _start_sealing(setting, keyring, by, now)
        control.run = run
        with signs_of_life.shown(run) as signs:
            _work(setting, control, _seen_by(progress, signs), by=by, now=now)
        remains.forget_ended(tokens)
        return run


def _work(
    setting: Setting, control: Control, progress: Shown, *, by: Operator, now: datetime
) -> None:
    """Strike, clear, audit; or stop where somebody asked for that."""
    run = setting.run
    watch = Watch(control.is_asked_to_stop, lambda *shown: progress(Progress(*shown)))
    known = remains.search(run, setting.tokens, watch)
    setting = replace(setting, residue=known)
    _strike_all(setting, control, progress)
    _clear_tickets(setting, control, progress)
    if known is None or control.is_asked_to_stop():
        control.run = None
        return _stop(run, now, by)
    with audits.beside(run, setting.time_zone) as audited:
        left = remains.settle(run, known, watch, audited.begin_again)
        stops = control.is_asked_to_stop() or left is None
        control.run = None
        if not stops:
            progress(Progress("auditing", 0, 0))
            _finish(run, audited, left or {}, now, by)
    if stops:
        _stop(run, now, by)
    return None


def _seen_by(progress: Shown, signs: signs_of_life.Signs) -> Shown:
    """Shown to whoever gave the command, and to whoever looks from elsewhere."""

    def seen(shown: Progress) -> None:
        signs.show(shown.stage, shown.done, shown.total)
        progress(shown)

    return seen


def settle(tokens: ErasedTokens) -> int:
    """Decide the tokens of chunks that a crash left open: did the chunk commit?

    A database that was put back as files has its name still, but cannot say that one did not.
    """
    name = RESTORED if ledger.has_lost_its_end() else queries.database_name()
    return tokens.settle(lambda chunk: Chunk.objects.filter(pk=chunk).exists(), database=name)


def require_free(
    plan: Plan, *, run: Run | None, now: datetime, lifting: Lifting | None = None
) -> None:
    """Refuse a plan that a brake holds, or whose run was cancelled.

    Raises:
        BadInput: the plan is not approved.
        DidNotHold: another brake holds it, or its run was cancelled.
    """
    if run is not None:
        _refuse_cancelled(run)
    brakes.require_free(plan, run=run, now=now, lifting=lifting)


def _require_rows_approved(plan: Plan, run: Run | None) -> None:
    """Under the lock alone: while a run is under way the rows and its account move."""
    if not queries.rows_are_those_approved(plan, run):
        raise DidNotHold(
            _("The rows of plan %(plan)s are not those that were approved. Nothing was changed.")
            % {"plan": plan.pk},
            way_out=_(
                "They were changed, or another run struck some of these contacts since. Simulate again and "
                "approve the new plan."
            ),
        )


def _refuse_cancelled(run: Run) -> None:
    if run.state == RunState.CANCELLED:
        raise DidNotHold(
            _("Run %(run)s of plan %(plan)s was cancelled. Nothing was changed.")
            % {"run": run.pk, "plan": run.plan_id},
            way_out=_("Simulate again and approve the new plan."),
        )


def require_recovery(
    plan: Plan, run: Run | None, keyring: Keyring, *, without_recovery: bool
) -> None:
    """Refuse a run that would remove what nobody could recover, unless that was said.

    A run that goes on stays as it began. A replay removes nothing that was not removed before.

    Raises:
        BadInput: the vault is not set up; or the run that goes on began with recovery.
        DidNotHold: the recipient is not the one that the vault was set up with.
    """
    if run is not None and run.has_recovery and without_recovery:
        raise BadInput(
            _("Run %(run)s began with recovery, and goes on so.") % {"run": run.pk},
            way_out="Leave out --without-recovery.",
            on_page=_("Go on with it so."),
        )
    if _has_recovery(plan, run, keyring, without_recovery):
        vault.require_own_recipient(keyring)


def _has_recovery(plan: Plan, run: Run | None, keyring: Keyring, without_recovery: bool) -> bool:
    if run is not None:
        return run.has_recovery
    if plan.kind == PlanKind.REPLAY:
        return keyring.recipient() is not None
    return not without_recovery


def _start_sealing(setting: Setting, keyring: Keyring, by: Operator, now: datetime) -> Setting:
    """With data keys of its own for what the run will seal; as it is for a run without recovery."""
    if not setting.run.has_recovery:
        return setting
    days = setting.recheck.days_of_expiry(setting.today)
    if setting.run.plan.kind == PlanKind.REPLAY:
        days = {
            day for day in days if not keyring.has_expired(day, sealed_on=sealing.sealed_on(day))
        }
    sealer = Sealer(
        keyring,
        days=sorted(days),
        now=now,
        by=by,
        layout=list(finding.described()),
    )
    return replace(setting, vault=sealer)


def _start_or_go_on(  # noqa: PLR0913 - a run, as it begins
    run: Run | None,
    plan: Plan,
    by: Operator,
    now: datetime,
    lifting: Lifting | None,
    *,
    has_recovery: bool,
) -> Run:
    with transaction.atomic():
        outlook.note_change()
        # Rows first, then the ledger, as whoever asks a run to stop does: no two wait for each other.
        begun = Run.objects.select_for_update().filter(Q(state=RunState.RUNNING) | Q(plan=plan))
        for left in begun:
            if left.plan_id != plan.pk:  # whoever worked on it is dead: the lock is held here
                _stop(left, now)
        if run is not None:
            return record.started(_go_on(run), by=by, now=now)
        brakes.record(plan, lifting, now=now)
        run = Run.objects.create(
            plan=plan,
            started_at=now,
            started_by=by,
            state=RunState.RUNNING,
            has_recovery=has_recovery,
            figures_before=audits.figures(),
        )
        return record.started(run, by=by, now=now)


def _go_on(run: Run) -> Run:
    """From where it stands. Figures are compared with those of the first start.

    After an end that was incomplete they are taken anew: somebody saw what was found, and it stays on
    record.
    """
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.wish == Wish.CANCEL:
        run.state = RunState.CANCELLED  # whoever was to see to it is dead
    _refuse_cancelled(run)
    if run.audits is not None:
        run.earlier_audits = [*run.earlier_audits, run.audits]
        run.figures_before = audits.figures()
    run.state = RunState.RUNNING
    run.wish = run.audits = run.ended_at = None
    run.save()
    return run


def _strike_all(setting: Setting, control: Control, progress: Shown) -> None:
    """Round after round over the rows that wait, until none is left or nothing moves any more."""
    if control.is_asked_to_stop():
        return
    total = plan_queries.struck_by(setting.run.plan)
    done = total - queries.standing(setting.run).left
    rounds_without_progress = 0
    while done < total and rounds_without_progress < ROUNDS_WITHOUT_PROGRESS:
        before = done
        progress(Progress("striking", done, total))
        for outcome in lanes.one_round(setting, is_asked_to_stop=control.is_asked_to_stop):
            lock.require_still_held()
            done += outcome.struck + outcome.requalified
            progress(Progress("striking", done, total))
        if control.is_asked_to_stop():
            return
        moves = done > before or under_way.any_is()
        rounds_without_progress = 0 if moves else rounds_without_progress + 1
        if done == before:
            time.sleep(0.5)  # whoever holds the remaining contacts may let go
    progress(Progress("striking", done, total))


def _clear_tickets(setting: Setting, control: Control, progress: Shown) -> None:
    if setting.run.plan.kind != PlanKind.INACTIVITY or control.is_asked_to_stop():
        return  # old tickets are a matter of the rule, not of somebody named
    progress(Progress("clearing old tickets", 0, 0))
    for step in tickets.clear(setting):
        progress(Progress("clearing old tickets", step.done, step.of))
        if control.is_asked_to_stop():
            return


@transaction.atomic
def cancel_left(run: Run, *, now: datetime) -> None:
    """End for good a run that nobody works on any more: the lock is held by whoever calls."""
    Run.objects.filter(pk=run.pk).update(wish=Wish.CANCEL)
    _stop(run, now)


@transaction.atomic
def _stop(run: Run, now: datetime, by: Operator | None = None) -> None:
    """Pause, or cancel if that was asked, be it at this very moment; nothing is half done."""
    now = _not_before_its_changes(now)
    outlook.note_change()
    stopped = Run.objects.filter(pk=run.pk)
    if not stopped.filter(wish=Wish.CANCEL).update(
        state=RunState.CANCELLED, wish=None, ended_at=now
    ):
        stopped.exclude(wish=Wish.CANCEL).update(state=RunState.PAUSED, wish=None)
    run.refresh_from_db()
    record.stopped(run, by=by, now=now)


def _finish(
    run: Run, audited: audits.Beside, left: dict[str, int], now: datetime, by: Operator
) -> None:
    with transaction.atomic():
        run.audits = audited.findings() | left
        now = _not_before_its_changes(now)
        holds = not Counter(run.audits).total()
        run.state = RunState.DONE if holds else RunState.INCOMPLETE
        run.ended_at = now
        run.wish = None  # asked for when there was nothing left to stop
        run.save(update_fields=["audits", "state", "ended_at", "wish"])
        outlook.note_change()
        record.ended(run, by=by, now=now)


def _not_before_its_changes(now: datetime) -> datetime:
    """The instant of an end: hours after ``now``, at which the command began, by the database's clock."""
    this_instant: datetime = sql.rows(sql.load("runs", "read_clock"))[0][0]
    return max(now, this_instant)
