"""``fadeout link``: addresses whose clicks are counted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Json
from fadeout.core import paths
from fadeout.core.errors import BadInput
from fadeout.links import addresses, destinations, operations, qr, queries
from fadeout.links.models import TrackedLink
from fadeout.links.queries import Count, CountedDay
from fadeout.links.tokens import LinkKeys

DAYS_SHOWN = 30

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Addresses whose clicks are counted."
)
Link = Annotated[str, typer.Argument(metavar="LINK", help="Its name or its code.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]
Utm = Annotated[str, typer.Option(help="Added to the address, for the statistics of the site.")]


def register(parent: typer.Typer) -> None:
    app.command("add")(add)
    app.command("list")(list_)
    app.command("show")(show_)
    app.command("qr")(qr_)
    app.command("retire")(retire)
    app.command("restore")(restore)
    app.command("renew-key")(renew_key)
    parent.add_typer(app, name="link")


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    destination: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Where it leads, for good: https://…")
    ],
    utm_source: Utm = "",
    utm_medium: Utm = "",
    utm_campaign: Utm = "",
    utm_term: Utm = "",
    utm_content: Utm = "",
    by: By = None,
    json: Json = False,
) -> None:
    """Make a tracked link, with an address for everybody."""
    values = (utm_source, utm_medium, utm_campaign, utm_term, utm_content)
    with opened_house() as context:
        leads_to = destinations.with_utm(
            destinations.checked(destination), dict(zip(destinations.UTM, values, strict=True))
        )
        made = operations.add(
            name=name, destination=leads_to, by=context.operator(by), now=context.now
        )
    if json:
        show.as_json(_told(made, Count()))
        return
    show.results.print(f"{_address(made)} leads to {made.destination}", markup=False)


def list_(json: Json = False) -> None:
    """List all links with what was counted of each."""
    with opened_house():
        found = queries.all_links()
    if json:
        show.as_json({"links": [_told(each.link, each.count) for each in found]})
        return
    numbers = ["people", "programs", "contacts"]
    made = show.table("code", "name", *numbers, "leads to", "", numbers=numbers)
    for each in found:
        link, count = each.link, each.count
        made.add_row(
            link.code, show.plain(link.name), f"{count.human:,}", f"{count.automated:,}",
            f"{count.contacts:,}", show.plain(link.destination), "retired" if link.retired_at else "",
        )  # fmt: skip
    show.results.print(made)


def show_(link: Link, json: Json = False) -> None:
    """Show one link and what was counted of it in the last thirty days."""
    with opened_house() as context:
        found = queries.named(link)
        count = queries.count(found)
        days = queries.days(found, since=context.today - timedelta(days=DAYS_SHOWN - 1))
    if json:
        show.as_json(_told(found, count) | {"days": [_day(day) for day in days]})
        return
    show.results.print(f"{found.name}: {_address(found)}", markup=False)
    show.results.print(f"It leads to {found.destination}", markup=False)
    if found.retired_at:
        show.results.print(f"It was retired on {found.retired_at:%Y-%m-%d}, and leads nowhere.")
    show.results.print(
        f"Clicks by people: {count.human:,}. By programs: {count.automated:,}. "
        f"Contacts who clicked on a link of their own: {count.contacts:,}."
    )
    if days:
        show.results.print(show.bars("day", "people", {f"{d.day}": d.human for d in days}))


def qr_(
    link: Link,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends with .svg or .png; is replaced.")
    ],
) -> None:
    """Write the QR code of the address for everybody."""
    form = file.suffix.lower().lstrip(".")
    if form not in list(qr.Form):
        raise BadInput(
            "A QR code is written as .svg or .png.", way_out="Let the file end with one of these."
        )
    show.require_place(file)
    with opened_house():
        found = queries.named(link)
    drawn = qr.drawn(addresses.address(found.code), qr.Form(form))
    with show.new_file(file) as draft:
        draft.write_bytes(drawn)
    show.results.print(f"The QR code of {_address(found)} is in {file}.", markup=False)


def retire(link: Link, yes: Yes = False) -> None:
    """End a link: it leads nowhere any more. What was counted stays."""
    with opened_house() as context:
        found = queries.named(link)
        show.require_yes(
            "Whoever opens it from a mail or a poster then reads that it has ended. Go on?",
            given=yes,
        )
        ended = operations.retire(found, now=context.now)
    show.results.print("The link is retired." if ended else "The link was retired already.")


def restore(link: Link) -> None:
    """Let a retired link lead on again."""
    with opened_house():
        back = operations.restore(queries.named(link))
    show.results.print("The link leads on again." if back else "The link leads on already.")


def renew_key(yes: Yes = False) -> None:
    """Make another key for contacts' own links, after the old one became known.

    Links that are out still open as long as the file of the old key is there: remove it from the key folder
    to end them.
    """
    with opened_house() as context:
        show.require_yes("Links go out under another key from now on. Go on?", given=yes)
        context.tokens()  # refuses the key folder of another house
        version = LinkKeys(paths.keys()).renew()
    show.results.print(f"Links go out under key {version} from now on: links-{version}.key.")


def _address(link: TrackedLink) -> str:
    """The whole address; without the site where nobody said what it is."""
    return addresses.address(link.code) if settings.PUBLIC_URL else f"{addresses.UNDER}{link.code}"


def _told(link: TrackedLink, count: Count) -> dict[str, Any]:
    return {
        "code": link.code, "name": link.name, "address": _address(link), "destination": link.destination,
        "created_at": link.created_at, "created_by": link.created_by.public_id,
        "retired_at": link.retired_at,
        "clicks": {"people": count.human, "programs": count.automated, "contacts": count.contacts},
    }  # fmt: skip


def _day(day: CountedDay) -> dict[str, Any]:
    return {"day": day.day, "people": day.human, "programs": day.automated}
