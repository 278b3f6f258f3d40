"""0 done, 1 did not hold, 2 bad input or usage: and never a traceback, nor anybody's data."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fadeout.core import sql
from fadeout.institution.models import PolicyVersion
from fadeout.plans.models import Approval, Plan
from fadeout.runs.models import Run
from tests import support
from tests.cli.conftest import Answer, Command
from tests.conftest import Fadeout
from tests.model.house import Note
from tests.plans.house import RECENT, contact, contact_ids, everything, house, sale

HUGE = "9" * 40
AS_OF = ("--as-of", "2024-06-01")
SECRETS = ("Secretname", "secret-number", "secret-note", "Traceback", "DETAIL", "psycopg")
COMMANDS = (
    ("simulate",), ("approve", "1"), ("run", "1"), ("status",), ("report", "origin"),
    ("recency", "x"), ("export", "out"), ("import", "."),
)  # fmt: skip
USAGE = (
    (),
    ("nosuch",),
    ("simulate", "--nosuch"),
    ("simulate", "more"),
    ("simulate", "--months"),
    ("simulate", "--months", "many"),
    ("simulate", "--months", "0"),
    ("simulate", "--months", "-1"),
    ("simulate", "--months", "1201"),
    ("simulate", "--months", "100000"),
    ("simulate", "--months", HUGE),
    ("simulate", "--as-of", "2026-02-30"),
    ("simulate", "--as-of", "1.6.2026"),
    ("simulate", "--as-of", "0001-01-01"),
    ("simulate", "--by", " "),
    ("simulate", "--by", "\udcff"),
    ("approve",),
    ("approve", "one"),
    ("approve", "0"),
    ("approve", "999", "--yes", "1"),
    ("approve", HUGE, "--yes", "1"),
    ("run",),
    ("run", "-1"),
    ("run", "--", "-1"),
    ("run", "999", "--yes", "1"),
    ("run", HUGE),
    ("run", "1", "--yes", "all"),
    ("status", "999"),
    ("status", "one"),
    ("status", HUGE),
    ("status", "--", f"-{HUGE}"),
    ("recency",),
    ("recency", "nobody"),
    ("recency", "nobody", "--months", "0"),
    ("recency", ""),
    ("recency", "\udcff"),
    ("report",),
    ("report", "nosuch"),
    ("datamap", "--json", "--csv"),
    ("import", "nowhere"),
    ("init", "--name", "Theatre"),
    ("init", "--name", "Another", "--time-zone", "Europe/Zurich", "--currency", "CHF"),
)


def assert_plain(answer: Answer) -> None:
    for secret in SECRETS:
        assert secret not in answer.text
    assert "\x1b[" not in answer.text


@pytest.fixture
def secret_house(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    support.imported(
        house(
            contact("secret-number-1", first_name="Secretname"),
            contact("secret-number-2", last_name="Secretname"),
            *sale("O1", "secret-number-2"),
            contact("secret-number-3", created_at=RECENT),
            Note(note_number="1", contact_number="secret-number-1", text="secret-note"),
        ),
        tmp_path / "in",
    )


def test_before_init_every_command_says_so(
    database: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in COMMANDS:
        answer = command(*arguments)
        assert answer.code == 2, arguments
        assert "fadeout init" in answer.err, arguments
        assert_plain(answer)
    assert not (tmp_path / "out").exists()


def test_on_a_database_without_tables_too(
    server: str, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE without_tables")
    monkeypatch.setenv("FADEOUT_DATABASE_URL", make_conninfo(server, dbname="without_tables"))
    monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "keys"))
    for arguments in (("simulate",), ("status",), ("run", "1")):
        answer = command(*arguments)
        assert answer.code == 2, arguments
        assert "fadeout init" in answer.err


def test_wrong_usage_ends_with_2_and_changes_nothing(secret_house: None, command: Command) -> None:
    before = everything("institution_operator")  # who asks is remembered first
    for arguments in USAGE:
        answer = command(*arguments)
        assert answer.code == 2, (arguments, answer)
        assert answer.text.strip(), arguments
        assert_plain(answer)
    assert everything("institution_operator") == before


def test_numbers_that_do_not_confirm_change_nothing(secret_house: None, command: Command) -> None:
    assert command("simulate", *AS_OF).code == 0
    plan = Plan.objects.get()
    number = str(plan.pk)
    assert plan.totals["outcomes"] == {"delete": 1, "anonymise": 1, "keep": 1}
    for wrong in ((), ("--yes", "1"), ("--yes=-2",), ("--yes", HUGE)):
        answer = command("approve", number, *wrong)
        assert (answer.code, Approval.objects.count()) == (2, 0), wrong
        assert_plain(answer)
    assert command("run", number, "--yes", "2").code == 2  # nobody approved it
    assert command("approve", number, "--yes", "2").code == 0
    for wrong in ((), ("--yes", "1"), ("--yes=-2",), ("--yes", HUGE)):
        answer = command("run", number, *wrong)
        assert (answer.code, Run.objects.count()) == (2, 0), wrong
        assert_plain(answer)
    assert len(contact_ids()) == 3
    done = command("run", number, "--yes", "2")
    assert done.code == 0
    assert_plain(done)
    assert contact_ids().keys() >= {"secret-number-3"}
    for again in ((), ("--yes", "7")):
        answer = command("run", number, *again)
        assert answer.code == 0
        assert f"Plan {number} is done already" in answer.out


def test_a_plan_that_looks_ahead_ends_with_2(secret_house: None, command: Command) -> None:
    assert command("simulate", "--as-of", "2999-01-01").code == 0
    answer = command("approve", str(Plan.objects.get().pk), "--yes", "3")
    assert answer.code == 2
    assert "looked at, not approved" in answer.err
    assert not Approval.objects.exists()


def test_rows_that_were_changed_end_with_1(secret_house: None, command: Command) -> None:
    assert command("simulate", *AS_OF).code == 0
    number = str(Plan.objects.get().pk)
    sql.execute("UPDATE plans_plan_row SET reasons = 'active' WHERE outcome = 'delete'")
    answer = command("approve", number, "--yes", "2")
    assert answer.code == 1
    assert_plain(answer)
    sql.execute("UPDATE plans_plan_row SET reasons = NULL WHERE outcome = 'delete'")
    assert command("approve", number, "--yes", "2").code == 0
    sql.execute("DELETE FROM plans_plan_row WHERE outcome = 'delete'")
    answer = command("run", number, "--yes", "2")
    assert answer.code == 1
    assert_plain(answer)
    assert len(contact_ids()) == 3


def test_a_list_that_cannot_be_written_ends_with_2_before_anything_is_simulated(
    secret_house: None, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file").write_text("mine")
    for option in ("--csv", "--xlsx"):
        for place in ("a folder", ".", "/", "", "..", "no folder/list", "a file/list", "x" * 300):
            answer = command("simulate", *AS_OF, option, place)
            assert answer.code == 2, (option, place, answer)
            assert_plain(answer)
    assert command("simulate", "--csv", "one", "--xlsx", "./one").code == 2
    assert command("report", "origin", "--csv", "a folder").code == 2
    assert not Plan.objects.exists()
    assert sorted(os.listdir(tmp_path)) == ["a file", "a folder", "in", "keys"]  # noqa: PTH208


def test_a_list_is_for_its_owner_alone_and_takes_the_place_of_an_old_one(
    secret_house: None, command: Command, tmp_path: Path
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("old")
    listed.chmod(0o644)
    assert command("simulate", *AS_OF, "--csv", listed).code == 0
    assert listed.read_text(encoding="utf-8").startswith("contact_number,")
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a device")
def test_a_device_is_written_to_and_not_replaced(
    secret_house: None, command: Command, tmp_path: Path
) -> None:
    device = tmp_path / "null"
    os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    answer = command("simulate", *AS_OF, "--csv", device)
    assert answer.code == 0
    assert stat.S_ISCHR(device.stat().st_mode)


def test_no_run_yet_is_an_answer(secret_house: None, command: Command) -> None:
    assert command("status").code == 0
    assert '"run": null' in command("status", "--json").out


def test_what_was_done_and_cannot_be_shown_is_never_called_bad_input(
    secret_house: None, command: Command, fadeout: Fadeout
) -> None:
    assert command("simulate", *AS_OF).code == 0
    number = str(Plan.objects.get().pk)
    assert command("approve", number, "--yes", "2").code == 0
    PolicyVersion.objects.update(largest_share=1)
    lifting = ("--override", "Größe", "--by", "Zoë")
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    ended = fadeout("run", number, "--yes", "2", *lifting, environment=ascii_only)
    assert (ended.returncode, Run.objects.get().state) == (1, "done")
    assert "What was done before stands" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_house_used_with_another_key_folder_is_not_run(
    secret_house: None, command: Command, fadeout: Fadeout, tmp_path: Path
) -> None:
    """And commands speak English, wherever they are given."""
    assert command("simulate", *AS_OF).code == 0
    number = str(Plan.objects.get().pk)
    assert command("approve", number, "--yes", "2").code == 0
    abroad = {"FADEOUT_KEYS": str(tmp_path / "other"), "LANG": "fr_FR.UTF-8", "LANGUAGE": "fr"}
    answer = fadeout("run", number, "--yes", "2", environment=abroad)
    assert answer.returncode == 2
    assert "is not the one that this house was used with" in answer.stderr
    assert "Set FADEOUT_KEYS to that folder" in answer.stderr
    assert len(contact_ids()) == 3
    assert not Run.objects.exists()


def test_a_database_that_does_not_answer_ends_with_2(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in ("postgresql://127.0.0.1:1/x", "gibberish"):
        monkeypatch.setenv("FADEOUT_DATABASE_URL", url)
        answer = command("status")
        assert answer.code == 2
        assert "FADEOUT_DATABASE_URL" in answer.err
        assert_plain(answer)
