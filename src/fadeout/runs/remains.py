"""What a run has to know of whom it strikes, so that nothing about them stays in texts about others.

Its files live in the key folder for as long as the run may go on: until it is done or cancelled.
"""

from __future__ import annotations

from collections.abc import Callable

from fadeout.core import sql
from fadeout.core.errors import DidNotHold
from fadeout.institution import queries as institution
from fadeout.keys.run_files import RunFiles, sweep
from fadeout.keys.tokens import ErasedTokens
from fadeout.residue import operations as residue
from fadeout.residue.operations import Question, Residue
from fadeout.residue.watching import Watch
from fadeout.runs import queries
from fadeout.runs.control import ENDED
from fadeout.runs.models import Run


def search(run: Run, tokens: ErasedTokens, watch: Watch) -> Residue | None:
    """Search before the first chunk, or go on with what was found then; None if asked to stop.

    Raises:
        DidNotHold: the run struck contacts already, and what it knew of them is missing or damaged.
    """
    files = RunFiles(tokens.folder, _house(), _label(run))
    if files.exist():
        return residue.go_on(run.pk, files, watch)
    if queries.standing(run).struck:
        raise DidNotHold(
            f"What run {run.pk} knew of the contacts that it struck is not in the key folder any more.",
            way_out="Put back the key folder that it began with. If it is lost, end the run (fadeout "
            f"cancel {run.pk}) and simulate again: texts are then not searched for those it struck.",
        )
    waiting = Question(sql.load("runs", "contacts_waiting"), {"plan": run.plan_id})
    return residue.begin(run.pk, files, waiting, watch)


def settle(
    run: Run, known: Residue, watch: Watch, before_changes: Callable[[], None] = lambda: None
) -> dict[str, int] | None:
    """Take out what is left in the end; audit -> findings, or None if asked to stop."""
    remaining = Question(sql.load("runs", "contacts_not_struck"), {"plan": run.plan_id})
    return residue.settle(known, remaining, watch, before_changes)


def forget_ended(tokens: ErasedTokens) -> None:
    """Destroy the files of runs that are done or cancelled, and of those that nobody knows any more."""
    unfinished = Run.objects.exclude(state__in=ENDED).select_related("plan")
    sweep(tokens.folder, _house(), {_label(run) for run in unfinished})


def _house() -> str:
    return institution.current().public_id.hex


def _label(run: Run) -> str:
    return f"{run.pk} {run.started_at.isoformat()} {run.plan.fingerprint}"
