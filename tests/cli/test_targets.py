"""``fadeout target``: asked by options and by files, counted, explained, frozen, taken, refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from fadeout.ledger.models import Entry, Kind
from fadeout.targets.models import Member, Target
from tests.cli.conftest import Command
from tests.contacts.people import imported


@pytest.fixture
def people(database: str, tmp_path: Path) -> None:
    imported(tmp_path / "in")


def test_a_target_from_its_making_to_its_end(
    people: None, command: Command, tmp_path: Path
) -> None:
    made = command("target", "add", "Swiss", "--country", "ch", "--recency-before", "20300101")
    assert (made.code, made.err) == (0, "")
    assert "Swiss: 2 contacts." in made.out
    assert "country: Switzerland" in made.out
    assert "Recency as of 20" in made.out
    assert Target.objects.get().conditions == {"all": [
        {"on": "recency", "test": "before", "value": "2030-01-01"},
        {"on": "country", "test": "is", "value": "CH"},
    ]}  # fmt: skip
    file = tmp_path / "asked.json"
    file.write_text(json.dumps({"any": [
        {"on": "target", "test": "is", "value": "Swiss"}, {"on": "country", "test": "is", "value": "DK"},
    ]}))  # fmt: skip
    both = command("target", "add", "Both", "--conditions", file, "--email", "--json")
    assert json.loads(both.out)["contacts"] == 1
    assert command("target", "count", "Both").out == "1\n"
    [row] = json.loads(command("target", "sample", "Both", "--json").out)["sample"]
    assert (row["contact_number"], row["last_name"]) == ("1001", "Müller")
    why = command("target", "why", "Both", "2001")
    assert (why.code, why.out.splitlines()[0]) == (0, "It is not in.")
    assert "yes in the target “Swiss”" in why.out
    assert "no  has an e-mail address  [not on file]" in why.out
    assert command("target", "freeze", "Swiss", "Frozen").code == 0
    assert Member.objects.count() == 2
    listed = json.loads(command("target", "list", "--json").out)["targets"]
    assert [(one["name"], one["kind"]) for one in listed] == [
        ("Both", "dynamic"), ("Frozen", "static"), ("Swiss", "dynamic"),
    ]  # fmt: skip
    out = tmp_path / "list.csv"
    assert command("target", "export", "Frozen", out, "--by", "Mia").code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [line.partition(",")[0] for line in out.read_text().splitlines()] == [
        "contact_number", "1001", "2001",
    ]  # fmt: skip
    kept = command("target", "remove", "Swiss", "--yes")
    assert (kept.code, "targets first: Both." in kept.err) == (2, True)
    assert command("target", "remove", "Both").code == 2  # nobody is there to ask
    for name in ("Both", "Swiss"):
        assert command("target", "remove", name, "--yes").code == 0
    assert [one.facts["done"] for one in Entry.objects.filter(kind=Kind.TARGET)] == [
        "frozen", "exported", "removed", "removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("add", "x", "--recency-before", "20241345"), "part 1 of the group “all”: That is no day"),
        (("add", "x", "--authorisation", "email"), "PURPOSE/CHANNEL=ANSWER"),
        (("add", "x", "--authorisation", "a/b=maybe"), "yes, no, unanswered"),
        (("add", "x", "--postcode", "1299-1200"), "comes after it"),
        (("add", "x", "--organisation", "zoo"), "nothing of this code"),
        (("add", "x", "--in", "nobody"), "There is no such target."),
        (("add", "x", "--conditions", "missing.json"), "missing.json cannot be read"),
        (("add", " ", "--email"), "A target needs a name."),
        (("count", "nobody"), "There is no such target."),
        (("why", "all", "nobody"), "There is no contact of this number on file."),
        (("export", "all", "/no/such/place/list.csv"), "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_exit_code_2(
    people: None, command: Command, given: tuple[str, ...], told: str
) -> None:
    assert command("target", "add", "all", "--by", "Mia").code == 0
    answer = command("target", *given)
    assert (answer.code, told in answer.err) == (2, True), answer.err
    assert "Traceback" not in answer.text
    assert Target.objects.count() == 1
    assert not Entry.objects.filter(kind=Kind.TARGET).exists()


def test_a_file_that_is_no_json_is_told_by_its_line(
    people: None, command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "asked.json"
    file.write_text('{"all": [\n  oops\n]}')
    answer = command("target", "add", "x", "--conditions", file)
    assert (answer.code, "asked.json is not JSON, line 2" in answer.err) == (2, True), answer.err
    file.write_text('{"all": [' * 100_000)
    answer = command("target", "add", "x", "--conditions", file)
    assert (answer.code, "asked.json is not JSON" in answer.err) == (2, True), answer.err
