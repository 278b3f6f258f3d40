"""``fadeout import`` and ``fadeout export``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.show import errors, results
from fadeout.connectors.exchange import operations
from fadeout.connectors.exchange.problems import ImportRefused
from fadeout.connectors.exchange.report import ExportReport, ImportReport
from fadeout.connectors.exchange.staging import Progress as Tell
from fadeout.core.errors import INTERRUPTED

_COUNTS = (
    ("read", "rows"),
    ("inserted", "new"),
    ("updated", "updated"),
    ("unchanged", "same"),
    ("skipped_erased", "erased"),
    ("links_left_out", "unlinked"),
    ("values_left_empty", "emptied"),
)
_ALWAYS_SHOWN = ("read", "inserted", "updated", "unchanged")
_WHAT_ERASURE_LEFT_OUT = (
    "erased: rows about somebody erased, skipped; unlinked: links to somebody erased, left out; "
    "emptied: values that erasure emptied, left empty."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("import")(import_)
    app.command("export")(export)


def import_(
    path: Annotated[Path, typer.Argument(help="A folder or a .zip of the exchange format.")],
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="Show wrong values of personal columns as they are; only on a terminal.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Bring the data of another system in: all of it, or nothing."""
    with opened_house() as context, _interruptible("nothing was changed"), _progress() as tell:
        try:
            report = operations.import_exchange(
                path=path,
                now=context.now,
                erased=context.tokens(),
                show_values=show_values and errors.is_terminal,
                progress=tell,
            )
        except ImportRefused as refused:
            _show_problems(refused)
            raise typer.Exit(refused.exit_code) from None
    if as_json:
        show.as_json(report.as_dict())
    else:
        _show_import(report)


def _show_problems(refused: ImportRefused) -> None:
    errors.print(Text("Error: the import was refused, nothing was changed.", style="bold red"))
    for problem in refused.problems:
        errors.print(Text(str(problem)))
    more = refused.count - len(refused.problems)
    total = f"{refused.count} mistake{'s' if refused.count != 1 else ''} in all"
    errors.print(Text(f"… and {more} more, {total}." if more else f"{total}."))


def _show_import(report: ImportReport) -> None:
    shown = [
        (name, title)
        for name, title in _COUNTS
        if name in _ALWAYS_SHOWN or any(getattr(one, name) for one in report.files.values())
    ]
    titles = [title for _, title in shown]
    table = show.table("file", *titles, numbers=titles)
    for file, counts in report.files.items():
        table.add_row(file, *(f"{getattr(counts, name):,}" for name, _ in shown))
    results.print(table)
    if len(shown) > len(_ALWAYS_SHOWN):
        results.print(_WHAT_ERASURE_LEFT_OUT)
    if report.recency_waits:
        results.print(
            "Targets see it once the worker, or fadeout simulate, decided everybody anew."
        )
    for name in report.passed_over:
        results.print(Text(f"Passed over: {name}"))


@contextmanager
def _interruptible(outcome: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        errors.print(f"Interrupted; {outcome}.")
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _progress() -> Iterator[Tell]:
    """Tells on a terminal what is being done; says nothing elsewhere."""
    if not errors.is_terminal:
        yield lambda _what, _rows: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def tell(what: str, rows: int) -> None:
            bar.update(task, description=f"{what}  {rows:,} rows" if rows else what)

        yield tell


def export(
    path: Annotated[Path, typer.Argument(help="A folder, or a file ending in .zip.")],
    parquet: Annotated[bool, typer.Option("--parquet", help="Write Parquet, not CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Hand the data out in the exchange format."""
    with (
        opened_house(),
        _interruptible("what was there before is still there"),
        _progress() as tell,
    ):
        report = operations.export_exchange(path=path, parquet=parquet, progress=tell)
    if as_json:
        show.as_json(report.as_dict())
    else:
        _show_export(report)


def _show_export(report: ExportReport) -> None:
    table = show.table("file", "rows", numbers=["rows"])
    for name, rows in report.files.items():
        table.add_row(name, f"{rows:,}")
    results.print(table)
