"""``fadeout certificate``: a page about a run that a data protection officer can file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from fadeout.certificates import content, page
from fadeout.certificates.content import Certificate
from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.runs import RunNumber
from fadeout.core.errors import BadInput
from fadeout.runs import queries as runs
from fadeout.vault import queries as vault


def register(app: typer.Typer) -> None:
    app.command("certificate")(certificate)


def certificate(
    run: RunNumber,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write it as a page; replaces the file.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", help="Write it as JSON; replaces the file.")
    ] = None,
) -> None:
    """Certify a run that has ended, from a ledger in which everything holds."""
    if html and json and html.resolve() == json.resolve():
        raise BadInput("--html and --json name the same file.", way_out="Give each its own.")
    for path in filter(None, (html, json)):
        show.require_place(path)
    with opened_house() as context, show.errors.status("Verifying the ledger …"):
        found = runs.by_number(run)
        made = content.certificate_of(
            found,
            house=context.house,
            now=context.now,
            recoverable_until=vault.recoverable_until(runs.sealed(found)),
        )
    if html:
        _write(html, page.as_html(made))
    if json:
        _write(json, page.as_json(made))
    if not html and not json:
        _print(made)


def _write(path: Path, text: str) -> None:
    with show.new_file(path) as draft:
        draft.write_text(text, encoding="utf-8")
    show.results.print(f"The certificate is in {path}.", markup=False)


def _print(made: Certificate) -> None:
    told: dict[str, Any] = page.view(made)
    show.results.print(f"{told['title']}. {told['result']} {told['times']}", markup=False)
    facts = show.table("", "")
    for name, value in (*told["facts"], *((f"Policy: {n}", v) for n, v in told["policy"])):
        facts.add_row(name, escape(str(value)))
    show.results.print(facts)
    people = show.table("what", "who", "when", "entry", numbers=["entry"])
    for person in told["people"]:
        what = f"{person['did']} ({person['brakes']})" if person["brakes"] else person["did"]
        who = f"{person['who']}: {person['reason']}" if person["reason"] else person["who"]
        people.add_row(what, escape(who), person["at"], person["entry"])
    show.results.print(people)
    for heading, rows in (("outcome", "outcomes"), ("kept because", "reasons")):
        show.results.print(show.counts(heading, {label: n for label, _, n in told[rows]}))
    removed = show.table("rows removed or changed in", "rows", numbers=["rows"])
    for table, _, rows in told["removed"]:
        removed.add_row(table, rows)
    show.results.print(removed)
    _print_audits(told)
    for line in (told["data"], told["limits"], "Head of the ledger:", told["printed"]):
        show.results.print(line, markup=False)


def _print_audits(told: dict[str, Any]) -> None:
    checked = [*told["audits"], *told["residue"]]
    bad = [
        (f"{audit.name} {audit.place}".strip(), found)
        for audit, found, holds in checked
        if not holds
    ]
    if bad:
        made = show.table("audit that did not hold", "")
        for row in bad:
            made.add_row(*row)
        show.results.print(made)
    elif checked:
        show.results.print(f"{len(checked)} audits found nothing, as they should.")
