"""``fadeout replay``: after a restore, erase again what had been erased since the backup."""

from __future__ import annotations

import typer

from fadeout.cli import show
from fadeout.cli.context import Context, opened_house
from fadeout.cli.options import By, Yes
from fadeout.cli.plans import confirmed, print_listed
from fadeout.cli.runs import carry_out, conclude
from fadeout.core.errors import DidNotHold
from fadeout.institution import queries as institution
from fadeout.plans import queries
from fadeout.plans.models import Plan, RowState
from fadeout.runs import replay as replays
from fadeout.vault import operations as vault


def register(app: typer.Typer) -> None:
    app.command("replay")(replay)


def replay(by: By = None, yes: Yes = None) -> None:
    """After a restore: erase again whoever had been erased since that backup. Cannot be undone.

    It goes by the tokens in the key folder. Running it again does nothing more.
    """
    with opened_house() as context:
        _require_tokens(context)
        plan = _planned(context, by)
        vault.repeat_expiry(context.keyring(), by=context.operator(by), now=context.now)
        if plan is None:
            show.results.print("Nobody on file was erased before: there is nothing to erase again.")
            return
        print_listed(plan)
        if queries.struck_by(plan):
            conclude(carry_out(context, plan, by, confirmed(context, plan, by, yes)))
        _require_all(plan)


def _planned(context: Context, by: str | None) -> Plan | None:
    with show.errors.status("Looking for erased contacts …") as status:
        return replays.plan_replay(
            house=context.house,
            policy=institution.policy_in_force(),
            by=context.operator(by),
            tokens=context.tokens(),
            now=context.now,
            progress=lambda seen: status.update(f"Looking for erased contacts: {seen:,} seen …"),
        )


def _require_tokens(context: Context) -> None:
    """Nobody is erased again whom the key folder has forgotten: better to say so than to find nobody."""
    missing = replays.tokens_missing(context.tokens(), institution.policy_in_force(), context.today)
    if missing:
        raise DidNotHold(
            f"The key folder does not know all whom this database says were erased. {missing[0]} "
            "Nothing was changed.",
            way_out="Put the key folder back from its own backup, then give the same command again.",
        )


def _require_all(plan: Plan) -> None:
    left = plan.rows.filter(state__in=(RowState.KEPT, RowState.REQUALIFIED))
    if not left.exists():
        return
    made = show.table("not erased again", "because of")
    for row in left.select_related("contact").order_by("pk"):
        if row.contact is not None:
            made.add_row(str(row.contact.public_id), row.kept_because or row.reasons or "in doubt")
    show.results.print(made)
    raise DidNotHold(
        f"{left.count():,} contacts that were erased are on file: somebody needs them since, or nobody "
        "can tell whether they were erased.",
        way_out="Look at each; fadeout forget erases whoever may be forgotten.",
    )
