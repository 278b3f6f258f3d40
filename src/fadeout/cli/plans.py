"""``fadeout simulate`` and ``fadeout approve``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from fadeout.cli import show
from fadeout.cli.context import Context, opened_house
from fadeout.cli.options import AsOf, By, Json, Months, Yes, chosen_day, chosen_months
from fadeout.core.errors import BadInput
from fadeout.institution import queries as institution
from fadeout.plans import operations, queries, spreadsheet
from fadeout.plans.listed import Preview
from fadeout.plans.models import Plan
from fadeout.policy.outcomes import FORBIDDING, PlanKind
from fadeout.runs import brakes
from fadeout.runs.brakes import Brake, Held

MONTHS_SHOWN = 12
PlanNumber = Annotated[int, typer.Argument(metavar="PLAN", min=1, help="The id of the plan.")]


def register(app: typer.Typer) -> None:
    app.command("simulate")(simulate)
    app.command("approve")(approve)


def simulate(
    months: Months = None,
    as_of: AsOf = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the list as CSV.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write it as a workbook.")] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Show whom the rule would strike, and keep it as a plan. No contact is changed."""
    _require_places(csv, xlsx)
    with opened_house() as context, show.errors.status("Simulating …") as status:
        plan = operations.simulate(
            house=context.house,
            policy=institution.policy_in_force(),
            by=context.operator(by),
            as_of=chosen_day(as_of, context),
            months=chosen_months(months),
            now=context.now,
            progress=lambda stage: status.update(f"Simulating: {stage} …"),
        )
        held = brakes.why_not(plan, now=context.now)
        if csv:
            write_csv(plan, csv)
        if xlsx:
            write_workbook(plan, xlsx)
    if json:
        show.as_json(as_json(plan) | {"brakes": [h.brake for h in held]})
    else:
        print_plan(plan)
        for path in filter(None, (csv, xlsx)):
            show.results.print(f"The list is in {path}.", markup=False)
        print_brakes([h for h in held if h.brake is not Brake.NOT_APPROVED])
        show.results.print(f"Approve it: fadeout approve {plan.pk}")


def approve(plan: PlanNumber, by: By = None, yes: Yes = None) -> None:
    """Approve a plan that you looked at, for exactly these rows."""
    with opened_house() as context:
        found = queries.by_number(plan)
        operations.require_approvable(plan=found, today=context.today)
        print_plan(found)
        typed = show.confirmed_number(
            "Type the number of contacts that will be struck:",
            yes,
            f"Give it with --yes N; N counts all deletions and anonymisations of plan {plan}.",
        )
        operations.approve(
            plan=found, by=context.operator(by), typed=typed, today=context.today, now=context.now
        )
        held = brakes.why_not(found, now=context.now)
    show.results.print(f"Plan {plan} is approved.")
    print_brakes(held)
    if not held:
        show.results.print(f"Run it: fadeout run {plan}")


def confirmed(context: Context, plan: Plan, by: str | None, yes: int | None) -> int:
    """The number of a plan that whoever made it approves at once, and so answers for."""
    typed = typed_number(plan, yes)
    operations.approve(
        plan=plan, by=context.operator(by), typed=typed, today=context.today, now=context.now
    )
    return typed


def typed_number(plan: Plan, yes: int | None) -> int:
    """How many are erased for good, as somebody types it who was just shown the plan.

    Raises:
        BadInput: it is another number, or nobody typed one.
    """
    expected = queries.struck_by(plan)
    typed = show.confirmed_number(
        f"{expected:,} contacts are erased for good. Type that number:",
        yes,
        "Give it with --yes N; N counts all deletions and anonymisations above.",
    )
    if typed != expected:
        raise BadInput(
            f"{typed} is not the number of contacts that are erased. Nothing was changed.",
            way_out="It counts all deletions and anonymisations above.",
        )
    return typed


def print_brakes(held: list[Held]) -> None:
    """Why a plan may not run as it stands."""
    for brake in held:
        show.results.print(f"It may not run yet: {brake.why}", markup=False)
        if brake.way_out:
            show.results.print(f"  {brake.way_out}", markup=False)


def _require_places(csv: Path | None, xlsx: Path | None) -> None:
    """Refuse before simulating, not after minutes of it."""
    if csv and xlsx and csv.absolute() == xlsx.absolute():
        raise BadInput("--csv and --xlsx name the same file.", way_out="Give each its own.")
    for path in filter(None, (csv, xlsx)):
        show.require_place(path)


def write_csv(plan: Plan, path: Path) -> None:
    """The list that simulation prints, as CSV."""
    with show.new_file(path) as draft, draft.open("wb") as file:
        for block in queries.csv_blocks(plan):
            file.write(block)


def write_workbook(plan: Plan, path: Path) -> None:
    """The same as a workbook."""
    with show.new_file(path) as draft:
        spreadsheet.write(plan, draft)


def as_json(plan: Plan) -> dict[str, object]:
    """A plan for scripts."""
    return {
        "plan": plan.pk,
        "as_of": plan.as_of,
        "months": plan.months,
        "cutoff": plan.cutoff,
        "policy": plan.policy_id,
        "fingerprint": plan.fingerprint,
        "struck": queries.struck_by(plan),
        **queries.totals(plan),
    }


def print_plan(plan: Plan) -> None:
    """A plan for people."""
    if plan.kind != PlanKind.INACTIVITY:
        print_listed(plan)
        return
    totals = queries.totals(plan)
    show.results.print(
        f"[bold]Plan {plan.pk}[/]: as of {plan.as_of}, {plan.months} months, "
        f"inactive before {plan.cutoff}."
    )
    show.results.print(
        f"Of {totals['contacts']:,} contacts it would strike {queries.struck_by(plan):,}."
    )
    show.results.print(show.counts("outcome", totals["outcomes"]))
    show.results.print(show.counts("kept because", totals["reasons"]))
    print_removals(totals["removals"])
    forecast = dict(list(totals["forecast"].items())[: MONTHS_SHOWN + 1])
    show.results.print(show.bars("falling due in", "contacts", forecast))


def print_listed(plan: Plan) -> None:
    """A plan of contacts named by hand, or found by their tokens, for people."""
    named = plan.kind == PlanKind.FORGET
    show.results.print(
        f"[bold]Plan {plan.pk}[/]: {'forgets by hand' if named else 'erases again after a restore'}."
    )
    if named:
        print_each(queries.rows(plan))
    _print_counts(plan)


def print_preview(preview: Preview) -> None:
    """What forgetting by hand would do, before it is confirmed, for people."""
    print_each(preview.rows)
    _print_counts(preview.plan)


def _print_counts(plan: Plan) -> None:
    totals = queries.totals(plan)
    show.results.print(show.counts("outcome", totals["outcomes"]))
    if kept := {reason: count for reason, count in totals["reasons"].items() if count}:
        show.results.print(show.counts("reason", kept))
    print_removals(totals["removals"])


def print_each(rows: Iterable[tuple[Any, ...]]) -> None:
    """What becomes of each contact of a plan by hand: what forbids it, what only warns."""
    made = show.table("contact", "outcome", "because of", "in spite of")
    for number, outcome, _, _, reasons in rows:
        told = reasons.split("|") if reasons else []
        made.add_row(
            show.plain(number),
            outcome,
            ", ".join(reason for reason in told if reason in FORBIDDING),
            ", ".join(reason for reason in told if reason not in FORBIDDING),
        )
    show.results.print(made)


def print_removals(removals: dict[str, int]) -> None:
    """Rows by table that erasure removes or changes."""
    made = show.table("rows removed or changed in", "rows", numbers=["rows"])
    for name, rows in sorted(removals.items()):
        made.add_row(name, f"{rows:,}")
    show.results.print(made)
