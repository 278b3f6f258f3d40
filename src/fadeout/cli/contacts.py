"""``fadeout recency``: why one contact has the recency it has."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer
from rich.markup import escape

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import AsOf, Json, Months, chosen_day, chosen_months
from fadeout.recency import queries
from fadeout.recency.queries import Exclusion, Explanation, ListedActivity

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
        day = chosen_day(as_of, context)
        explanation = queries.explain(
            contact_number=contact_number,
            as_of=day,
            months=chosen_months(months),
            time_zone=context.house.time_zone,
        )
    if json:
        show.as_json(_as_json(explanation))
    else:
        _print(explanation, day)


def _as_json(explanation: Explanation) -> dict[str, object]:
    decision = explanation.decision
    return {
        "contact_number": decision.contact_number,
        "outcome": decision.outcome,
        "recency": decision.recency_on,
        "activity": decision.activity,
        "reasons": decision.reasons,
        "due_on": explanation.due_on,
        "exclusions": [asdict(exclusion) for exclusion in explanation.exclusions],
        "activities": [asdict(activity) for activity in explanation.activities],
    }


def _print(explanation: Explanation, as_of: date) -> None:
    decision = explanation.decision
    show.results.print(
        f"Recency [bold]{decision.recency_on}[/], from {decision.activity}. "
        f"Outcome: [bold]{decision.outcome}[/]."
    )
    if decision.reasons:
        show.results.print(f"Kept because: {', '.join(decision.reasons)}.")
    for exclusion in explanation.exclusions:
        show.results.print(f"  {_what_lies_behind(exclusion)}", markup=False)
    show.results.print(_when_inactive(explanation, as_of))
    made = show.table("day", "activity", "", "where", "why")
    for activity in explanation.activities:
        mark = "counts" if activity.counts else "—"
        made.add_row(
            str(activity.day), activity.activity, mark, escape(_where(activity)),
            WORDS[activity.because],
        )  # fmt: skip
    show.results.print(made)


def _what_lies_behind(exclusion: Exclusion) -> str:
    place = f" with {exclusion.organisation}" if exclusion.organisation else ""
    if exclusion.reason in ("debtor", "creditor", "role"):
        return f"{exclusion.reason}{place}: {exclusion.detail}"
    lasts = f"through {exclusion.until}" if exclusion.until else "open-ended"
    return f"{exclusion.reason}: {exclusion.detail}, {lasts}"


def _when_inactive(explanation: Explanation, as_of: date) -> str:
    due = explanation.due_on
    if due is None:
        return "Never inactive within the calendar."
    if due > as_of:
        return f"Falls due on {due}, if nothing else happens."
    kept = ", but is kept" if explanation.decision.reasons else ""
    return f"Inactive since {due}{kept}."


def _where(activity: ListedActivity) -> str:
    if activity.order_number is None:
        return activity.detail or ""
    return f"order {activity.order_number}, line {activity.line}, as {activity.part}"
