"""``fadeout campaign``: messages to targets, from the first draft to what came back."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from fadeout.campaigns import (
    bounces,
    operations,
    queries,
    readiness,
    sending,
    steering,
    totals,
)
from fadeout.campaigns.models import Campaign, CampaignType, State
from fadeout.campaigns.refusals import Refused, Why
from fadeout.cli import campaign_texts as texts
from fadeout.cli import show
from fadeout.cli.campaign_texts import Id, Language
from fadeout.cli.context import Context, opened_house
from fadeout.cli.options import By, Json
from fadeout.contacts.records import ON_FILE
from fadeout.core import paths
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.links import queries as links
from fadeout.targets import queries as targets
from fadeout.worker import jobs

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Messages to targets: write, look at, send."
)
Typed = Annotated[
    int | None,
    typer.Option("--yes", metavar="N", help="How many contacts get it, instead of typing it."),
]
EXEMPT = (
    "A campaign of type “purchase” goes to contacts who never said yes to it, and to those who said no. It "
    "is only for information directly related to a purchase or reservation of each contact who gets it."
)


def register(parent: typer.Typer) -> None:
    for name, command in (
        ("add", add), ("list", list_), ("show", show_), ("text", texts.text),
        ("preview", texts.preview), ("test", texts.try_out), ("audience", audience),
        ("schedule", schedule), ("send", send), ("pause", pause), ("resume", resume),
        ("cancel", cancel), ("doubt", doubt), ("bounces", take_bounces),
        ("write-again", write_again),
    ):  # fmt: skip
        app.command(name)(command)
    parent.add_typer(app, name="campaign")


def add(
    name: Annotated[str, typer.Argument(help="What it is called in this house.")],
    target: Annotated[str, typer.Option("--target", help="The name of the target.")],
    sender: Annotated[str, typer.Option("--from", help="The address that it comes from.")],
    sender_name: Annotated[str, typer.Option("--from-name", help="The name that it comes from.")],
    kind: Annotated[
        CampaignType, typer.Option("--type", help="What it is about: whose yes it needs.")
    ] = CampaignType.NEWSLETTER,
    about_a_purchase: Annotated[
        bool,
        typer.Option(
            "--about-a-purchase",
            help="Confirm, for type purchase, that it is directly about each contact's own purchase or "
            "reservation; such a campaign asks for nobody's yes.",
        ),
    ] = False,
    reply_to: Annotated[str, typer.Option("--reply-to", help="Where answers go.")] = "",
    language: Language = "en",
    link: Annotated[
        list[str] | None,
        typer.Option("--link", help="A tracked link, by name or code; may be repeated."),
    ] = None,
    per_minute: Annotated[
        int | None, typer.Option("--per-minute", min=1, help="At most so many mails a minute.")
    ] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Set up a campaign, as a draft; its texts come next (fadeout campaign text)."""
    if kind is CampaignType.PURCHASE and not about_a_purchase:
        show.errors.print(EXEMPT, markup=False)
    with opened_house() as context:
        made = operations.create(
            name=name, type=kind, target=targets.by_name(target), sender_name=sender_name,
            sender_address=sender, reply_to=reply_to, language=language, per_minute=per_minute,
            links=[links.named(each) for each in link or []], about_a_purchase=about_a_purchase,
            by=context.operator(by), now=context.now,
        )  # fmt: skip
    if json:
        show.as_json({"id": made.public_id})
        return
    show.results.print(f"Campaign {made.public_id} is a draft.")
    if made.purpose is None:
        show.results.print("It asks for nobody's yes.")


def list_(json: Json = False) -> None:
    """All campaigns, the newest first."""
    with opened_house():
        found = queries.listed(limit=10_000)
        figures_of = totals.standings(found)
    rows = [(campaign, figures_of[campaign.pk]) for campaign in found]
    if json:
        show.as_json({"campaigns": [_summary(c) | f.as_dict() for c, f in rows]})
        return
    made = show.table("id", "name", "type", "state", "sent", "of", numbers=["sent", "of"])
    for campaign, figures in rows:
        made.add_row(
            str(campaign.public_id), show.plain(campaign.name), campaign.type, campaign.state,
            f"{figures.sent:,}", f"{figures.audience:,}",
        )  # fmt: skip
    show.results.print(made)


def show_(campaign: Id, json: Json = False) -> None:
    """One campaign: what it is, what it still lacks, how far it is."""
    with opened_house() as context:
        found = operations.by_public_id(campaign)
        lacks = [str(missing) for missing in readiness.missing(found)]
        figures = totals.standing(found)
        told = _summary(found) | {
            "texts": [text.language for text in found.texts.order_by("language")],
            "links": {p.tag: p.link.name for p in found.placed.select_related("link")},
            "missing": lacks if found.state == State.DRAFT else [],
            "clicked": queries.clicked(found),
            **figures.as_dict(),
        }
        time_zone = context.house.time_zone
    if json:
        show.as_json(told)
        return
    made = show.table("campaign", "")
    for name, value in told.items():
        made.add_row(name.replace("_", " "), show.plain(_written(value, time_zone)))
    show.results.print(made)


def audience(campaign: Id, json: Json = False) -> None:
    """How many contacts get it, and why the others of the target do not."""
    with opened_house() as context:
        found = operations.by_public_id(campaign)
        reach = _reach(found, context)
    if json:
        show.as_json({
            "target": reach.target, "reached": reach.reached,
            "left_out": {str(reason): n for reason, n in reach.left_out.items()},
        })  # fmt: skip
        return
    rows = {"in the target": reach.target, "get it": reach.reached}
    left_out = {f"left out: {reason}".replace("_", " "): n for reason, n in reach.left_out.items()}
    show.results.print(show.counts("", rows | left_out))
    if found.purpose is None:
        show.results.print(EXEMPT, markup=False)


def schedule(
    campaign: Id,
    at: Annotated[
        datetime,
        typer.Argument(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], metavar="YYYY-MM-DDTHH:MM",
            help="In the time zone of the house.",
        ),
    ],
    yes: Typed = None,
    by: By = None,
) -> None:  # fmt: skip
    """Let a draft go at a set time; the worker sends it."""
    with opened_house() as context:
        local = at.replace(tzinfo=ZoneInfo(context.house.time_zone))
        _let_go(operations.by_public_id(campaign), context, yes, by, local)
    show.results.print(f"It begins on {at:%Y-%m-%d at %H:%M} ({context.house.time_zone}).")


def send(
    campaign: Id,
    here: Annotated[
        bool, typer.Option("--here", help="Send in this process, rather than by the worker.")
    ] = False,
    yes: Typed = None,
    by: By = None,
) -> None:
    """Let a draft go now. Each contact gets it once; authorisations are read again for each."""
    with opened_house() as context:
        found = operations.by_public_id(campaign)
        if found.state == State.DRAFT:
            _let_go(found, context, yes, by, None)
        elif not here:
            raise Refused(Why.NOT_A_DRAFT)
        if not here:
            jobs.send_campaign(found.pk)
            show.results.print("The worker sends it (fadeout worker).")
            return
        again = sending.go_on(found.pk, sending.Means(house=context.house, keys=paths.keys()))
        found.refresh_from_db()
        figures = totals.standing(found)
    show.results.print(
        f"Sent to {figures.sent:,}; failed {figures.failed:,}, in doubt {figures.in_doubt:,}, "
        f"left out {figures.left_out_in_all:,}, still to go {figures.waiting:,}."
    )
    if found.state != State.SENT:
        when = f" Go on from {again:%Y-%m-%d %H:%M:%S} UTC." if again else ""
        raise DidNotHold(f"The campaign is {found.state}{_trouble(found)}.{when}")


def pause(campaign: Id, by: By = None) -> None:
    """Halt a campaign that is being sent."""
    with opened_house() as context:
        found = operations.by_public_id(campaign)
        steering.pause(found, by=context.operator(by), now=context.now)
    show.results.print("It is paused; whoever has it keeps it.")


def resume(campaign: Id, by: By = None) -> None:
    """Go on with a campaign that is paused; the worker sends it."""
    with opened_house() as context:
        found = operations.by_public_id(campaign)
        steering.resume(found, by=context.operator(by), now=context.now)
        jobs.send_campaign(found.pk)
    show.results.print("It goes on (fadeout worker).")


def cancel(
    campaign: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    by: By = None,
) -> None:
    """End a campaign for good; whoever has it keeps it."""
    with opened_house() as context:
        found = operations.by_public_id(campaign)
        show.require_yes("Nobody else gets it then. Go on?", given=yes)
        steering.cancel(found, by=context.operator(by), now=context.now)
    show.results.print("It is cancelled.")


def doubt(
    campaign: Id,
    send_again: Annotated[
        bool,
        typer.Option(
            "--send-again/--count-as-sent", help="Perhaps somebody gets it twice / never."
        ),
    ],
    by: By = None,
) -> None:
    """Decide about mails of which nobody knows whether they went out: the sender died over them."""
    with opened_house() as context:
        found = operations.by_public_id(campaign)
        count = steering.decide_doubt(
            found, send_again=send_again, by=context.operator(by), now=context.now
        )
        if send_again:
            jobs.send_campaign(found.pk)
    show.results.print(
        f"{count:,} {'will be sent again' if send_again else 'count as sent'}.", markup=False
    )


def take_bounces(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An mbox or one report; - is the input.")],
    json: Json = False,
) -> None:  # fmt: skip
    """Take in reports of mails that came back (RFC 3464): what bounced is recorded at its message."""
    content = sys.stdin.buffer.read() if file == "-" else texts.content_of(Path(file))
    with opened_house():
        taken = bounces.take_in(content)
    if json:
        show.as_json(vars(taken))
        return
    made = show.table("reports", "", numbers=[""])
    for name, count in vars(taken).items():
        made.add_row(name.replace("_", " "), f"{count:,}")
    show.results.print(made)


def write_again(
    contact: Annotated[str, typer.Argument(help="A contact number.")],
) -> None:
    """Write to a contact's address again though an earlier mail came back from it."""
    with opened_house():
        found = ON_FILE.filter(contact_number=contact).first()
        if found is None:
            raise BadInput("There is no contact of this number on file.")
        is_new = bounces.write_again(found)
    show.results.print(
        "Campaigns reach this address again."
        if is_new
        else "No mail had come back from this address."
    )


def _let_go(
    found: Campaign, context: Context, yes: int | None, by: str | None, at: datetime | None
) -> None:
    if lacks := readiness.missing(found):
        raise Refused(Why.NOT_READY, what=" ".join(map(str, lacks)))
    reach = _reach(found, context)
    show.errors.print(
        f"Of {reach.target:,} contacts of the target {reach.reached:,} get it.", markup=False
    )
    if found.purpose is None:
        show.errors.print(EXEMPT, markup=False)
    typed = show.confirmed_number(
        "Type the number of contacts who get it:", yes, "Give it with --yes N."
    )
    steering.let_go(
        found, typed=typed, by=context.operator(by), now=context.now,
        time_zone=context.house.time_zone, at=at,
    )  # fmt: skip


def _reach(found: Campaign, context: Context) -> Any:
    return steering.reaches(found, now=context.now, time_zone=context.house.time_zone)


def _summary(found: Campaign) -> dict[str, Any]:
    return {
        "id": found.public_id, "name": found.name, "type": found.type, "state": found.state,
        "target_name": found.target.name, "needs_yes_for": found.purpose,
        "from": found.sender_address, "language": found.language, "per_minute": found.per_minute,
        "scheduled_at": found.scheduled_at, "started_at": found.started_at,
        "ended_at": found.ended_at, "trouble": found.trouble,
    }  # fmt: skip


def _written(value: Any, time_zone: str) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _trouble(found: Campaign) -> str:
    return f" ({found.trouble})" if found.trouble else ""
