"""How commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from fadeout.core.errors import BadInput, DidNotHold

results = Console(soft_wrap=True, highlight=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False)
BAR_WIDTH = 40


def table(*columns: str, numbers: Iterable[str] = ()) -> Table:
    """An empty table in the house style; columns of numbers stand to the right."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    right = set(numbers)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def plain(text: str) -> str:
    """A text from the data for a cell of a table: no markup, nothing that moves the cursor."""
    return escape("".join(c if c.isprintable() else "·" for c in text))


def counts(heading: str, rows: Mapping[str, int]) -> Table:
    """A table of names and counts."""
    made = table(heading, "contacts", numbers=["contacts"])
    for name, count in rows.items():
        made.add_row(name, f"{count:,}")
    return made


def bars(heading: str, unit: str, rows: Mapping[str, int]) -> Table:
    """A chart in text: a bar for each name, with its number."""
    made = table(heading, unit, "", numbers=[unit])
    longest = max(rows.values(), default=0) or 1
    for name, count in rows.items():
        made.add_row(name, f"{count:,}", "█" * round(BAR_WIDTH * count / longest))
    return made


def as_json(value: Any) -> None:
    """One JSON object on standard output, for scripts."""
    sys.stdout.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")


def progress() -> Progress:
    """A progress bar with time left, on standard error; silent without a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("time left"),
        TimeRemainingColumn(),
        console=errors,
        disable=not errors.is_terminal,
    )


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file that is there whole, or as it was before: written beside and renamed in the end.

    Readable for its owner alone, since it holds personal data. A device or a pipe is written to
    as it is: to rename over it would take it away from everybody.

    Raises:
        BadInput: the place cannot be written to.
    """
    with _refusing(path):
        if path.exists() and not path.is_file():
            yield path
        else:
            with _draft_of(path) as draft:
                yield draft
                draft.replace(path)


def require_place(path: Path) -> None:
    """Try a place before work is done for it.

    Raises:
        BadInput: the place cannot be written to.
    """
    with _refusing(path):
        if path.is_file() or not path.exists():
            with _draft_of(path):
                return


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder.", way_out="Give the name of a file.")
        yield
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written: {error.strerror or 'the file system refused'}.",
            way_out="Choose another place.",
        ) from error


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def confirmed_number(question: str, typed: int | None, way_out: str) -> int:
    """The number that confirms a step: given with ``--yes``, or typed at the terminal.

    Raises:
        BadInput: neither was possible.
    """
    if typed is not None:
        return typed
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInput("This step asks for a number, and there is no terminal.", way_out=way_out)
    try:
        answer = errors.input(f"{question} ")
    except (KeyboardInterrupt, EOFError):
        errors.print("\nNothing was changed.")
        raise
    try:
        return int(answer.replace(",", "").replace(" ", ""))
    except ValueError:
        raise BadInput("That is not a number. Nothing was changed.") from None


def require_yes(question: str, *, given: bool) -> None:
    """Ask before a step that cannot be undone, unless ``--yes`` was given.

    Raises:
        BadInput: there is no terminal to ask at.
        DidNotHold: the answer was no.
    """
    if given:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInput(
            "This step asks back, and there is no terminal.", way_out="Give --yes to do it."
        )
    if not typer.confirm(question, err=True):
        raise DidNotHold("Nothing was changed.")
