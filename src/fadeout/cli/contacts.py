"""``fadeout recency``: why one contact has the recency it has."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import AsOf, Json, Months, chosen_day, chosen_months
from fadeout.recency import queries
from fadeout.recency.queries import Explanation, ListedActivity

WORDS = {
    "validity_end": "counts: the end of validity of a standing line of a dated product",
    "order_day": "counts: the day of the order, for want of a validity that counts",
    "order_day_lapsed": "counts by the day of the order, since the line lapsed",
    "order_day_cancelled": "counts by the day of the order, since the line was cancelled",
    "order_day_returned": "counts by the day of the order, since the line was returned",
    "confirmation_day": "counts: the later of order and confirmation",
    "day_it_happened": "counts: the day it happened",
    "no_activity": "counts, since there is no activity",
    "other_activity": "does not count, since there is activity",
    "automated_click": "does not count: not a human click",
    "changed_by_import": "does not count: changed by an import",
    "changed_by_system": "does not count: changed by the system",
    "no_authorisation_left": "does not count: no authorisation was yes after it",
}


def register(app: typer.Typer) -> None:
    app.command("recency")(recency)


def recency(
    contact_number: Annotated[str, typer.Argument(help="The number of the contact.")],
    months: Months = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Explain one contact: every activity, what counts and why, the exclusions, the due day."""
    with opened_house() as context:
        explanation = queries.explain(
            contact_number=contact_number,
            as_of=chosen_day(as_of, context),
            months=chosen_months(months),
            time_zone=context.house.time_zone,
        )
    if json:
        show.as_json(_as_json(explanation))
    else:
        _print(explanation)


def _as_json(explanation: Explanation) -> dict[str, object]:
    decision = explanation.decision
    return {
        "contact_number": decision.contact_number,
        "outcome": decision.outcome,
        "recency": decision.recency_on,
        "activity": decision.activity,
        "reasons": decision.reasons,
        "due_on": explanation.due_on,
        "activities": [asdict(activity) for activity in explanation.activities],
    }


def _print(explanation: Explanation) -> None:
    decision = explanation.decision
    show.results.print(
        f"Recency [bold]{decision.recency_on}[/], from {decision.activity}. "
        f"Outcome: [bold]{decision.outcome}[/]."
    )
    if decision.reasons:
        show.results.print(f"Kept because: {', '.join(decision.reasons)}.")
    show.results.print(
        f"Inactive as of {explanation.due_on}, if nothing else happens."
        if explanation.due_on
        else "Never inactive within the calendar."
    )
    made = show.table("day", "activity", "", "where", "why")
    for activity in explanation.activities:
        mark = "counts" if activity.counts else "—"
        made.add_row(
            str(activity.day), activity.activity, mark, escape(_where(activity)),
            WORDS[activity.because],
        )  # fmt: skip
    show.results.print(made)


def _where(activity: ListedActivity) -> str:
    if activity.order_number is None:
        return ""
    return f"order {activity.order_number}, line {activity.line}, as {activity.part}"
