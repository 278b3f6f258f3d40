"""What goes wrong around the vault is told, and is never called a success."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from fadeout.core import paths, sql
from fadeout.core.errors import DidNotHold
from fadeout.erasure import operations as erasure
from fadeout.institution.models import PolicyVersion
from fadeout.ledger.models import Entry, Kind
from fadeout.policy.periods import months_after
from fadeout.runs import lock, queries, replay
from fadeout.runs.models import Chunk
from fadeout.vault import keyring
from fadeout.vault.models import VaultKey, VaultRecord
from fadeout.vault.recovery import Part, Wanted
from tests import support
from tests.cli.conftest import Command
from tests.ledger import book
from tests.model.house import Note
from tests.plans.house import contact, contact_ids, house
from tests.runs.test_replay import backup, found, restore
from tests.vault import opened

EXPIRES = months_after(support.AS_OF, 12)
EXPIRE = ("vault", "expire", "--as-of", str(EXPIRES), "--yes")
MARKUP = "Call [/secret-0791234567] back"


@pytest.fixture
def dump(database: str, tmp_path: Path) -> Path:
    """A house of two, both struck and sealed since this backup."""
    people = (
        contact("A", email="a@example.org", remark=MARKUP),
        contact("B", email="b@example.org"),
        Note(note_number="1", contact_number="A", text="As it was."),
    )
    support.imported(house(*people), tmp_path / "in")
    (tmp_path / "identity").write_text(support.IDENTITY, encoding="ascii")
    made = backup(database, tmp_path)
    assert support.run(support.approved(support.simulated())).state == "done"
    return made


def key_file() -> Path:
    [path] = paths.keys().rglob("*.age")
    return path


def test_what_the_ledger_cannot_record_is_not_destroyed(
    dump: Path, database: str, command: Command
) -> None:
    sealed = key_file().read_bytes()
    restore(database, dump)
    refused = command(*EXPIRE)
    assert (refused.code, "Nothing was changed" in refused.err) == (1, True)
    assert key_file().read_bytes() == sealed


def test_expiry_waits_for_a_run_to_end(
    dump: Path, command: Command, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock.only_one.__wrapped__, "__defaults__", (0.1,))
    with psycopg.connect(database) as run:
        run.execute("SELECT pg_advisory_lock(%s)", [lock.LOCK_ID])
        refused = command(*EXPIRE)
    assert (refused.code, "Another run is under way" in refused.err) == (1, True)
    assert key_file().exists()


def test_a_key_that_was_taken_away_is_not_called_destroyed(dump: Path, command: Command) -> None:
    key_file().unlink()
    told = command(*EXPIRE)
    assert (told.code, "0 keys" in told.out) == (1, True)
    assert "1 keys were not in the key folder" in told.err
    facts = Entry.objects.get(kind=Kind.EXPIRY).facts
    assert (facts["keys"], facts["missing"]) == (0, 1)


def test_an_expiry_that_broke_off_behind_the_keys_is_given_again_and_takes_none_for_stolen(
    dump: Path, command: Command
) -> None:
    records = VaultRecord.objects.count()
    sql.execute("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE; END'")
    sql.execute("CREATE TRIGGER broken BEFORE DELETE ON vault_record EXECUTE FUNCTION broken()")
    assert command(*EXPIRE).code == 1
    assert not list(paths.keys().rglob("*.age"))
    assert VaultRecord.objects.count() == records > 0
    sql.execute("DROP TRIGGER broken ON vault_record")
    again = command(*EXPIRE)
    assert (again.code, again.err) == (0, "")
    assert f"{records} sealed records" in again.out
    assert not VaultRecord.objects.exists()
    assert command("ledger", "verify").code == command("vault", "verify").code == 0


def test_copies_of_a_key_are_found_and_destroyed_with_it(dump: Path, command: Command) -> None:
    copy = paths.keys() / "vault" / "2099-01-01" / key_file().name
    copy.parent.mkdir()
    shutil.copy(key_file(), copy)
    verified = command("vault", "verify")
    assert (verified.code, "A copy of key" in verified.out) == (1, True)
    assert command(*EXPIRE).code == 0
    assert not list(paths.keys().rglob("*.age"))


def test_nobody_seals_for_a_recipient_that_the_ledger_does_not_know(
    dump: Path, command: Command, tmp_path: Path
) -> None:
    recipient = paths.keys() / "vault" / "recipient"
    assert command("vault", "init", "--recipient", support.RECIPIENT).code == 0
    _, other = keyring.new_identity()
    recipient.write_text(other, encoding="ascii")
    assert "recipient" in command("vault", "verify").out
    support.import_folder(house(contact("C")).write_csv(tmp_path / "more"))
    plan = support.approved(support.simulated())
    with pytest.raises(DidNotHold, match="not the one that the vault was set up with"):
        support.run(plan)
    assert command("vault", "init", "--recipient", other, "--replace").code == 0
    assert command("vault", "verify").code == 0
    assert support.run(plan).state == "done"


def test_text_that_looks_like_markup_is_recovered_as_it_was(
    dump: Path, command: Command, tmp_path: Path
) -> None:
    recover = ("vault", "recover", "--identity", tmp_path / "identity", "--contact", "A")
    told = command(*recover, "--reason", "Why.")
    assert (told.code, MARKUP in told.out) == (0, True), told.text


def test_what_could_not_be_opened_is_told(dump: Path, command: Command, tmp_path: Path) -> None:
    other = tmp_path / "other"
    public = command("vault", "identity", other).out.strip()
    assert command("vault", "init", "--recipient", public, "--replace").code == 0
    support.import_folder(house(contact("C")).write_csv(tmp_path / "more"))
    assert support.run(support.approved(support.simulated())).state == "done"
    recover = ("vault", "recover", "--reason", "Why.", "--contact", "A", "--identity")
    missed = command(*recover, other)
    assert (missed.code, "2 records could not be opened" in missed.err) == (1, True)
    assert "Nothing that could be opened" in missed.err
    hit = command(*recover, tmp_path / "identity")
    assert (hit.code, "1 records could not be opened" in hit.err) == (0, True)
    sql.execute("UPDATE vault_record SET sealed = sealed || '\\x00' WHERE id = 1")
    assert "2 records could not be opened" in command(*recover, tmp_path / "identity").err


def test_a_row_that_changes_between_finding_and_striking_is_found_anew(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Note(note_number="1", contact_number="A", text="As it was.")
    support.imported(house(contact("A"), note), tmp_path / "in")
    plan = support.approved(support.simulated())
    carry_out, changed = erasure._carry_out, []

    def disturbed(*arguments: object) -> object:
        if not changed:
            changed.append(True)
            with psycopg.connect(database, autocommit=True) as other:
                other.execute("UPDATE contacts_note SET text = 'As it became.'")
        return carry_out(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(erasure, "_carry_out", disturbed)
    assert support.run(plan).state == "done"
    assert changed
    texts = {v for *_, v in opened.cells(opened.records())}
    assert '"As it became."' in texts
    assert VaultRecord.objects.count() == 1


def test_after_a_restore_what_had_expired_is_destroyed_again(
    database: str, tmp_path: Path, command: Command
) -> None:
    support.imported(house(contact("A"), contact("B")), tmp_path / "in")
    support.run(support.approved(support.simulated()))
    between = backup(database, tmp_path)
    assert command(*EXPIRE).code == 0
    restore(database, between)
    assert VaultRecord.objects.exists()
    replayed = command("replay")
    assert replayed.code == 0, replayed.err
    assert not VaultRecord.objects.exists()
    assert not VaultKey.objects.filter(destroyed_at=None).exists()
    assert command("vault", "verify").code == 0
    assert "anonymous" in command("status").out
    assert book.findings() == []


def test_tokens_that_are_gone_or_changed_are_told(dump: Path, command: Command) -> None:
    path = paths.keys() / "erased.jsonl"
    whole = path.read_text(encoding="ascii")
    assert command("vault", "verify").code == 0
    path.unlink()
    lost = command("replay")
    assert (lost.code, "does not know all" in lost.err) == (1, True)
    assert command("vault", "verify").code == 1
    block = next(line for line in whole.splitlines() if '"on"' in line)
    token = block.partition('"delete":["')[2][:32]
    path.write_text(whole.replace(token, "0" * 32), encoding="ascii")
    for arguments in (("replay",), ("vault", "verify")):
        changed = command(*arguments)
        assert (changed.code, "was changed or is damaged" in changed.err) == (1, True)
    path.write_text(whole.replace('"on"', '"on', 1), encoding="ascii")
    assert "was changed or is damaged" in command("replay").err


def test_tokens_dropped_under_a_shorter_policy_are_not_missed_under_a_longer_one(
    dump: Path, command: Command
) -> None:
    [version] = PolicyVersion.objects.order_by("-number")[:1]
    Chunk.objects.update(committed_at=support.NOW)  # by the clock of the database it was today
    months_later = months_after(support.AS_OF, 8)
    dropped = replay.drop_outlived(support.tokens(), policy=version, today=months_later)
    assert (version.backup_months, dropped) == (12, 0)
    version.backup_months = 6
    assert replay.drop_outlived(support.tokens(), policy=version, today=months_later) == 4
    version.backup_months = 12
    assert replay.tokens_missing(support.tokens(), version, months_later) == []
    support.tokens().write(chunk=uuid4(), tokens={}, on=support.AS_OF)  # the file goes on
    path = paths.keys() / "erased.jsonl"
    assert "dropped_before" in path.read_text(encoding="ascii")
    path.unlink()
    assert len(replay.tokens_missing(support.tokens(), version, months_later)) == 1


def test_a_database_put_back_as_files_cannot_say_that_a_chunk_did_not_commit(
    dump: Path, database: str
) -> None:
    path = paths.keys() / "erased.jsonl"
    lines = path.read_text(encoding="ascii").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if '"committed"' not in line), encoding="ascii")
    restore(database, dump)
    sql.execute("SELECT 1")
    # As if the name were the same, as it is of a copy of the files.
    path.write_text(
        path.read_text(encoding="ascii").replace(
            next(line for line in lines if '"database"' in line),
            f'{{"database":"{queries.database_name()}"}}\n',
        ),
        encoding="ascii",
    )
    plan = found()
    assert plan is not None
    assert plan.totals["outcomes"]["delete"] == 2
    assert support.run(support.approved(plan)).state == "done"
    assert contact_ids().keys().isdisjoint({"A", "B"})
    assert (
        replay.tokens_missing(
            support.tokens(), support.institution_queries.policy_in_force(), support.AS_OF
        )
        == []
    )


def test_somebody_is_found_by_each_address_of_a_column_and_by_no_part_of_one() -> None:
    columns = {"email": "Dora <dora@example.org>; eric@example.org, Zoe\u0301@example.org"}
    parts = [Part("contacts_contact", columns)]
    for email in ("DORA@example.org", "eric@example.org", "zo\u00e9@example.org"):
        assert Wanted.typed(number=None, email=email).is_in(parts), email
    for email in ("ora@example.org", "eric@example", "example.org"):
        assert not Wanted.typed(number=None, email=email).is_in(parts), email
