"""Options that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from fadeout.cli.context import Context
from fadeout.core.errors import BadInput
from fadeout.institution import queries

LONGEST_PERIOD = 1_200

Months = Annotated[
    int | None,
    typer.Option("--months", help="Period of inactivity in months; the policy's if left out."),
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Today if left out."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")]
By = Annotated[
    str | None, typer.Option("--by", help="Who does this; the user of this machine if left out.")
]
Yes = Annotated[
    int | None,
    typer.Option("--yes", metavar="N", help="The number of contacts to strike, instead of typing."),
]


def chosen_day(as_of: datetime | None, context: Context) -> date:
    """The "as of" day that was given, or today in the house's time zone."""
    return as_of.date() if as_of else context.today


def chosen_months(months: int | None) -> int:
    """The period that was given, or the policy's.

    Raises:
        BadInput: less than a month, or more than a century.
    """
    chosen = queries.policy_in_force().months if months is None else months
    if not 1 <= chosen <= LONGEST_PERIOD:
        raise BadInput(f"--months must lie between 1 and {LONGEST_PERIOD}, not {chosen}.")
    return chosen
