"""How a run that is under way is told to pause or to be cancelled."""

from __future__ import annotations

from dataclasses import dataclass

from fadeout.core.errors import BadInput
from fadeout.runs import lock, queries
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
        """What is asked of the run by now."""
        if self.interrupted:
            return Wish.PAUSE
        if self.run is None:
            return None
        return Run.objects.values_list("wish", flat=True).get(pk=self.run.pk)

    def is_asked_to_stop(self) -> bool:
        """Whether no further chunk shall begin."""
        return self.wish() is not None


def pause(run: Run) -> None:
    """Ask whoever works on the run to pause it after the chunk at hand.

    Raises:
        BadInput: the run has ended.
    """
    _ask(run, Wish.PAUSE, RunState.PAUSED)


def cancel(run: Run) -> None:
    """End the run for good after the chunk at hand: what is struck stays struck, no more is.

    Raises:
        BadInput: the run has ended.
    """
    _ask(run, Wish.CANCEL, RunState.CANCELLED)


def _ask(run: Run, wish: Wish, state: RunState) -> None:
    asked = Run.objects.filter(pk=run.pk).exclude(state__in=ENDED)
    if not asked.update(wish=wish):
        raise BadInput(
            f"Run {run.pk} has ended: it is {queries.state_in_words(run)}. Nothing was changed."
        )
    if not lock.is_held():  # nobody works on it who could
        asked.update(state=state, wish=None)
