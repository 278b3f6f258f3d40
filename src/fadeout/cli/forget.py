"""``fadeout forget``: delete or anonymise contacts that are named by hand."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from django.db import transaction

from fadeout.cli import show
from fadeout.cli.context import Context, opened_house
from fadeout.cli.options import By, Yes
from fadeout.cli.plans import print_each, print_preview, typed_number
from fadeout.cli.runs import WithoutRecovery, carry_out, conclude
from fadeout.core.errors import BadInput, DidNotHold, FadeoutError
from fadeout.institution import queries as institution
from fadeout.institution.models import Operator
from fadeout.plans import forgetting, queries
from fadeout.plans import operations as plans
from fadeout.plans.forgetting import Forgetting, Named
from fadeout.plans.models import Plan, RowState
from fadeout.runs import operations as runs
from fadeout.runs import queries as run_queries

STANDARD_INPUT = Path("-")

Numbers = Annotated[
    list[str] | None, typer.Argument(metavar="CONTACT_NUMBER", help="Whom to forget.")
]
List = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="LIST",
        help="A file with a contact number on each line; - for standard input.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command("forget")(forget)


def forget(
    numbers: Numbers = None,
    file: List = None,
    by: By = None,
    yes: Yes = None,
    without_recovery: WithoutRecovery = False,
) -> None:
    """Delete or anonymise contacts by hand. Cannot be undone. Says first what it will do, then asks.

    Debtor, creditor, hold, restriction, an open request, an open order or a sale still to take place
    forbid it; being active, a structure or having a role only warn. Whoever may not be forgotten is
    left out, and the exit code is then 1.
    """
    named = _named(numbers, file)
    options = " --without-recovery" if without_recovery else ""
    with opened_house() as context:
        policy = institution.policy_in_force()
        wanted = forgetting.decided(named, house=context.house, policy=policy, today=context.today)
        operator = context.operator(by)
        preview = wanted.preview(by=operator, now=context.now)
        print_preview(preview)
        if twice := len(named) - preview.plan.totals["contacts"]:
            show.results.print(f"Given more than once: {twice:,}.")
        if not queries.struck_by(preview.plan):
            raise DidNotHold("None of them may be forgotten. Nothing was changed.")
        if policy.two_people:
            raise _waits_for_somebody_else(wanted.plan(by=operator, now=context.now), options)
        runs.require_recovery(
            preview.plan, None, context.keyring(), without_recovery=without_recovery
        )
        number = typed_number(preview.plan, yes)
        plan = _approved(wanted, operator, number, context)
        with _telling_that_it_waits(plan, options):
            ended = carry_out(context, plan, by, number, without_recovery=without_recovery)
        conclude(ended)
        _require_all(plan)


def _approved(wanted: Forgetting, by: Operator, number: int, context: Context) -> Plan:
    """The plan, kept only together with the word of whoever answers for it."""
    with transaction.atomic():
        plan = wanted.plan(by=by, now=context.now)
        plans.approve(plan=plan, by=by, typed=number, today=context.today, now=context.now)
    return plan


@contextmanager
def _telling_that_it_waits(plan: Plan, options: str) -> Iterator[None]:
    """Whoever confirmed a plan that could not begin, since another run is under way, is told of it."""
    try:
        yield
    except (FadeoutError, KeyboardInterrupt):
        if run_queries.of_plan(plan) is None:
            show.errors.print(
                f"Nothing was changed yet. Plan {plan.pk} is confirmed and waits: "
                f"fadeout run {plan.pk}{options}"
            )
        raise


def _named(numbers: Sequence[str] | None, file: Path | None) -> list[Named]:
    if bool(numbers) == (file is not None):
        raise BadInput(
            "Name contacts, or give a list: one of the two.",
            way_out="fadeout forget CONTACT_NUMBER…, or fadeout forget --file LIST",
        )
    if file is not None:
        return list(_listed(_content(file)))
    return [Named(f"argument {n}", number) for n, number in enumerate(numbers or (), start=1)]


def _content(file: Path) -> bytes:
    if file == STANDARD_INPUT and sys.stdin is None:
        raise BadInput("There is no standard input to read a list from. Nothing was changed.")
    try:
        return sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()
    except OSError as error:
        raise BadInput(
            f"The list {file} cannot be read: {error.strerror}.", way_out="Nothing was changed."
        ) from error


def _listed(content: bytes) -> Iterator[Named]:
    """The numbers of a list, each with its line; blank lines count, but name nobody."""
    for n, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        try:
            number = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise BadInput(
                f"Line {n} of the list is not UTF-8. Nothing was changed.",
                way_out="Save it as text in UTF-8, with a contact number on each line.",
            ) from error
        if number:
            yield Named(f"line {n}", number)


def _waits_for_somebody_else(plan: Plan, options: str) -> DidNotHold:
    return DidNotHold(
        f"Nothing is forgotten yet: this house asks for two people. The list is kept as plan {plan.pk}.",
        way_out=f"Somebody else approves it: fadeout approve {plan.pk} --by NAME\n"
        f"Then run it: fadeout run {plan.pk}{options}",
    )


def _require_all(plan: Plan) -> None:
    """A part is not all of it: whoever is left stands above, or turned out only under the locks."""
    requalified = plan.rows.filter(state=RowState.REQUALIFIED)
    if requalified.exists():
        show.results.print("Kept after all, since this became known meanwhile:")
        print_each(queries.requalified(plan))
    left = requalified.count() + plan.rows.filter(state=RowState.KEPT).count()
    if left:
        raise DidNotHold(f"{left:,} of {plan.totals['contacts']:,} contacts were not forgotten.")
