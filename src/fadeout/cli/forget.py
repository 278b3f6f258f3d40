"""``fadeout forget``: delete or anonymise contacts that are named by hand."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Yes
from fadeout.cli.plans import confirmed, print_each, print_listed
from fadeout.cli.runs import WithoutRecovery, carry_out, conclude
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution import queries as institution
from fadeout.plans import forgetting, queries
from fadeout.plans.forgetting import Named
from fadeout.plans.models import Plan, RowState

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
    with opened_house() as context:
        plan = forgetting.plan_forgetting(
            named,
            house=context.house,
            policy=institution.policy_in_force(),
            by=context.operator(by),
            today=context.today,
            now=context.now,
        )
        print_listed(plan)
        if twice := len(named) - plan.totals["contacts"]:
            show.results.print(f"Given more than once: {twice:,}.")
        if not queries.struck_by(plan):
            raise DidNotHold("None of them may be forgotten. Nothing was changed.")
        _require_one_person_enough(plan, " --without-recovery" if without_recovery else "")
        number = confirmed(context, plan, by, yes)
        conclude(carry_out(context, plan, by, number, without_recovery=without_recovery))
        _require_all(plan)


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


def _require_one_person_enough(plan: Plan, options: str) -> None:
    if plan.policy.two_people:
        raise DidNotHold(
            "Nothing is forgotten yet: this house asks for two people.",
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
