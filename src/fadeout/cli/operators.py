"""``fadeout operator``: who can sign in, and as what."""

from __future__ import annotations

from typing import Annotated

import typer
from django.conf import settings

from fadeout.accounts import operations, queries, secret
from fadeout.accounts.permissions import Role
from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import By, Json

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Who signs in at the console, and as what."
)
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address they sign in with.")]
RoleName = Annotated[Role, typer.Option("--role", help="What they are in the house.")]


def register(parent: typer.Typer) -> None:
    app.command("add")(add)
    app.command("list")(list_)
    app.command("invite")(invite)
    app.command("role")(role)
    app.command("remove")(remove)
    parent.add_typer(app, name="operator")


def add(
    email: Email,
    name: Annotated[str, typer.Option("--name", help="What they are called.")],
    role: RoleName,
    language: Annotated[
        str | None, typer.Option("--language", help="en, fr or de; the browser's if left out.")
    ] = None,
    by: By = None,
) -> None:
    """Add somebody who can sign in, and print the link at which they choose a password."""
    with opened_house() as context:
        user = operations.add(
            name=name,
            email=email,
            role=role,
            language=language,
            by=context.operator(by),
            now=context.now,
        )
        show.results.print(f"{user.get_full_name()} is {role} from now on.", markup=False)
        secret.use_lasting_key()
        _print_invitation(operations.invitation_path(user))


def invite(email: Email, by: By = None) -> None:
    """Print a new link at which somebody chooses a password; good once, for three days."""
    with opened_house() as context:
        secret.use_lasting_key()
        user = queries.by_email(email)
        _print_invitation(operations.invite(user=user, by=context.operator(by), now=context.now))


def list_(json: Json = False) -> None:
    """Tell who can sign in."""
    with opened_house():
        found = list(queries.users())
    if json:
        show.as_json({"operators": [
            {"id": u.operator.public_id, "name": u.get_full_name(), "email": u.email, "role": u.role}
            for u in found
        ]})  # fmt: skip
        return
    made = show.table("name", "address", "role", "last signed in")
    for user in found:
        last = user.last_login.date() if user.last_login else "never"
        made.add_row(show.plain(user.get_full_name()), show.plain(user.email), user.role, str(last))
    show.results.print(made)


def role(email: Email, role: RoleName, by: By = None) -> None:
    """Change what somebody may do; it holds at once."""
    with opened_house() as context:
        user = queries.by_email(email)
        operations.change_role(user=user, role=role, by=context.operator(by), now=context.now)
        show.results.print(f"{user.get_full_name()} is {role} from now on.", markup=False)


def remove(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    by: By = None,
) -> None:
    """Somebody leaves: their account and name go; what they did stays on record without it."""
    with opened_house() as context:
        user = queries.by_email(email)
        show.require_yes(
            "They can sign in no more, and their name is emptied everywhere. This cannot be undone."
            " Go on?",
            given=yes,
        )
        operations.let_go(user=user, by=context.operator(by), now=context.now)
    show.results.print("They can sign in no more, and their name is emptied everywhere.")


def _print_invitation(path: str) -> None:
    show.results.print("They choose a password here, once, within three days:")
    show.results.print(f"{settings.PUBLIC_URL or 'http://127.0.0.1:8000'}{path}", markup=False)
