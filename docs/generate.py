"""Writes the parts of the reference that are made from the code: ``python -m docs.generate``.

A test compares them with the files, so a command or a column that is not documented stops the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from fadeout.cli import datamap
from fadeout.cli.main import app
from fadeout.core import errors
from fadeout.links import scanners

DOCS = Path(__file__).resolve().parent
REFERENCE = DOCS / "reference"

HEAD = """\
# Commands

This page is made from the program by `make docs`; a test compares it with the program. Every
command also shows it with `--help`.

Results go to standard output, everything else to standard error. A command that reads or changes the
database starts the embedded PostgreSQL when it is needed (see
[files and environment variables](files-and-environment.md)).
"""

SCANNERS = """\
# Programs that open links

This page is made from the program by `make docs`; a test compares it with the program. A click is
[kept apart](../explanation/clicks.md) if its user agent holds one of these words or texts, in small letters
or capitals; `bot` only at the end of a word, and not in the name of the telephone CUBOT.
"""

EXIT_CODES = f"""\
## Exit codes

| code | meaning |
| --- | --- |
| {errors.DONE} | done |
| {errors.DID_NOT_HOLD} | something did not hold: a check, an audit, a run that is incomplete |
| {errors.BAD_INPUT} | bad input or usage: a file, a value, an option, a setting |
| {errors.INTERRUPTED} | interrupted |

`fadeout database psql` is the exception: its exit codes are psql's own. More on
[exit codes](exit-codes.md).
"""


def documents() -> dict[Path, str]:
    """Every generated file and what it holds according to the code."""
    return {
        REFERENCE / "commands.md": commands(),
        REFERENCE / "datamap.md": datamap.as_markdown(),
        REFERENCE / "scanners.md": known_programs(),
    }


def known_programs() -> str:
    """The programs that are known by what they call themselves."""
    rows = [f"| `{text}` | {what} |" for text, what in sorted(scanners.SCANNERS.items())]
    words = ", ".join(f"`{word}`" for word in scanners.WORDS)
    return "\n".join(
        (
            SCANNERS,
            f"Words: {words}.",
            "",
            "| in the user agent | what it is |",
            "| --- | --- |",
            *rows,
            "",
        )
    )


def root() -> Any:
    """The whole application as one command with its subcommands."""
    return typer.main.get_command(app)


def commands() -> str:
    """The command reference."""
    described = walk(root(), typer.Context(root(), info_name="fadeout"))
    sections = [_section(command, context) for command, context in described]
    return "\n".join((HEAD, *sections, EXIT_CODES))


def walk(command: Any, context: typer.Context) -> Iterator[tuple[Any, typer.Context]]:
    """A command and all below it, each with the context that knows its whole name."""
    yield command, context
    for name, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            inside = typer.Context(below, info_name=name, parent=context, **below.context_settings)
            yield from walk(below, inside)


def _section(command: Any, context: typer.Context) -> str:
    heading = f"## {context.command_path}"
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    parts = [heading, "", f"`{usage}`", "", *_paragraphs(command.help or "")]
    parts += _table("argument", _records(command, context, "argument"))
    parts += _table("option", _records(command, context, "option"))
    below = getattr(command, "commands", {})
    listed = ((f"{context.command_path} {name}", _first(c.help)) for name, c in below.items())
    parts += _table("command", listed)
    return "\n".join(parts)


def _records(command: Any, context: typer.Context, kind: str) -> Iterator[tuple[str, str]]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if parameter.param_type_name == kind and record is not None:
            yield record


def _table(what: str, rows: Iterator[tuple[str, str]]) -> list[str]:
    lines = [f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows]
    return [f"| {what} | |", "| --- | --- |", *lines, ""] if lines else []


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in filter(None, re.split(r"\n\s*\n", text.strip())):
        yield " ".join(paragraph.split())
        yield ""


def _first(text: str | None) -> str:
    return next(_paragraphs(text or ""), "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the generated files."""
    for path, content in documents().items():
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
