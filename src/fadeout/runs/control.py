"""How a run that is under way is told to pause or to be cancelled.

What could go wrong, and what prevents it:

- Whoever works on the run dies before it sees the wish: whoever waits for it carries it out.
- A pause hides a cancellation, which is for good: a wish to cancel is never replaced.
- Another run works at this moment: a run that starts takes *running* from all others, so the one
  that stands at it is the one that the lock is held for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fadeout.core.errors import BadInput
from fadeout.institution.models import Operator
from fadeout.runs import lock, queries, record
from fadeout.runs.models import Run, RunState, Wish

ENDED = (RunState.DONE, RunState.CANCELLED)


@dataclass
class Control:
    """What the command that works on a run was told, by its own terminal or by another command."""

    run: Run | None = None
    interrupted: bool = False

    @property
    def can_pause(self) -> bool:
        """Whether the run is at a stage that looks for a wish."""
        return self.run is not None

    def wish(self) -> str | None:
        """What is asked of the run by now; to cancel weighs more than Ctrl-C."""
        asked = self.run and Run.objects.values_list("wish", flat=True).get(pk=self.run.pk)
        return asked or (Wish.PAUSE if self.interrupted else None)

    def is_asked_to_stop(self) -> bool:
        """Whether no further chunk shall begin."""
        return self.wish() is not None


def pause(run: Run, *, now: datetime, by: Operator | None = None) -> None:
    """Ask whoever works on the run to pause it after the chunk at hand.

    Raises:
        BadInput: the run has come to its end.
    """
    if run.state == RunState.INCOMPLETE:
        raise BadInput(
            _("Run %(run)s has come to its end: it is incomplete. Nothing was changed.")
            % {"run": run.pk},
            **ways_on(run),
        )
    _ask(run, Wish.PAUSE, now, by)


def cancel(run: Run, *, now: datetime, by: Operator | None = None) -> None:
    """End the run for good after the chunk at hand: what is struck stays struck, no more is.

    Raises:
        BadInput: the run has ended.
    """
    _ask(run, Wish.CANCEL, now, by)


def ways_on(run: Run) -> dict[str, str]:
    """What is left to do with a run that stands still: as the ways out of a refusal."""
    told = _("Go on with it (fadeout resume %(run)s) or end it (fadeout cancel %(run)s).")
    return {
        "way_out": told % {"run": run.pk},
        "on_page": _("Go on with it or end it, on the page of the run."),
    }


def is_settled(run: Run, *, now: datetime) -> bool:
    """Whether the wish was seen to; carries it out where nobody lives to do so."""
    if not _is_worked_on(run):
        _carry_out(run, now)
    run.refresh_from_db()
    return run.wish is None


def _ask(run: Run, wish: Wish, now: datetime, by: Operator | None) -> None:
    asked = Run.objects.filter(pk=run.pk).exclude(state__in=ENDED)
    if not asked.exists():
        ended = _("Run %(run)s has ended: it is %(state)s. Nothing was changed.")
        raise BadInput(ended % {"run": run.pk, "state": queries.told_state(run)})
    with transaction.atomic():
        if asked.exclude(wish=Wish.CANCEL).update(wish=wish):
            record.stop_asked(run, wish, by=by, now=now)
    if not _is_worked_on(run):
        _carry_out(run, now)


def _is_worked_on(run: Run) -> bool:
    return lock.is_held() and Run.objects.filter(pk=run.pk, state=RunState.RUNNING).exists()


@transaction.atomic
def _carry_out(run: Run, now: datetime) -> None:
    left = Run.objects.filter(pk=run.pk).exclude(state__in=ENDED)
    if left.filter(wish=Wish.CANCEL).update(
        state=RunState.CANCELLED, ended_at=now, wish=None
    ) or left.filter(wish=Wish.PAUSE).update(state=RunState.PAUSED, wish=None):
        run.refresh_from_db()
        record.stopped(run, by=None, now=now)
