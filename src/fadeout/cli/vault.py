"""``fadeout vault``: set it up, look after it, recover a contact, let what has expired go."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress as Bar

from fadeout.cli import show
from fadeout.cli.context import opened_house
from fadeout.cli.options import AsOf, By, Json, chosen_day
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution import queries as institution
from fadeout.ledger import queries as ledger
from fadeout.runs import lock, replay
from fadeout.runs import queries as runs
from fadeout.vault import keyring, operations, queries, recovery
from fadeout.vault.recovery import Recovered, Wanted

vault = typer.Typer(
    help="What runs removed, sealed for support alone, for one year.", no_args_is_help=True
)
YesExpire = Annotated[
    bool, typer.Option("--yes", help="Destroy what expires on a day still to come without asking.")
]


def register(app: typer.Typer) -> None:
    """Add ``fadeout vault``."""
    app.add_typer(vault, name="vault")


@vault.command("identity")
def identity(
    file: Annotated[Path, typer.Argument(help="The private key is written here; it must be new.")],
) -> None:
    """Make a key pair for support, on support's own machine; prints the public key alone.

    The same as age-keygen does. The private key must never come to the machine that runs Fadeout.
    """
    secret, public = keyring.new_identity()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(
            f"{file} cannot be made: {error.strerror}.", way_out="Give a name that is not taken."
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(f"# public key: {public}\n{secret}\n")
    show.errors.print(
        f"The private key is in {file}: keep it away from the machine that runs Fadeout.",
        markup=False,
    )
    typer.echo(public)


@vault.command("init")
def init(
    recipient: Annotated[
        str, typer.Option("--recipient", metavar="age1…", help="Support's public key.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Seal for another recipient from now on.")
    ] = False,
    by: By = None,
) -> None:
    """Set the vault up with support's public key: what runs remove is sealed for it from then on."""
    with opened_house() as context:
        is_new = operations.set_up(
            context.keyring(), recipient=recipient, replace=replace,
            by=context.operator(by), now=context.now,
        )  # fmt: skip
    if is_new:
        show.results.print(
            "The vault is set up. Keep the key folder out of the backups of the data."
        )
    else:
        show.results.print("The vault is set up with this recipient already.")


@vault.command("status")
def status(json: Json = False) -> None:
    """Tell what lies in the vault and until when; its contents cannot be asked for."""
    with opened_house() as context:
        recipient = context.keyring().recipient()
        lying, today = queries.lying(), context.today
    if json:
        show.as_json(
            {
                "recipient": recipient,
                "lying": [
                    {"expires_on": each.expires_on, "keys": each.keys, "records": each.records}
                    for each in lying
                ],
            }
        )
        return
    show.results.print(
        f"Sealed for {recipient}." if recipient else "The vault is not set up.", markup=False
    )
    if not lying:
        show.results.print("Nothing lies in it.")
        return
    made = show.table("expires on", "keys", "records", numbers=["keys", "records"])
    for each in lying:
        made.add_row(str(each.expires_on), f"{each.keys:,}", f"{each.records:,}")
    show.results.print(made)
    show.results.print(
        "Until then those struck are pseudonymised and restricted; support alone can recover them."
    )
    if lying[0].expires_on <= today:
        show.results.print("Some of it should be gone by now. Destroy it: fadeout vault expire")


@vault.command("verify")
def verify(json: Json = False) -> None:
    """See whether keys, records and the tokens of the erased lie there as they were written."""
    with opened_house() as context, ledger.one_moment():
        policy = institution.policy_in_force()
        findings = [
            *queries.findings(context.keyring(), runs.sealed()),
            *replay.tokens_missing(context.tokens(), policy, context.today),
        ]
    if json:
        show.as_json({"findings": findings})
    else:
        for finding in findings:
            show.results.print(finding, markup=False)
    if findings:
        raise DidNotHold(
            f"The vault is not as it was sealed: {len(findings)} findings.",
            way_out="Put the key folder back from its own backup, or look who changed the database.",
        )
    if not json:
        show.results.print("Keys and records lie there as they were sealed.")


@vault.command("recover")
def recover(
    identity: Annotated[Path, typer.Option("--identity", help="Support's private key file.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is recorded.")],
    contact: Annotated[
        str | None, typer.Option("--contact", metavar="NUMBER", help="The contact's number.")
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", metavar="ADDRESS", help="Or the e-mail address.")
    ] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Show what was removed of a contact: for support, with its private key. It is recorded."""
    wanted = Wanted.typed(number=contact, email=email)
    identities = keyring.identities_in(identity)
    with opened_house() as context:
        keys = recovery.unwrapped(context.keyring(), identities)
        operations.record_recovery(reason=reason, by=context.operator(by), now=context.now)
        search = recovery.Search(keys, wanted)
        with show.progress() as bar:
            found = list(search.found(_shown_on(bar)))
        left = search.left
    if json:
        show.as_json([_as_json(record) for record in found])
    else:
        for record in found:
            _print(record)
    if left:
        show.errors.print(
            f"{left:,} records could not be opened: their keys are for another identity, missing or "
            "changed (fadeout vault verify)."
        )
    if not found:
        raise DidNotHold(
            "Nothing that could be opened is of that contact. The search is recorded."
            if left
            else "Nothing in the vault is of that contact. The search is recorded."
        )


@vault.command("expire")
def expire(as_of: AsOf = None, yes: YesExpire = False, by: By = None) -> None:
    """Destroy the keys and the copies whose twelve months are over. Cannot be undone.

    It also drops the tokens of the erased that are older than backups live (fadeout policy).
    """
    with opened_house() as context:
        day = chosen_day(as_of, context)
        if day > context.today and not yes:
            _confirm(day)
        with lock.only_one():
            expired = operations.expire(
                context.keyring(), as_of=day, today=context.today,
                by=context.operator(by), now=context.now,
            )  # fmt: skip
        dropped = replay.drop_outlived(
            context.tokens(), policy=institution.policy_in_force(), today=context.today
        )
    show.results.print(
        f"Destroyed {expired.keys:,} keys and {expired.records:,} sealed records that had expired by {day}."
    )
    if dropped:
        show.results.print(f"Dropped {dropped:,} tokens that are older than any backup.")
    if expired.missing:
        raise DidNotHold(
            f"{expired.missing:,} keys were not in the key folder: whoever took them may have them still.",
            way_out="What was sealed under them is destroyed here. Look for copies of the key folder.",
        )


def _confirm(as_of: date) -> None:
    records = sum(each.records for each in queries.lying() if each.expires_on <= as_of)
    typed = show.confirmed_number(
        f"{as_of} is still to come. Nobody could recover {records:,} records any more. "
        "Type that number:",
        None,
        "Give --yes to destroy them all the same.",
    )
    if typed != records:
        raise BadInput(f"{typed} is not the number of records. Nothing was destroyed.")


def _shown_on(bar: Bar) -> recovery.Shown:
    task = bar.add_task("opening records", total=sum(each.records for each in queries.lying()))

    def shown(opened: int) -> None:
        bar.update(task, completed=opened)

    return shown


def _as_json(record: Recovered) -> dict[str, object]:
    return {
        "removed_on": record.on,
        "run": record.run,
        "expires_on": record.expires_on,
        "rows": [{"table": part.table, "values": part.values} for part in record.parts],
    }


def _print(record: Recovered) -> None:
    show.results.print(
        f"Removed on {record.on} by run {record.run}; can be recovered until {record.expires_on}."
    )
    for table in dict.fromkeys(part.table for part in record.parts):
        rows = [part.values for part in record.parts if part.table == table]
        made = show.table(table, "")
        for number, values in enumerate(rows):
            if number:
                made.add_section()
            for name, value in values.items():
                if value is not None:
                    made.add_row(name, show.plain(str(value)))
        show.results.print(made)
