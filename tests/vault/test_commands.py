"""``fadeout vault``, as support and administrators use it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fadeout.core import clock, paths, sql
from fadeout.core.postgres.binaries import program
from fadeout.policy.periods import months_after
from fadeout.vault.models import VaultKey, VaultRecord
from tests import support
from tests.cli.conftest import Answer
from tests.sentinels import sentinel_house

Command = Callable[..., Answer]
EXPIRES = months_after(support.AS_OF, 12)
NUMBER, EMAIL = "sentinel-anonym-number", "sentinel-anonym-email"


@pytest.fixture
def ran(database: str, tmp_path: Path) -> Path:
    """A house whose run has sealed; the path of support's identity."""
    support.imported(sentinel_house(), tmp_path / "in")
    assert support.run(support.approved(support.simulated())).state == "done"
    identity = tmp_path / "identity"
    identity.write_text(support.IDENTITY, encoding="ascii")
    return identity


def test_support_makes_a_key_pair_and_the_vault_is_set_up_with_its_public_key(
    command: Command, database: str, tmp_path: Path
) -> None:
    support.founded()
    (paths.keys() / "vault" / "recipient").unlink()
    file = tmp_path / "identity"
    made = command("vault", "identity", str(file))
    public = made.out.strip()
    assert (made.code, public[:4]) == (0, "age1")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "AGE-SECRET-KEY-1" in file.read_text()
    assert "AGE-SECRET-KEY-1" not in made.out + made.err
    assert command("vault", "identity", str(file)).code == 2  # never written over
    assert "not set up" in command("vault", "status").out
    assert command("vault", "init", "--recipient", public).code == 0
    assert public in command("vault", "status").out
    assert "already" in command("vault", "init", "--recipient", public).out
    other = command("vault", "init", "--recipient", support.RECIPIENT)
    assert (other.code, "--replace" in other.err) == (2, True)
    assert command("vault", "init", "--recipient", support.RECIPIENT, "--replace").code == 0
    secret = file.read_text().splitlines()[-1]
    wrong = command("vault", "init", "--recipient", secret)
    assert (wrong.code, secret in wrong.err) == (2, False)


def test_support_recovers_a_contact_by_number_and_by_address(command: Command, ran: Path) -> None:
    for who in (("--contact", f" {NUMBER}"), ("--email", f"{EMAIL.upper()} ")):
        found = command(
            "vault", "recover", "--identity", str(ran), *who, "--reason", "A court order."
        )
        assert found.code == 0, found.err
        for told in (NUMBER, EMAIL, "sentinel-anonym-text", "sentinel-anonym-ip", str(EXPIRES)):
            assert told in found.out
        assert "sentinel-deleted" not in found.out
    listed = command(
        "vault",
        "recover",
        "--identity",
        str(ran),
        "--contact",
        NUMBER,
        "--reason",
        "Why.",
        "--json",
    )
    [record] = json.loads(listed.out)
    assert (record["run"], record["expires_on"]) == (1, str(EXPIRES))
    assert {"table": "contacts_note", "values": record["rows"][0]["values"]}.keys() == {
        "table",
        "values",
    }
    assert "sentinel-anonym-text" in listed.out


@pytest.mark.parametrize(
    "wrong",
    [
        ("--contact", NUMBER),  # no reason
        ("--contact", " ", "--reason", "Why."),
        ("--email", "", "--reason", "Why."),
        ("--contact", NUMBER, "--reason", " "),
        ("--reason", "Why."),  # whom?
        ("--contact", NUMBER, "--email", EMAIL, "--reason", "Why."),
    ],
)
def test_a_recovery_needs_a_contact_and_a_reason(
    command: Command, ran: Path, wrong: tuple[str, ...]
) -> None:
    refused = command("vault", "recover", "--identity", str(ran), *wrong)
    assert (refused.code, refused.out) == (2, "")


def test_nobody_recovers_with_another_key_or_somebody_who_is_not_there(
    command: Command, ran: Path, tmp_path: Path
) -> None:
    recover = ("vault", "recover", "--reason", "Why.", "--contact")
    unknown = command(*recover, "nobody", "--identity", str(ran))
    assert (unknown.code, "nobody" in unknown.err.replace("Nobody", "")) == (1, False)
    other = tmp_path / "other"
    assert command("vault", "identity", str(other)).code == 0
    refused = command(*recover, NUMBER, "--identity", str(other))
    assert (refused.code, refused.out, NUMBER in refused.err) == (2, "", False)
    assert command(*recover, NUMBER, "--identity", str(tmp_path / "none")).code == 2


def test_after_its_year_nothing_can_be_recovered_even_from_a_backup_of_before(
    command: Command, ran: Path, database: str, tmp_path: Path
) -> None:
    recover = ("vault", "recover", "--identity", str(ran), "--contact", NUMBER, "--reason", "Why.")
    backup = tmp_path / "backup.sql"
    with backup.open("w") as file:
        dump = [
            str(program("pg_dump")),
            "--data-only",
            "--table=vault_record",
            "--dbname",
            database,
        ]
        subprocess.run(dump, stdout=file, check=True)
    lying = VaultRecord.objects.count()
    assert (command(*recover).code, lying > 2) == (0, True)

    early = command("vault", "expire", "--as-of", str(date(2027, 5, 31)), "--yes")
    assert (early.code, VaultRecord.objects.count()) == (0, lying)
    asked = command("vault", "expire", "--as-of", str(EXPIRES))
    assert (asked.code, VaultRecord.objects.count()) == (2, lying)  # a day still to come asks first
    gone = command("vault", "expire", "--as-of", str(EXPIRES), "--yes")

    assert (gone.code, f"1 keys and {lying} sealed" in gone.out) == (0, True)
    assert not VaultRecord.objects.exists()
    assert not list(paths.keys().rglob("*.age"))
    assert command(*recover).code == 1

    subprocess.run(
        [str(program("psql")), "--quiet", "--dbname", database, "--file", str(backup)], check=True
    )
    assert VaultRecord.objects.count() == lying  # the copies are back, the keys are not
    still = command(*recover)
    assert (still.code, still.out) == (1, "")
    again = command("vault", "expire", "--as-of", str(EXPIRES), "--yes")
    assert (again.code, f"0 keys and {lying} sealed" in again.out) == (0, True)


def test_whoever_is_in_the_vault_is_pseudonymised_until_then_and_anonymous_after(
    command: Command, ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = command("status").out
    assert f"Until {EXPIRES} support can recover" in before
    assert "pseudonymised and restricted" in before
    assert str(EXPIRES) in command("status", "--json").out
    monkeypatch.setattr(clock, "now", lambda: support.NOW.replace(year=EXPIRES.year))
    overdue = command("status").out
    assert f"was to be destroyed on {EXPIRES}, and is not yet" in overdue
    assert "pseudonymised and restricted" in overdue
    assert "should be gone by now" in command("vault", "status").out
    assert command("vault", "expire", "--as-of", str(EXPIRES), "--yes").code == 0
    after = command("status").out
    assert "anonymous" in after
    assert "pseudonymised" not in after


def test_what_lies_in_the_vault_is_told_by_day(command: Command, ran: Path) -> None:
    told = json.loads(command("vault", "status", "--json").out)
    assert told["lying"] == [
        {"expires_on": str(EXPIRES), "keys": 1, "records": VaultRecord.objects.count()}
    ]
    shown = command("vault", "status").out
    assert str(EXPIRES) in shown
    assert "sentinel" not in shown


TAMPERINGS = {
    "a record is removed": "DELETE FROM vault_record WHERE id = (SELECT min(id) FROM vault_record)",
    "a record is changed": "UPDATE vault_record SET sealed = sealed || '\\x00'"
    " WHERE id = (SELECT min(id) FROM vault_record)",
    "a record is added": "INSERT INTO vault_record (key_id, expires_on, sealed)"
    " SELECT key_id, expires_on, sealed FROM vault_record LIMIT 1",
    "a record is given to another key": "UPDATE vault_record SET key_id = gen_random_uuid()",
    "records are prolonged": "UPDATE vault_record SET expires_on = '2099-01-01'",
    "a record is prolonged": "UPDATE vault_record SET expires_on = '2099-01-01'"
    " WHERE id = (SELECT min(id) FROM vault_record)",
    "a key is forgotten": "UPDATE vault_key SET destroyed_at = now()",
    "a key is prolonged": "UPDATE vault_key SET expires_on = '2099-01-01'",
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_whoever_tampers_with_records_is_found_out(
    command: Command, ran: Path, tampering: str
) -> None:
    assert command("vault", "verify").code == 0
    assert sql.execute(TAMPERINGS[tampering])
    found = command("vault", "verify")
    assert (found.code, bool(found.out)) == (1, True)
    assert json.loads(command("vault", "verify", "--json").out)["findings"]


def test_records_that_were_prolonged_go_with_their_key(command: Command, ran: Path) -> None:
    assert sql.execute(TAMPERINGS["records are prolonged"])
    assert "instead of" in command("vault", "verify").out
    assert command("vault", "expire", "--as-of", str(EXPIRES), "--yes").code == 0
    assert not VaultRecord.objects.exists()


def test_whoever_tampers_with_keys_is_found_out(command: Command, ran: Path) -> None:
    [path] = paths.keys().rglob("*.age")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "was changed" in command("vault", "verify").out
    path.unlink()
    assert "not in the key folder" in command("vault", "verify").out
    path.write_bytes(content)
    assert command("vault", "verify").code == 0
    VaultKey.objects.update(destroyed_at=support.NOW)
    assert "lies in the key folder all the same" in command("vault", "verify").out
