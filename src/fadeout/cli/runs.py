"""``fadeout run``, ``pause``, ``resume``, ``cancel`` and ``status``."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer
from django.db import Error
from rich.progress import Progress as Bar

from fadeout.cli import show, standing
from fadeout.cli.context import Context, opened_house
from fadeout.cli.failures import what_failed
from fadeout.cli.options import By, Json, Yes
from fadeout.cli.plans import PlanNumber
from fadeout.core.errors import INTERRUPTED, BadInput, DidNotHold
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import PlanKind
from fadeout.runs import control, housekeeping, operations, queries, remains
from fadeout.runs.brakes import Lifting, again
from fadeout.runs.control import ENDED, Control
from fadeout.runs.models import Run, RunState
from fadeout.runs.operations import Progress

PATIENCE_SECONDS = 60.0
RunNumber = Annotated[int, typer.Argument(metavar="RUN", min=1, help="The id of the run.")]
Override = Annotated[
    str | None,
    typer.Option(
        "--override",
        metavar="REASON",
        help="Run although it strikes more than the policy lets it; for administrators, with --by.",
    ),
]
WithoutRecovery = Annotated[
    bool,
    typer.Option(
        "--without-recovery",
        help="Seal nothing: not even support can recover what this run removes.",
    ),
]
Scrub = Annotated[
    bool,
    typer.Option(
        "--scrub",
        help="Afterwards rewrite the tables, so that not even the files hold what was removed; "
        "locks them meanwhile.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("cancel")(cancel)
    app.command("status")(status)


def run(
    plan: PlanNumber,
    by: By = None,
    yes: Yes = None,
    override: Override = None,
    without_recovery: WithoutRecovery = False,
    scrub: Scrub = False,
) -> None:
    """Run an approved plan, or go on with its run. Cannot be undone. Ctrl-C pauses it."""
    with opened_house() as context:
        _bring_to_its_end(
            context,
            plan_queries.by_number(plan),
            by=by,
            yes=yes,
            override=override,
            without_recovery=without_recovery,
            scrub=scrub,
        )


def resume(run: RunNumber, by: By = None, yes: Yes = None, scrub: Scrub = False) -> None:
    """Go on with a run that was paused or interrupted."""
    with opened_house() as context:
        found = queries.by_number(run)
        # A scrub that was refused asks to give the same command again.
        if found.state in ENDED and not (scrub and found.state == RunState.DONE):
            raise BadInput(f"Run {run} has ended: it is {queries.state_in_words(found)}.")
        _bring_to_its_end(context, found.plan, by=by, yes=yes, scrub=scrub)


def pause(run: RunNumber, by: By = None) -> None:
    """Pause a run after the chunk at hand, from another terminal."""
    with opened_house() as context:
        found = queries.by_number(run)
        control.pause(found, now=context.now, by=context.operator(by))
        state = _wait_for_end_of_chunk(found, context)
    if state != RunState.PAUSED:
        raise DidNotHold(f"Run {run} was not paused: it is {state}.")
    show.results.print(f"Run {run} is {state}. Go on with: fadeout resume {run}")


def cancel(run: RunNumber, by: By = None) -> None:
    """End a run for good after the chunk at hand: what is struck stays struck, no more is."""
    with opened_house() as context:
        found = queries.by_number(run)
        control.cancel(found, now=context.now, by=context.operator(by))
        state = _wait_for_end_of_chunk(found, context)
        stands = queries.standing(found)
        remains.forget_ended(context.tokens())
    if state != RunState.CANCELLED:
        raise DidNotHold(f"Run {run} was not cancelled: it is {state}.")
    show.results.print(
        f"Run {run} is {state}: {stands.struck:,} struck, {stands.left:,} left as they are."
    )


def status(
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The latest if left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell where a run stands: struck, left, requalified, kept."""
    with opened_house():
        found = queries.latest() if run is None else queries.by_number(run)
        if found is None:
            if json:
                show.as_json({"run": None})
            else:
                show.results.print("Nothing was run yet.")
        elif json:
            show.as_json(standing.as_json(found))
        else:
            standing.print_run(found)


def _bring_to_its_end(
    context: Context,
    plan: Plan,
    *,
    by: str | None,
    yes: int | None,
    scrub: bool,
    override: str | None = None,
    without_recovery: bool = False,
) -> None:
    earlier = queries.of_plan(plan)
    if earlier is not None and earlier.state == RunState.DONE:
        show.results.print(f"Plan {plan.pk} is done already (run {earlier.pk}).")
    else:
        lifting = _lifting(context, override, by)
        ended = carry_out(context, plan, by, yes, lifting, without_recovery=without_recovery)
        conclude(ended, " --scrub" if scrub else "")
    if scrub:
        _scrub()


def carry_out(
    context: Context,
    plan: Plan,
    by: str | None,
    yes: int | None,
    lifting: Lifting | None = None,
    *,
    without_recovery: bool = False,
) -> Run:
    """Run a plan once its number is confirmed; Ctrl-C pauses."""
    # Before a person types a number for nothing; it is looked at again under the lock.
    earlier = queries.of_plan(plan)
    operations.require_free(plan, run=earlier, now=context.now, lifting=lifting)
    operations.require_recovery(plan, earlier, context.keyring(), without_recovery=without_recovery)
    _confirm(plan.pk, plan_queries.struck_by(plan), yes)
    listening = Control()
    with _pausing_at_ctrl_c(listening), show.progress() as bar:
        return operations.run_plan(
            plan=plan,
            house=context.house,
            by=context.operator(by),
            tokens=context.tokens(),
            keyring=context.keyring(),
            now=context.now,
            without_recovery=without_recovery,
            lifting=lifting,
            control=listening,
            progress=_shown_on(bar),
        )


def conclude(run: Run, options: str = "") -> None:
    """Tell how a run ended, tidy up after it, and leave with 0 only if it is done.

    Args:
        run: as it ended.
        options: what to add to the command that goes on with it.
    """
    standing.print_run(run)
    # Of a few who were named, PostgreSQL tidies up by itself.
    if run.state in (RunState.DONE, RunState.INCOMPLETE) and run.plan.kind != PlanKind.FORGET:
        _tidy()
    _require_ended_well(run, options)


def _lifting(context: Context, reason: str | None, by: str | None) -> Lifting | None:
    if reason is None:
        return None
    if by is None:
        raise BadInput("An override needs somebody who answers for it.", way_out="Add --by NAME.")
    return Lifting(reason=reason, by=context.operator(by))


@contextmanager
def _pausing_at_ctrl_c(listening: Control) -> Iterator[None]:
    """The first Ctrl-C pauses after the chunk at hand; the next one, or before the first chunk, stops."""

    def heard(_signum: int, _frame: FrameType | None) -> None:
        if listening.can_pause and not listening.interrupted:
            listening.interrupted = True
            show.errors.print("Pausing after the chunk at hand. Press again to stop at once.")
            return
        raise KeyboardInterrupt

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _require_ended_well(run: Run, options: str) -> None:
    """Leave with 130 for a pause by Ctrl-C, with 1 for whatever else is not done."""
    if run.state == RunState.DONE:
        return
    if run.state == RunState.PAUSED:
        show.errors.print(
            "Paused. What is struck stays struck, nothing is half done.\n"
            f"Go on with: fadeout resume {run.pk}{options}"
        )
        raise typer.Exit(INTERRUPTED)
    if run.state == RunState.CANCELLED:
        raise DidNotHold(
            f"Run {run.pk} was cancelled.",
            way_out=f"For whoever is left: {again(run.plan)[0]}",
        )
    raise DidNotHold(
        f"Run {run.pk} is incomplete.",
        way_out="See what did not hold above; run it again to go on: "
        f"fadeout run {run.plan_id}{options}",
    )


def _wait_for_end_of_chunk(run: Run, context: Context) -> str:
    """Chunks take about half a second: wait until the wish is seen to."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        if control.is_settled(run, now=context.now):
            return queries.state_in_words(run)
        if time.monotonic() > give_up:
            raise DidNotHold(
                f"Run {run.pk} has not stopped within {PATIENCE_SECONDS:.0f} seconds.",
                way_out=f"It will as soon as its chunk ends; see fadeout status {run.pk}",
            )
        time.sleep(0.1)


def _tidy() -> None:
    """A failure here takes nothing from the run, which is committed."""
    try:
        with show.errors.status("Vacuuming …") as status:
            housekeeping.tidy(lambda what: status.update(f"{what} …"))
    except Error as error:
        raise DidNotHold(
            f"The run stands as told above; not all its tables are vacuumed. {what_failed(error)}",
            way_out="PostgreSQL vacuums them by itself in a while.",
        ) from error


def _scrub() -> None:
    with show.errors.status("Scrubbing …") as status:
        housekeeping.scrub(lambda what: status.update(f"{what} …"))
    show.results.print("The tables are rewritten; the files hold nothing of what was removed.")


def _confirm(plan: int, expected: int, yes: int | None) -> None:
    typed = show.confirmed_number(
        f"Plan {plan} strikes {expected:,} contacts for good. Type that number:",
        yes,
        f"Give it with --yes N; N counts all deletions and anonymisations of plan {plan}.",
    )
    if typed != expected:
        raise BadInput(
            f"{typed} is not the number of contacts in plan {plan}. Nothing was changed.",
            way_out="N counts all deletions and anonymisations of the plan, also when going on.",
        )


def _shown_on(bar: Bar) -> operations.Shown:
    tasks: dict[str, int] = {}

    def shown(progress: Progress) -> None:
        total = progress.total or None
        if progress.stage not in tasks:
            tasks[progress.stage] = bar.add_task(progress.stage, total=total)
        bar.update(tasks[progress.stage], completed=progress.done, total=total)  # type: ignore[arg-type]

    return shown
