"""The ledger and its certificates by command: what they say, and how they end."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from fadeout.core import paths
from fadeout.ledger import queries
from fadeout.ledger.models import Entry, Text
from tests.certificates.house import REASON, ran
from tests.cli.conftest import Command
from tests.conftest import Fadeout
from tests.ledger import book


@pytest.fixture
def run(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(ran(tmp_path / "in").pk)


def test_verify_ends_with_0_when_everything_holds(run: str, command: Command) -> None:
    answer = command("ledger", "verify")
    assert (answer.code, answer.out) == (0, "The ledger holds: 9 entries; the last one is 9.\n")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ledger_entry SET facts = '{}' WHERE number = 4", "Entry 4 was changed"),
        ("DELETE FROM ledger_entry WHERE number = 9", "Entry 9 is gone"),
        ("UPDATE runs_run SET state = 'incomplete'", "Of run 1 the database says something else"),
    ],
)
def test_verify_ends_with_1_when_something_does_not(
    run: str, command: Command, statement: str, said: str
) -> None:
    book.tamper(statement)
    answer = command("ledger", "verify")
    assert answer.code == 1
    assert said in answer.out
    assert "The ledger does not hold" in answer.err
    assert "Traceback" not in answer.text


def test_verify_looks_for_a_printed_head(run: str, command: Command) -> None:
    entry = Entry.objects.get(number=5)
    printed = str(queries.Printed.of(entry))
    answer = command("ledger", "verify", "--head", printed)
    assert (answer.code, "The printed head 5 stands in the ledger" in answer.out) == (0, True)
    wrong = printed[:-1] + ("0" if printed[-1] != "0" else "1")
    assert command("ledger", "verify", "--head", wrong).code == 1
    assert command("ledger", "verify", "--head", "5").code == 2


def test_verify_with_the_wrong_key_folder_ends_with_2(
    run: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "other"))
    answer = command("ledger", "verify")
    assert answer.code == 2
    assert "FADEOUT_KEYS" in answer.err


def test_show_lists_entries_for_people_and_programs(run: str, command: Command) -> None:
    shown = command("ledger", "show").out
    assert len([line for line in shown.splitlines() if "2026-" in line]) == 9
    for word in ("plan", "approval", "run ended", "Ruth", REASON):
        assert word in shown
    told = json.loads(command("ledger", "show", "--last", "4", "--json").out)["entries"]
    assert [entry["kind"] for entry in told] == [
        "override", "run_started", "vault_key", "run_ended",
    ]  # fmt: skip
    assert told[0]["texts"] == {"reason": REASON}
    assert told[0]["name"] == "Ruth"
    everything = json.loads(command("ledger", "show", "--all", "--json").out)["entries"]
    assert [entry["number"] for entry in everything] == list(range(1, 10))
    assert command("ledger", "show", "--last", "0").code == 2
    assert command("ledger", "show", "--last", "9" * 20).code == 2
    assert command("ledger", "show", "--last", "1000000000").code == 0
    assert command("ledger", "show", "--last", "1", "--all").code == 2


def test_a_restore_is_acknowledged_by_somebody_with_a_reason(run: str, command: Command) -> None:
    none = command("ledger", "acknowledge", "--by", "Ruth", "--reason", "Just so.")
    assert (none.code, "nothing to acknowledge" in none.out) == (0, True)
    book.tamper("DELETE FROM ledger_entry WHERE number > 6")
    refused = command("policy", "--months", "24")
    assert (refused.code, "fadeout ledger acknowledge" in refused.err) == (1, True)
    for wrong in (("--by", "Ruth"), ("--reason", "x"), ("--by", "Ruth", "--reason", " ")):
        assert command("ledger", "acknowledge", *wrong).code == 2
    done = command("ledger", "acknowledge", "--by", "Ruth", "--reason", "The disk broke.")
    assert done.code == 0, done.err
    assert "Entries 7 to 9 were lost by a restore that Ruth acknowledged on" in done.out
    assert command("policy", "--months", "24").code == 0


def test_texts_and_names_are_emptied(run: str, command: Command) -> None:
    number = str(Text.objects.get(text=REASON).entry_id)
    assert command("ledger", "empty", number, "--by", "Bo").code == 0
    assert command("ledger", "empty", number, "--by", "Bo").code == 2
    assert command("ledger", "empty", "--operator", "Ruth", "--by", "Bo").code == 0
    assert command("ledger", "empty", "--operator", "Ruth", "--by", "Bo").code == 2
    assert command("ledger", "empty", "--by", "Bo").code == 2
    shown = command("ledger", "show").out
    assert "operator who left" in shown
    assert "reason: (emptied)" in shown
    assert REASON not in shown
    answer = command("ledger", "verify")
    assert answer.code == 0, answer.out
    assert "Texts that were emptied: 2." in answer.out
    assert REASON not in command("status").text
    assert "None" not in command("status").out


def test_a_certificate_goes_to_the_terminal_or_to_files(
    run: str, command: Command, tmp_path: Path
) -> None:
    shown = command("certificate", run)
    assert shown.code == 0, shown.err
    for word in (
        "Certificate of run 1",
        "Ruth",
        REASON,
        "Deleted",
        "Head of the ledger",
        "Pseudonymised and restricted",
    ):
        assert word in shown.out, word
    html, as_json = tmp_path / "c.html", tmp_path / "c.json"
    for _ in range(2):  # a later one replaces it
        done = command("certificate", run, "--html", html, "--json", as_json)
        assert done.code == 0, done.err
    assert html.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(as_json.read_text(encoding="utf-8"))["run"]["number"] == 1
    assert stat.S_IMODE(html.stat().st_mode) == 0o600


def test_a_certificate_that_cannot_be_made_leaves_no_file(
    run: str, command: Command, tmp_path: Path
) -> None:
    html = tmp_path / "c.html"
    for arguments, code in (
        (("99", "--html", html), 2),
        ((run, "--html", tmp_path), 2),
        ((run, "--html", tmp_path / "no" / "c.html"), 2),
        ((run, "--html", html, "--json", html), 2),
        ((run, "--html", html, "--json", tmp_path / ".." / tmp_path.name / "c.html"), 2),
        (("x",), 2),
    ):
        assert command("certificate", *arguments).code == code, arguments
    book.tamper("UPDATE ledger_entry SET facts = '{}' WHERE number = 4")
    refused = command("certificate", run, "--html", html)
    assert (refused.code, "Entry 4 was changed" in refused.err) == (1, True)
    assert not html.exists()


def test_a_key_folder_that_is_restored_with_an_older_head_catches_up(
    run: str, command: Command
) -> None:
    head = paths.keys() / "ledger.head"
    older = head.read_bytes()
    assert command("policy", "--months", "24").code == 0
    head.write_bytes(older)
    assert command("ledger", "verify").code == 0
    assert head.read_bytes() != older


def test_a_real_restore_from_dump_to_acknowledgement(
    run: str, fadeout: Fadeout, tmp_path: Path
) -> None:
    def ends(code: int, *arguments: str | Path) -> str:
        done = fadeout(*arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    backup = tmp_path / "house.sql"
    ends(0, "database", "dump", backup)
    ends(0, "policy", "--months", "24", "--by", "Ruth")
    ends(0, "simulate", "--as-of", "2024-06-01", "--by", "Ruth")
    assert "11 entries" in ends(0, "ledger", "verify")
    ends(0, "database", "restore", backup, "--yes")
    assert "Entries 10 to 11 are gone" in ends(1, "ledger", "verify")
    assert "Nothing was changed" in ends(1, "simulate", "--as-of", "2024-06-01")
    ends(0, "ledger", "acknowledge", "--by", "Ruth", "--reason", "The disk broke.")
    said = ends(0, "ledger", "verify")
    assert "Entries 10 to 11 were lost by a restore that Ruth acknowledged" in said
    assert "10 entries; the last one is 12" in said
    ends(0, "simulate", "--as-of", "2024-06-01")
    ends(0, "certificate", run)
    assert "13" in ends(0, "ledger", "show", "--last", "1")
