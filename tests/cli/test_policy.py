"""``fadeout policy``, the brakes as commands tell them, and bad input to the commands of a run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fadeout.institution import operations as institution
from fadeout.institution.models import PolicyVersion
from fadeout.runs.models import Override, Run
from tests import support
from tests.cli.conftest import Command
from tests.plans.house import RECENT, contact, contact_ids, everything, house

HUGE = "9" * 40
AS_OF = ("--as-of", "2024-06-01")
BAD = (
    ("policy", "--months", "0"),
    ("policy", "--months", "1201"),
    ("policy", "--months", "-1"),
    ("policy", "--months", HUGE),
    ("policy", "--largest-share", "0"),
    ("policy", "--largest-share", "101"),
    ("policy", "--largest-growth", "0"),
    ("policy", "--largest-growth", "10001"),
    ("policy", "--largest-growth", "2.5"),
    ("policy", "--plan-days", "0"),
    ("policy", "--plan-days", "3651"),
    ("policy", "--backup-months", "0"),
    ("policy", "--backup-months", "1201"),
    ("policy", "--plan-days", "9", "--months", "0"),
    ("policy", "--two-people", "yes"),
    ("policy", "--months", "36"),
    ("policy", "--one-person"),
    ("policy", "--months", "12", "--by", ""),
    ("policy", "--months", "12", "--by", " "),
    ("pause",),
    ("pause", "0"),
    ("pause", "1"),
    ("pause", "one"),
    ("cancel", HUGE),
    ("resume", "1"),
    ("resume", "--", "-1"),
    ("run", "1", "--yes", "2", "--override", "Because."),
    ("run", "1", "--yes", "2", "--override", "Because.", "--by", ""),
    ("run", "1", "--yes", "2", "--override", " ", "--by", "Ruth"),
    ("run", "1", "--yes", "2", "--override"),
)


@pytest.fixture
def plan(database: str, tmp_path: Path, command: Command) -> str:
    """An approved plan that strikes two contacts of three."""
    institution.found(name="T", time_zone="Europe/Zurich", currency="CHF", now=support.NOW)
    support.keyring().set_recipient(support.RECIPIENT)
    rows = house(contact("secret-1"), contact("secret-2"), contact("kept", created_at=RECENT))
    support.import_folder(rows.write_csv(tmp_path / "in"))
    told = json.loads(command("simulate", *AS_OF, "--json").out)
    assert told["brakes"] == ["not_approved", "too_large_a_share"]
    approved = command("approve", str(told["plan"]), "--yes", "2", "--by", "Ada")
    assert "is approved.\nIt may not run yet: It strikes 2 of 3 contacts" in approved.out
    return str(told["plan"])


def test_bad_input_ends_with_2_and_changes_nothing(plan: str, command: Command) -> None:
    before = everything("institution_operator")
    for arguments in BAD:
        answer = command(*arguments)
        assert answer.code == 2, (arguments, answer)
        assert answer.err.strip(), arguments
        assert "Traceback" not in answer.text
        assert "secret" not in answer.text
    assert everything("institution_operator") == before


def test_the_policy_is_shown_and_changed(plan: str, command: Command) -> None:
    shown = json.loads(command("policy", "--json").out)
    assert shown == {
        "version": 1, "months": 36, "largest_share": 20, "largest_growth": 3, "plan_days": 30,
        "two_people": False, "backup_months": 12,
    }  # fmt: skip
    changed = command("policy", "--months", "24", "--two-people", "--by", "Head", "--json")
    assert json.loads(changed.out) == shown | {"version": 2, "months": 24, "two_people": True}
    assert json.loads(command("policy", "--json").out)["version"] == 2
    assert "somebody else than its author" in command("policy").out
    assert json.loads(command("simulate", *AS_OF, "--json").out)["months"] == 24
    assert PolicyVersion.objects.count() == 2
    assert command("policy", "--backup-months", "6").code == 0
    assert re.search(r"backups live for +6 months", command("policy").out)


def test_simulate_tells_a_brake_but_not_that_a_new_plan_is_not_approved(
    plan: str, command: Command
) -> None:
    told = command("simulate", *AS_OF).out
    assert "It may not run yet: It strikes 2 of 3 contacts, more than 20 %." in told
    assert "not approved" not in told


def test_a_held_plan_ends_with_1_and_runs_once_somebody_answers_for_it(
    plan: str, command: Command
) -> None:
    held = command("run", plan, "--yes", "2")
    assert held.code == 1
    assert "Nothing was changed." in held.err
    assert "--override" in held.err
    assert not Run.objects.exists()
    assert len(contact_ids()) == 3
    done = command("run", plan, "--yes", "2", "--override", "First run.", "--by", "Ruth")
    assert done.code == 0, done.err
    assert list(contact_ids()) == ["kept"]
    assert Override.objects.get().overridden_by.name == "Ruth"
    assert "Ruth lifted a brake (too large a share): First run." in command("status").out
    [told] = json.loads(command("status", "--json").out)["overrides"]
    assert told == {"brakes": ["too_large_a_share"], "by": "Ruth", "reason": "First run."}


def test_two_people_means_somebody_else_than_the_author(plan: str, command: Command) -> None:
    assert command("policy", "--two-people", "--largest-share", "100").code == 0
    old = command("run", plan, "--yes", "2")
    assert (old.code, "policy has changed since" in old.err) == (1, True)
    new = str(json.loads(command("simulate", *AS_OF, "--by", "Ada", "--json").out)["plan"])
    assert "two people" in command("approve", new, "--yes", "2", "--by", "Ada").out
    assert command("run", new, "--yes", "2").code == 1
    assert f"Run it: fadeout run {new}" in command("approve", new, "--yes", "2", "--by", "Bo").out
    assert command("run", new, "--yes", "2").code == 0


def test_a_held_plan_says_so_before_it_asks_for_the_number(
    database: str, tmp_path: Path, command: Command
) -> None:
    support.imported(house(contact("A")), tmp_path / "in")
    PolicyVersion.objects.update(largest_share=20)
    assert command("simulate", *AS_OF).code == 0
    assert command("approve", "1", "--yes", "1").code == 0
    held = command("run", "1")
    assert held.code == 1
    assert "--override" in held.err
    assert "--yes" not in held.err
