"""``fadeout forget``: what it says, what it takes, what it refuses; a part is never called all of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fadeout.cli import forget as forget_command
from fadeout.core import clock, paths
from fadeout.core.errors import DidNotHold
from fadeout.institution.models import PolicyVersion
from fadeout.plans.models import Plan
from fadeout.runs import lock
from fadeout.runs.models import Run
from tests import support
from tests.cli.conftest import Command
from tests.cli.test_terminal import at_a_terminal
from tests.conftest import Fadeout
from tests.model.house import Hold
from tests.plans.by_hand import FORBIDDEN, WARNED, both_and_more
from tests.plans.house import contact, contact_ids, everything, house, three

BOM = b"\xef\xbb\xbf"


@pytest.fixture
def three_people(database: str, tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")


@pytest.fixture
def many(database: str, tmp_path: Path) -> None:
    support.imported(both_and_more(), tmp_path / "in")


def key_files() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in paths.keys().rglob("*") if path.is_file()}


def row_of(text: str, contact_number: str) -> list[str]:
    """The first line of this contact; further below reasons of the same name are counted."""
    return next(row for row in map(str.split, text.splitlines()) if row[:1] == [contact_number])


def test_all_of_them_are_forgotten(three_people: None, command: Command) -> None:
    answer = command("forget", "prospect", "buyer", "--by", "Ruth", "--yes", "2")
    assert answer.code == 0, answer.err
    assert row_of(answer.out, "prospect") == ["prospect", "delete"]
    assert row_of(answer.out, "buyer") == ["buyer", "anonymise"]
    assert "audits found nothing" in answer.out
    assert contact_ids().keys() & {"prospect", "buyer", "kept"} == {"kept"}
    plan = Plan.objects.get()
    assert (plan.kind, plan.created_by.name) == ("forget", "Ruth")
    assert plan.approvals.get().approved_by.name == "Ruth"
    assert Run.objects.get().started_by.name == "Ruth"


def test_it_says_for_each_what_it_will_do_and_why_not(many: None, command: Command) -> None:
    answer = command("forget", *FORBIDDEN, *WARNED, "prospect")
    assert answer.code == 2
    assert "--yes N" in answer.err
    for reason in FORBIDDEN:
        assert row_of(answer.out, reason)[:2] == [reason, "keep"]
        assert reason in row_of(answer.out, reason)[2:]
    for reason, (outcome, _) in WARNED.items():
        assert row_of(answer.out, reason) == [reason, outcome, reason]
    assert "contacts_contact" in answer.out
    assert contact_ids().keys() > {*FORBIDDEN, *WARNED, "prospect"}
    assert not Run.objects.exists()


def test_a_part_of_them_ends_with_1(many: None, command: Command) -> None:
    before = len(contact_ids())
    answer = command("forget", "prospect", "debtor", "hold", "--yes", "1")
    assert answer.code == 1
    assert "2 of 3 contacts were not forgotten" in answer.err
    assert "prospect" not in answer.err
    assert contact_ids().keys() > {"debtor", "hold"}
    assert len(contact_ids()) == before - 1


def test_none_of_them_ends_with_1_and_asks_for_nothing(many: None, command: Command) -> None:
    before = everything("institution_operator")
    answer = command("forget", "debtor")
    assert answer.code == 1
    assert "None of them may be forgotten" in answer.err
    assert everything("institution_operator") == before


@pytest.mark.parametrize("wrong", [(), ("--yes", "2"), ("--yes", "0"), ("--yes=-1",)])
def test_a_number_that_does_not_confirm_changes_nothing(
    three_people: None, command: Command, wrong: tuple[str, ...]
) -> None:
    before, keys = everything("institution_operator"), key_files()
    answer = command("forget", "buyer", *wrong)
    assert answer.code == 2
    assert key_files() == keys
    assert row_of(answer.out, "buyer") == ["buyer", "anonymise"]
    assert "buyer" in contact_ids()
    assert (
        everything("institution_operator") == before
    )  # no plan is left, nor an entry of the ledger


def test_without_a_recipient_it_refuses_before_it_asks_and_leaves_nothing(
    three_people: None, command: Command
) -> None:
    (paths.keys() / "vault" / "recipient").unlink()
    before = everything("institution_operator")
    answer = command("forget", "buyer")
    assert answer.code == 2
    assert "The vault has no recipient" in answer.err
    assert "asks for a number" not in answer.err
    assert everything("institution_operator") == before
    assert command("forget", "buyer", "--yes", "1", "--without-recovery").code == 0
    assert "buyer" not in contact_ids()


def test_one_that_was_confirmed_and_cannot_begin_waits_and_says_so(
    three_people: None, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> None:
        raise DidNotHold("Another run is under way in this database.")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(lock, "only_one", busy)
        answer = command("forget", "buyer", "--yes", "1")
    assert answer.code == 1
    plan = str(Plan.objects.get().pk)
    assert f"Plan {plan} is confirmed and waits: fadeout run {plan}" in answer.err
    assert "buyer" in contact_ids()
    assert command("run", plan, "--yes", "1").code == 0
    assert "buyer" not in contact_ids()


def test_who_may_no_longer_go_when_their_turn_comes_is_told(
    three_people: None, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held = house(contact("buyer"), Hold(contact_number="buyer", reason="court")).write_csv(
        tmp_path / "held"
    )
    (held / "contacts.csv").unlink()

    typed_number = forget_command.typed_number

    def typed_while_somebody_holds(*arguments: Any) -> int:
        support.import_folder(held)
        return typed_number(*arguments)

    monkeypatch.setattr(forget_command, "typed_number", typed_while_somebody_holds)
    answer = command("forget", "prospect", "buyer", "--yes", "2")
    assert answer.code == 1
    assert "Kept after all" in answer.out
    assert row_of(answer.out.partition("Kept after all")[2], "buyer") == [
        "buyer", "requalified", "hold",
    ]  # fmt: skip
    assert "1 of 2 contacts were not forgotten" in answer.err
    assert contact_ids().keys() == {"buyer", "kept"}


def test_two_people_where_the_house_asks_for_them(three_people: None, command: Command) -> None:
    PolicyVersion.objects.update(two_people=True)
    answer = command("forget", "buyer", "--by", "Ruth", "--yes", "1")
    assert answer.code == 1
    plan = str(Plan.objects.get().pk)
    assert f"fadeout approve {plan} --by NAME" in answer.err
    assert "buyer" in contact_ids()
    assert command("approve", plan, "--by", "Ruth", "--yes", "1").code == 0
    assert command("run", plan, "--yes", "1").code == 1
    approved = command("approve", plan, "--by", "Sam", "--yes", "1")
    assert approved.code == 0
    assert row_of(approved.out, "buyer") == ["buyer", "anonymise"]
    assert f"Run it: fadeout run {plan}" in approved.out
    done = command("run", plan, "--yes", "1")
    assert done.code == 0, done.err
    assert "buyer" not in contact_ids()
    assert command("run", plan, "--yes", "1").code == 0


# -- Lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"prospect\nbuyer\n",
        b"prospect\r\nbuyer",
        BOM + b"prospect\n\n  \n\tbuyer \n\n",
        b"buyer\nprospect\nbuyer\nbuyer\n",
    ],
)
def test_a_list_is_read(
    three_people: None, command: Command, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "list").write_bytes(content)
    answer = command("forget", "--file", tmp_path / "list", "--yes", "2")
    assert answer.code == 0, answer.err
    assert ("Given more than once: 2." in answer.out) == (content.count(b"buyer") == 3)
    assert contact_ids().keys() & {"prospect", "buyer"} == set()


def test_a_list_of_numbers_that_are_not_ascii(
    database: str, command: Command, tmp_path: Path
) -> None:
    support.imported(house(contact("Zoë [b]7[/b]"), contact("名")), tmp_path / "in")
    (tmp_path / "list").write_text("Zoë [b]7[/b]\n名\n", encoding="utf-8")
    answer = command("forget", "--file", tmp_path / "list", "--yes", "2")
    assert answer.code == 0, answer.err
    assert "Zoë [b]7[/b]" in answer.out
    assert not contact_ids()


BAD_LISTS = {
    "empty": (b"", "No contact number"),
    "blank": (BOM + b"\n \n", "No contact number"),
    "UTF-16": ("prospect\n".encode("utf-16"), "Line 1 of the list is not UTF-8"),
    "Latin-1": (b"prospect\nZo\xeb\n", "Line 2 of the list is not UTF-8"),
    "an unknown number": (b"prospect\n\nSecret-17\nbuyer\n", "line 3: no such contact, value xxxxxx-99"),
    "NUL": (b"prospect\nbu\0yer\n", "line 2: no such contact"),
    "one line of everything": (b"prospect,buyer\n", "line 1: no such contact"),
    "very long": (b"x" * 5_000_000, "line 1: no such contact"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_bad_list_changes_nothing(
    three_people: None, command: Command, tmp_path: Path, name: str
) -> None:
    content, said = BAD_LISTS[name]
    (tmp_path / "list").write_bytes(content)
    before = everything("institution_operator")
    answer = command("forget", "--file", tmp_path / "list", "--yes", "2")
    assert answer.code == 2
    assert said in answer.err
    assert len(answer.err) < 1_000
    for secret in ("Secret", "prospect", "buyer", "Traceback"):
        assert secret not in answer.text
    assert everything("institution_operator") == before


def test_wrong_usage(three_people: None, command: Command, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("buyer\n")
    locked = tmp_path / "locked"
    locked.write_text("buyer\n")
    locked.chmod(0)
    wrong = [
        ("forget",),
        ("forget", "buyer", "--file", tmp_path / "list"),
        ("forget", "--file", tmp_path / "nowhere"),
        ("forget", "--file", tmp_path),
        ("forget", "--file", ""),
        ("forget", "--file"),
        ("forget", "buyer", "--yes", "all"),
        ("forget", "buyer", "--by", " ", "--yes", "1"),
        ("forget", "", "--yes", "1"),
        ("forget", "\udcff", "--yes", "1"),
        ("forget", "nobody", "--yes", "1"),
        *([("forget", "--file", locked)] if os.geteuid() != 0 else []),
    ]
    before = everything("institution_operator")
    for arguments in wrong:
        answer = command(*arguments)
        assert answer.code == 2, (arguments, answer)
        assert "Traceback" not in answer.text
    assert everything("institution_operator") == before


def test_standard_input(three_people: None, fadeout: Fadeout) -> None:
    unconfirmed = fadeout("forget", "--file", "-", stdin="buyer\n")
    assert unconfirmed.returncode == 2
    assert "--yes N" in unconfirmed.stderr
    bad = fadeout("forget", "--file", "-", "--yes", "1", stdin="nobody\n")
    assert (bad.returncode, "line 1: no such contact" in bad.stderr) == (2, True)
    done = fadeout("forget", "--file", "-", "--yes", "1", stdin="buyer\n")
    assert done.returncode == 0, done.stderr
    assert "buyer" not in contact_ids()


def test_at_a_terminal_the_number_is_typed(three_people: None) -> None:
    code, screen = at_a_terminal("7\n", "forget", "buyer")
    assert code == 2, screen
    assert "buyer" in contact_ids()
    code, screen = at_a_terminal("1\n", "forget", "buyer")
    assert code == 0, screen
    assert "1 contacts are erased for good" in screen
    assert "buyer" not in contact_ids()


def test_simulate_after_it_is_not_held_by_growth(many: None, command: Command) -> None:
    assert command("forget", "prospect", "--yes", "1").code == 0
    assert clock.now() > support.NOW
    told = command("simulate").out
    assert "times the" not in told
