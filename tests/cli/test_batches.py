"""``fadeout batch`` sets up what simulates by itself, lists and deletes it."""

from __future__ import annotations

import json

import pytest

from fadeout.accounts.permissions import Role
from fadeout.batches.models import Batch, Mode
from fadeout.ledger.models import Entry, Kind
from tests import support
from tests.cli.conftest import Command
from tests.console.visitors import somebody


@pytest.fixture
def ada(database: str) -> None:
    support.founded()
    somebody(Role.DPO)


def test_a_batch_is_set_up_listed_and_deleted(ada: None, command: Command) -> None:
    assert json.loads(command("batch", "list", "--json").out) == {"batches": []}
    answer = command(
        "batch", "add", "30  2 * * 1", "--tell", "ADA@example.org", "--months", "24", "--by", "Bo"
    )
    assert (answer.code, "At 02:30, only on Monday" in answer.out) == (0, True), answer.err
    assert "It simulates. Next: " in answer.out
    [listed] = json.loads(command("batch", "list", "--json").out)["batches"]
    assert (listed["schedule"], listed["months"], listed["mode"]) == (
        "30 2 * * 1",
        24,
        Mode.SIMULATION,
    )
    assert listed["next"][0].endswith(" 02:30")
    assert listed["id"] in command("batch", "list").out
    unasked = command("batch", "delete", listed["id"])
    assert (unasked.code, "--yes" in unasked.err, Batch.objects.count()) == (2, True, 1)
    assert command("batch", "delete", listed["id"], "--yes", "--by", "Bo").code == 0
    assert command("batch", "delete", listed["id"], "--yes").code == 2
    recorded = Entry.objects.filter(kind=Kind.BATCH).order_by("number")
    assert [entry.facts["done"] for entry in recorded] == ["created", "deleted"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("0 3 1", "--tell", "ada@example.org"), "Write five fields"),
        (("0 3 1 * *", "--tell", "bo@example.org"), "No operator signs in with this address"),
        (("0 3 1 * *", "--tell", "ada@example.org", "--months", "0"), "must lie between"),
        (("0 3 1 * *",), "--tell"),
    ],
)
def test_what_cannot_be_set_up_is_told(
    ada: None, command: Command, given: tuple[str, ...], said: str
) -> None:
    answer = command("batch", "add", *given)
    assert (answer.code, said in answer.err) == (2, True), answer.err
    assert not Batch.objects.exists()
