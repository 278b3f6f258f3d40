"""``fadeout ledger``: verify it, show it, acknowledge a restore, empty what people typed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from fadeout.certificates import agreement
from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Json
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution.models import Operator
from fadeout.ledger import operations, queries
from fadeout.ledger.check import Finding
from fadeout.ledger.models import NAME, Entry, Text
from fadeout.ledger.queries import Printed, Verification
from fadeout.runs import record as runs

LONGEST_SHOWN = 40  # hashes and fingerprints are longer, and stand in the JSON
LEFT = "operator who left"
SHOWN = 20
MOST_SHOWN = 1_000_000_000

ledger = typer.Typer(no_args_is_help=True, help="The record of what was done, and its proof.")


def register(app: typer.Typer) -> None:
    app.add_typer(ledger, name="ledger")


@ledger.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="NUMBER:HASH:CODE",
            help="Also look for the head that a certificate printed.",
        ),
    ] = None,
) -> None:
    """Look at every entry, at the head in the key folder, and at the tables that the ledger tells of."""
    printed = Printed.read(head) if head else None
    with opened_house(), show.errors.status("Verifying the ledger …"):
        made = queries.verify(told=_tell, printed=printed)
        _compare_tables(made)
        names = queries.names()
    _print_notes(made, names)
    if made.findings:
        raise DidNotHold(
            f"The ledger does not hold: {made.findings:,} finding{'s' if made.findings > 1 else ''}.",
            way_out="Keep database and key folder as they are, and compare them with their backups and "
            "with certificates on file.",
        )
    end = f"; the last one is {made.last.number}" if made.last else ""
    show.results.print(f"The ledger holds: {made.entries:,} entries{end}.")
    if made.printed:
        show.results.print(made.printed, markup=False)


@ledger.command(name="show")
def show_entries(
    last: Annotated[
        int | None,
        typer.Option("--last", metavar="N", min=1, max=MOST_SHOWN, help="So many; 20 if left out."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="From the first on.")] = False,
    json: Json = False,
) -> None:
    """List the entries: what was done, when, by whom."""
    if everything and last is not None:
        raise BadInput("Choose one of --last and --all.")
    with opened_house() as context:
        names = queries.names()
        listed = queries.listed(last=None if everything else last or SHOWN)
        if json:
            show.as_json({"entries": [_as_json(*one, names) for one in listed]})
        else:
            _print_entries(listed, names, ZoneInfo(context.house.time_zone))


@ledger.command()
def acknowledge(
    reason: Annotated[str, typer.Option("--reason", help="What was restored, and why.")],
    by: Annotated[str, typer.Option("--by", help="Who answers for it.")],
) -> None:
    """Go on with a ledger whose end was lost by restoring an older backup of the database."""
    if not reason.strip():
        raise BadInput("An acknowledgement needs a reason.", way_out='Give it: --reason "…".')
    with opened_house() as context:
        entry = operations.acknowledge_restore(
            by=context.operator(by), now=context.now, reason=reason
        )
        notes = [] if entry is None else [_restore_in_words(entry, queries.names())]
    for note in notes or ["Nothing is lost: there is nothing to acknowledge."]:
        show.results.print(note, markup=False)


@ledger.command()
def empty(
    entries: Annotated[
        list[int] | None,
        typer.Argument(metavar="[NUMBER]...", help="The entries whose texts go."),
    ] = None,
    operator: Annotated[
        str | None, typer.Option("--operator", metavar="NAME", help="An operator who left.")
    ] = None,
    by: By = None,
) -> None:
    """Empty reasons that people typed, or the name of an operator who left. The chain stays whole."""
    if bool(entries) == (operator is not None):
        raise BadInput("Give the numbers of entries, or --operator NAME.")
    with opened_house() as context:
        if operator is not None:
            leaves = Operator.objects.filter(name=operator.strip()).first()
            if leaves is None:
                raise BadInput("There is no operator of this name. Nothing was changed.")
            entry = operations.empty_name(leaves, by=context.operator(by), now=context.now)
        else:
            entry = runs.empty_texts(
                entries=entries or [], by=context.operator(by), now=context.now
            )
    show.results.print(f"Emptied; entry {entry.number} says so.")


def _compare_tables(made: Verification) -> None:
    if made.findings:
        show.results.print("Plans and runs were not compared with a ledger that does not hold.")
        return
    for finding in agreement.findings():
        made.findings += 1
        _tell(finding)


def _tell(finding: Finding) -> None:
    show.results.print(finding.what, markup=False)


def _print_notes(made: Verification, names: Mapping[UUID, str | None]) -> None:
    lost = (one.entry for one in made.lost)
    for entry in chain(lost, made.head_lost):
        show.results.print(_restore_in_words(entry, names), markup=False)
    if made.emptied:
        show.results.print(f"Texts that were emptied: {made.emptied:,}.")


def _restore_in_words(entry: Entry, names: Mapping[UUID, str | None]) -> str:
    who, day = _who(entry, names), entry.at.date()
    lost = entry.facts["lost"]
    if lost is None:
        return (
            f"The head of the ledger was {entry.facts['head']}; {who} acknowledged it on {day} (entry "
            f"{entry.number}). Whether entries before it were cut off cannot be told."
        )
    what = f"Entry {lost['from']} was" if lost["from"] == lost["to"] else (
        f"Entries {lost['from']} to {lost['to']} were"
    )  # fmt: skip
    return f"{what} lost by a restore that {who} acknowledged on {day} (entry {entry.number})."


def _who(entry: Entry, names: Mapping[UUID, str | None]) -> str:
    if entry.actor is None:
        return ""
    return names.get(entry.actor) or LEFT


def _print_entries(listed: Any, names: Mapping[UUID, str | None], zone: ZoneInfo) -> None:
    made = show.table("entry", "when", "what", "who", "", numbers=["entry"])
    for entry, texts in listed:
        made.add_row(
            str(entry.number),
            f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}",
            entry.kind.replace("_", " "),
            escape(_who(entry, names)),
            escape(", ".join([*_in_short(entry.facts), *map(_in_words, _typed(texts))])),
        )
    show.results.print(made)


def _in_short(facts: Any) -> list[str]:
    if not isinstance(facts, Mapping):
        return ["(not what was written)"]
    return [
        f"{name.replace('_', ' ')} {value}"
        for name, value in sorted(facts.items(), key=_first_what_it_is_about)
        if isinstance(value, str | int) and len(str(value)) <= LONGEST_SHOWN
    ]


def _first_what_it_is_about(fact: tuple[str, object]) -> tuple[bool, bool, str]:
    return fact[0] != "run", fact[0] != "plan", fact[0]


def _typed(texts: list[Text]) -> list[Text]:
    """Without what operators are called: that has a column of its own."""
    return [text for text in texts if text.name != NAME]


def _in_words(text: Text) -> str:
    return f"{text.name}: {'(emptied)' if text.text is None else text.text}"


def _as_json(
    entry: Entry, texts: list[Text], names: Mapping[UUID, str | None]
) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "actor": entry.actor,
        "name": names.get(entry.actor) if entry.actor else None,
        "facts": entry.facts,
        "texts": {text.name: text.text for text in _typed(texts)},
        "hash": entry.hash,
        "mac": entry.mac,
    }
