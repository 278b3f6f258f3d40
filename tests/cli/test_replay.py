"""``fadeout replay`` after ``fadeout database restore``, as somebody gives the commands."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from django.db import connections

from fadeout.core import clock, sql
from fadeout.plans.models import Plan
from fadeout.runs.models import Run
from tests import support
from tests.cli.conftest import Command
from tests.plans.house import contact_ids, three
from tests.runs.test_crashes import run_in_a_process

A_DAY_AHEAD = "UPDATE sales_order SET ordered_at = now() + interval '1 day'"


@pytest.fixture
def dump(database: str, tmp_path: Path, command: Command) -> Path:
    """A dump of three people, two of whom were forgotten since."""
    support.imported(three(), tmp_path / "in")
    file = tmp_path / "house.sql"
    assert command("database", "dump", file).code == 0
    assert command("forget", "prospect", "buyer", "--yes", "2").code == 0
    assert contact_ids().keys() & {"prospect", "buyer", "kept"} == {"kept"}
    return file


def restore(command: Command, dump: Path) -> None:
    connections.close_all()
    restored = command("database", "restore", dump, "--yes")
    assert restored.code == 0, restored.err
    assert "Now run: fadeout replay" in restored.err
    assert contact_ids().keys() == {"prospect", "buyer", "kept"}


def test_whoever_is_back_is_erased_again_and_a_second_time_nobody_is(
    dump: Path, command: Command
) -> None:
    restore(command, dump)
    asked = command("replay")
    assert (asked.code, "--yes N" in asked.err) == (2, True)
    assert len(contact_ids()) == 3
    wrong = command("replay", "--yes", "3")
    assert wrong.code == 2
    done = command("replay", "--by", "Ruth", "--yes", "2")
    assert done.code == 0, done.err
    assert "erases again after a restore" in done.out
    assert "audits found nothing" in done.out
    assert contact_ids().keys() & {"prospect", "buyer", "kept"} == {"kept"}
    for secret in ("prospect", "buyer"):
        assert secret not in done.text
    again = command("replay")
    assert (again.code, "nothing to erase again" in again.out) == (0, True)
    status = json.loads(command("status", "--json").out)
    assert (status["state"], status["deleted"], status["anonymised"]) == ("done", 1, 1)


def test_one_person_is_enough_and_brakes_on_size_do_not_hold_it(
    dump: Path, command: Command
) -> None:
    restore(command, dump)
    acknowledged = command("ledger", "acknowledge", "--by", "Head", "--reason", "Restored.")
    assert acknowledged.code == 0
    changed = command("policy", "--two-people", "--largest-share", "1", "--by", "Head")
    assert changed.code == 0
    assert command("replay", "--by", "Ruth", "--yes", "2").code == 0
    assert Plan.objects.get().kind == "replay"


def test_who_is_needed_since_is_told_by_public_id_and_ends_with_1(
    dump: Path, command: Command
) -> None:
    restore(command, dump)
    sql.execute(A_DAY_AHEAD)
    [(public_id,)] = sql.rows(
        "SELECT public_id FROM contacts_contact WHERE contact_number = 'buyer'"
    )
    answer = command("replay", "--yes", "1")
    assert answer.code == 1
    assert str(public_id) in answer.out
    assert "active" in answer.out
    assert "buyer" not in answer.text
    assert contact_ids().keys() == {"buyer", "kept"}
    again = command("replay")
    assert again.code == 1, "a part is not all of it, also the second time"
    assert Run.objects.count() == 1


def test_before_anybody_was_erased_there_is_nobody(
    database: str, tmp_path: Path, command: Command
) -> None:
    support.imported(three(), tmp_path / "in")
    assert command("replay").code == 0
    assert not Plan.objects.exists()


def test_with_another_key_folder_nothing_is_replayed(
    dump: Path, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    restore(command, dump)
    monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "other"))
    answer = command("replay", "--yes", "2")
    assert (answer.code, "FADEOUT_KEYS" in answer.err) == (2, True)
    assert len(contact_ids()) == 3


def test_a_restore_asks_the_old_database_what_it_committed(
    database: str, tmp_path: Path, command: Command
) -> None:
    support.imported(three(), tmp_path / "in")
    file = tmp_path / "house.sql"
    assert command("database", "dump", file).code == 0
    plan = support.approved(support.simulated(now=clock.now()))
    killed = run_in_a_process(plan, "after the commit", 1, tmp_path)
    assert killed.code == -signal.SIGKILL, killed.said
    assert support.tokens().count() == 0
    restore(command, file)
    assert support.tokens().count() == 4
    assert not any(block.in_doubt for block in support.tokens().blocks())


def test_a_restore_into_an_empty_database_asks_nobody(
    database: str, dump: Path, command: Command
) -> None:
    connections.close_all()
    sql.execute("DROP SCHEMA public CASCADE")
    sql.execute("CREATE SCHEMA public")
    restore(command, dump)
    assert command("replay", "--yes", "2").code == 0
