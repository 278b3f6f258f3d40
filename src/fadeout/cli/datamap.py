"""``fadeout datamap``: every column, what it is, what becomes of it and why (GDPR Art. 30)."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from fadeout.cli import show
from fadeout.core.catalogue import declaration, fates
from fadeout.core.catalogue.declaration import Reach
from fadeout.core.errors import BadInput

FIELDS = (
    "table", "column", "class", "hangs on", "deletion", "anonymisation", "old tickets",
    "access", "why it stays",
)  # fmt: skip
HONEST_WORDS = f"{declaration.HONEST_WORDS} Advantages and sent mails are not held by this version."


def datamap(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """Show every column: what it is, what deletion and anonymisation do to it, and why."""
    if json + csv + markdown > 1:
        raise BadInput("Choose one of --json, --csv and --markdown.")
    if json:
        show.as_json(
            {
                "catalogue_version": declaration.CATALOGUE_VERSION,
                "digest": declaration.digest(),
                "note": HONEST_WORDS,
                "columns": list(entries()),
            }
        )
    elif csv:
        _as_csv()
    elif markdown:
        sys.stdout.write(as_markdown())
    else:
        _as_table()


def entries() -> Iterator[dict[str, str]]:
    """A row for each column of each table."""
    for table in sorted(declaration.tables().values(), key=lambda t: (t.room, t.name)):
        for column in table.columns.values():
            yield {
                "table": table.name,
                "column": column.name,
                "class": column.data_class,
                "hangs on": "" if table.reach is Reach.NONE else table.reach,
                "deletion": fates.of(table, table.deletion, column.deletion),
                "anonymisation": fates.of(table, table.anonymisation, column.anonymisation),
                "old tickets": "empty" if fates.empties_when_old(table, column) else "",
                "access": "yes" if column.access else "no",
                "why it stays": column.why,
            }


def as_markdown() -> str:
    """The data map as a document of its own."""
    lines = [
        "# Data map",
        "",
        HONEST_WORDS,
        "",
        f"Catalogue version {declaration.CATALOGUE_VERSION}, made by `fadeout datamap --markdown`.",
        "",
        "| " + " | ".join(FIELDS) + " |",
        "|" + " --- |" * len(FIELDS),
        *("| " + " | ".join(entry.values()) + " |" for entry in entries()),
    ]
    return "\n".join(lines) + "\n"


def _as_csv() -> None:
    writer = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(entries())


def _as_table() -> None:
    made = show.table(*FIELDS)
    for entry in entries():
        made.add_row(*entry.values())
    show.results.print(made)
    show.results.print(HONEST_WORDS)
