"""What a campaign says, at a terminal: saved, looked at, tried out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from fadeout.campaigns import operations, trial
from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import Json
from fadeout.core.errors import BadInput, DidNotHold

Id = Annotated[UUID, typer.Argument(metavar="ID", help="As `fadeout campaign list` shows it.")]
Language = Annotated[str, typer.Option("--language", help="en, fr or de.")]


def text(
    campaign: Id,
    subject: Annotated[str, typer.Option("--subject", help="May have merge tags.")],
    mjml: Annotated[Path, typer.Option("--mjml", help="A file of MJML.")],
    plain: Annotated[Path, typer.Option("--plain", help="A file of plain text.")],
    language: Language = "en",
) -> None:
    """Save what a draft says in one language; tags and elements are checked, with the line."""
    with opened_house() as context:
        operations.save_text(
            operations.by_public_id(campaign), language=language, subject=subject,
            mjml=_file(mjml), plain=_file(plain), now=context.now,
        )  # fmt: skip
    show.results.print(f"The text in {language} is saved.")


def preview(
    campaign: Id,
    language: Language = "",
    contact: Annotated[
        str | None, typer.Option("--contact", help="As whom: a contact number; nobody if left out.")
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="The HTML instead of the plain text.")
    ] = False,
    json: Json = False,
) -> None:
    """What somebody would read."""
    with opened_house() as context:
        seen = trial.preview(
            operations.by_public_id(campaign), house=context.house.name, language=language,
            contact=_reader(contact),
        )  # fmt: skip
    if json:
        show.as_json(vars(seen))
        return
    sys.stdout.write(seen.html if html else f"{seen.subject}\n\n{seen.plain}")
    sys.stdout.write("\n")


def try_out(
    campaign: Id,
    to: Annotated[str, typer.Argument(help="The address that the test goes to.")],
    language: Language = "",
    contact: Annotated[str | None, typer.Option("--contact", help="As whom.")] = None,
) -> None:
    """Send a mail, marked as a test, to one address. Its links count for nobody."""
    with opened_house() as context:
        verdict = trial.send_test(
            operations.by_public_id(campaign), to=to, house=context.house.name, language=language,
            contact=_reader(contact),
        )  # fmt: skip
    if not verdict.taken:
        raise DidNotHold(f"The mail server did not take it ({verdict.code}).")
    show.results.print("The test is sent.")


def _reader(contact_number: str | None) -> Any:
    if contact_number is None:
        return trial.NOBODY
    found = trial.as_numbered(contact_number)
    if found is None:
        raise BadInput("There is no such contact on file.", way_out="It may have been erased.")
    return found


def _file(path: Path) -> str:
    try:
        return content_of(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text in UTF-8.") from error


def content_of(path: Path) -> bytes:
    """What a file holds.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
