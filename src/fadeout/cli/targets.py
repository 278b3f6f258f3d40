"""``fadeout target``: questions about contacts that have a name."""

from __future__ import annotations

import json as json_format
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fadeout.cli import show
from fadeout.cli.asked import Asked
from fadeout.cli.context import Context, opened_house
from fadeout.cli.options import By, Json
from fadeout.core.errors import BadInput
from fadeout.targets import export, operations, queries, words
from fadeout.targets.explaining import Why
from fadeout.targets.explaining import why as explain
from fadeout.targets.models import Target

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Questions about contacts that have a name."
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the target.")]


def register(parent: typer.Typer) -> None:
    app.command("add")(add)
    app.command("list")(list_)
    app.command("show")(show_)
    app.command("count")(count)
    app.command("sample")(sample)
    app.command("why")(why)
    app.command("freeze")(freeze)
    app.command("export")(export_)
    app.command("remove")(remove)
    parent.add_typer(app, name="target")


def add(
    name: Name,
    conditions: Annotated[
        Path | None,
        typer.Option(
            "--conditions", metavar="FILE", help="Conditions as JSON; - for standard input."
        ),
    ] = None,
    recency_before: Annotated[
        str | None,
        typer.Option("--recency-before", metavar="DAY", help="As 20241128 or 2024-11-28."),
    ] = None,
    recency_from: Annotated[
        str | None, typer.Option("--recency-from", metavar="DAY", help="On this day or later.")
    ] = None,
    due_within: Annotated[
        str | None, typer.Option("--due-within", metavar="MONTHS", help="By the policy's period.")
    ] = None,
    authorisation: Annotated[
        list[str] | None,
        typer.Option(
            "--authorisation", metavar="PURPOSE/CHANNEL[=ANSWER]", help="Yes if left out."
        ),
    ] = None,
    criterion: Annotated[
        list[str] | None,
        typer.Option("--criterion", metavar="NAME[=VALUE]", help="Set at all, or so."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="individual, relay or structure.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="As de or de-CH.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="As CH.")] = None,
    postcode: Annotated[
        str | None,
        typer.Option(
            "--postcode", help="One, the beginning of some (12*), or a range (1200-1299)."
        ),
    ] = None,
    organisation: Annotated[
        list[str] | None, typer.Option("--organisation", metavar="CODE", help="Bought from it.")
    ] = None,
    product: Annotated[
        list[str] | None, typer.Option("--product", metavar="CODE", help="Bought it.")
    ] = None,
    created_before: Annotated[str | None, typer.Option("--created-before", metavar="DAY")] = None,
    created_from: Annotated[str | None, typer.Option("--created-from", metavar="DAY")] = None,
    email: Annotated[
        bool | None, typer.Option("--email/--no-email", help="Has an e-mail address, or has none.")
    ] = None,
    member_of: Annotated[
        list[str] | None, typer.Option("--in", metavar="TARGET", help="Is in another target.")
    ] = None,
    not_in: Annotated[
        list[str] | None, typer.Option("--not-in", metavar="TARGET", help="Is not in it.")
    ] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Make a target: whoever meets all that is given."""
    asked = Asked()
    asked.value("recency", "before", recency_before)
    asked.value("recency", "from", recency_from)
    asked.value("recency", "due_within", due_within)
    for given in authorisation or ():
        asked.authorisation(given)
    for given in criterion or ():
        asked.criterion(given)
    for on, one in (("kind", kind), ("language", language), ("country", country)):
        asked.value(on, "is", one)
    asked.postcode(postcode)
    for on, many in (("organisation", organisation), ("product", product)):
        for code in many or ():
            asked.value(on, "is", code)
    asked.value("created", "before", created_before)
    asked.value("created", "from", created_from)
    if email is not None:
        asked.parts.append({"on": "email", "test": "set" if email else "not_set"})
    with opened_house() as context:
        asked.targets(member_of or (), not_in or ())
        data = asked.with_file(_read(conditions) if conditions else None)
        made = operations.add(name=name, conditions=data, by=context.operator(by), now=context.now)
        found = _counted(made, context)
    if json:
        show.as_json(found)
    else:
        _print(made, found)


def _read(path: Path) -> Any:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return json_format.loads(text)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json_format.JSONDecodeError) else ""
        raise BadInput(
            f"{path} is not JSON{where}.",
            way_out="docs/how-to/targets.md shows what it looks like.",
        ) from error


def list_(json: Json = False) -> None:
    """Tell which targets there are, and what they ask."""
    with opened_house():
        rows = [_as_json(target) for target in queries.all_targets()]
    if json:
        show.as_json({"targets": rows})
        return
    made = show.table("name", "kind", "asks")
    for row in rows:
        made.add_row(show.plain(row["name"]), row["kind"], show.plain(row["asks"]))
    show.results.print(made)


def show_(name: Name, json: Json = False) -> None:
    """Tell what a target asks, and how many contacts are in it."""
    with opened_house() as context:
        target = queries.by_name(name)
        found = _counted(target, context)
    if json:
        show.as_json(found | {"conditions": target.conditions})
    else:
        _print(target, found)


def count(name: Name, json: Json = False) -> None:
    """Count the contacts of a target."""
    with opened_house() as context:
        found = _counted(queries.by_name(name), context)
    if json:
        show.as_json(found)
    else:
        show.results.print(f"{found['contacts']:,}")


def sample(name: Name, json: Json = False) -> None:
    """Show a few contacts of a target, the same ones each time."""
    with opened_house() as context:
        target = queries.by_name(name)
        rows = [
            {
                "contact_number": one.contact.contact_number,
                "first_name": one.contact.first_name,
                "last_name": one.contact.last_name,
                "language": one.contact.language,
                "country": one.contact.country,
                "recency": one.recency_on,
            }
            for one in queries.sample(
                queries.contacts(target, context.now, context.house.time_zone)
            )
        ]
    if json:
        show.as_json({"sample": rows})
        return
    made = show.table("contact", "first name", "last name", "language", "country", "recency")
    for row in rows:
        made.add_row(*(show.plain(str(value or "")) for value in row.values()))
    show.results.print(made)


def why(
    name: Name,
    contact_number: Annotated[str, typer.Argument(metavar="CONTACT", help="Its number.")],
    json: Json = False,
) -> None:
    """Tell why a contact is in a target, or why not."""
    with opened_house() as context:
        target, contact = queries.by_name(name), queries.on_file(contact_number)
        found = contact and explain(target, contact, context.now, context.house.time_zone)
    if not found:
        raise BadInput("There is no contact of this number on file.")
    if json:
        show.as_json(_why_as_json(found))
        return
    show.results.print("It is in." if found.holds else "It is not in.")
    _print_why(found, 0)


def _why_as_json(found: Why) -> dict[str, Any]:
    return {
        "says": found.says, "holds": found.holds, "found": found.found,
        "parts": [_why_as_json(part) for part in found.parts],
    }  # fmt: skip


def _print_why(found: Why, depth: int) -> None:
    mark = "yes" if found.holds else "no "
    behind = f"  [{found.found}]" if found.found else ""
    show.results.print(f"{'  ' * depth}{mark} {found.says}{behind}", markup=False)
    for part in found.parts:
        _print_why(part, depth + 1)


def freeze(
    name: Name,
    as_: Annotated[str, typer.Argument(metavar="NEW_NAME", help="What the frozen one is called.")],
    by: By = None,
    json: Json = False,
) -> None:
    """Make a target of whoever is in this one now; only erasure takes anybody out."""
    with opened_house() as context:
        made = operations.freeze(
            queries.by_name(name), name=as_, by=context.operator(by), now=context.now,
            time_zone=context.house.time_zone,
        )  # fmt: skip
        found = _counted(made, context)
    if json:
        show.as_json(found)
    else:
        _print(made, found)


def export_(
    name: Name,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV to write.")],
    by: By = None,
    json: Json = False,
) -> None:
    """Write the list of a target as CSV; who did is put on record."""
    total = 0
    show.require_place(path)
    with opened_house() as context, show.new_file(path) as draft:
        target = queries.by_name(name)
        with draft.open("w", encoding="utf-8", newline="") as file:
            for number, block in export.csv_blocks(target, context.now, context.house.time_zone):
                file.write(block)
                total += number
        operations.record_export(target, total, by=context.operator(by), now=context.now)
    if json:
        show.as_json({"contacts": total, "file": path})
    else:
        show.results.print(f"{total:,} contacts are in {path}.", markup=False)


def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    by: By = None,
) -> None:
    """Remove a target; contacts stay as they are."""
    with opened_house() as context:
        target = queries.by_name(name)
        show.require_yes("The target is removed; contacts stay as they are. Go on?", given=yes)
        operations.remove(target, by=context.operator(by), now=context.now)
    show.results.print("The target is removed.")


def _as_json(target: Target) -> dict[str, Any]:
    tree = queries.tree_of(target)
    return {
        "id": target.public_id,
        "name": target.name,
        "kind": "static" if target.is_static else "dynamic",
        "frozen_at": target.frozen_at,
        "asks": words.in_words(tree, queries.names(tree)),
    }


def _counted(target: Target, context: Context) -> dict[str, Any]:
    found = queries.contacts(target, context.now, context.house.time_zone)
    return _as_json(target) | {
        "contacts": queries.count(found),
        "recency_as_of": queries.recency_as_of(),
    }


def _print(target: Target, found: dict[str, Any]) -> None:
    frozen = f" It was frozen on {target.frozen_at:%Y-%m-%d}; it asked:" if target.is_static else ""
    show.results.print(f"{target.name}: {found['contacts']:,} contacts.{frozen}", markup=False)
    show.results.print(f"  {found['asks']}", markup=False)
    if not target.is_static:
        as_of = found["recency_as_of"]
        told = f"{as_of:%Y-%m-%d %H:%M} UTC" if as_of else "never: fadeout simulate decides it"
        show.results.print(f"Recency as of {told}.")
