"""A run killed at any step of its searches goes on, and leaves the same texts and the same list."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from fadeout.core import paths, sql
from fadeout.residue.models import Finding
from fadeout.runs.models import Run
from tests import forked
from tests.forked import Ended
from tests.model.house import Note
from tests.residue import killed
from tests.residue.house import ANNA, EXACT, TEXT, about, note, planned
from tests.residue.killed import STEPS

NOTES = {"N2": TEXT, "N3": f"x {EXACT[0]}", "N4": "x anna.s@example.org SAM.S22 kn-100124"}


def run_in_a_process(plan: int, step: str, at_call: int, folder: Path) -> Ended:
    return forked.process(
        killed.run, plan, step, at_call, environment=os.environ, heard=folder / "heard"
    )


def ended() -> object:
    listed = Finding.objects.order_by("table_name", "column_name", "row", "kind", "done")
    found = listed.values_list("table_name", "column_name", "row", "kind", "done").distinct()
    notes = sql.rows("SELECT note_number, text FROM contacts_note ORDER BY note_number")
    return notes, list(found), Run.objects.values_list("state", "audits").get()


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    return {}


#: At which call, where it is not the first one.
CALLS = {
    "while contacts are written down": 2,
    "in a search": 7,
    "before a stroke": 2,
    "in a stroke, before a text is replaced": 2,
    "in a stroke, before its findings are listed": 2,
    "before files are destroyed": 2,  # the first one cleans what other runs left
}


@pytest.mark.parametrize("step", ["never", *STEPS])
def test_a_killed_run_goes_on(
    database: str, tmp_path: Path, undisturbed: dict[str, object], step: str
) -> None:
    spouse = about(
        ANNA, contact_number="KN-100124", first_name="Sam", phone=None, mobile=None, login="sam.s22"
    )
    notes = tuple(Note(note_number=n, contact_number="K-1", text=text) for n, text in NOTES.items())
    plan = planned(tmp_path / "in", spouse, notes=notes).pk
    sql.execute(
        "UPDATE contacts_contact SET mobile = '044 000 11 22 ' WHERE contact_number = 'K-1'"
    )

    first = run_in_a_process(plan, step, CALLS.get(step, 1), tmp_path)
    if step != "never":
        assert first.code == -signal.SIGKILL, first.said
        second = run_in_a_process(plan, "never", 0, tmp_path)
        assert second == Ended(0, "done\n")

    assert ended() == undisturbed.setdefault("state", ended())
    assert note("N4") == "x [removed] [removed] [removed]"
    assert not [typed for typed in EXACT if typed in note("N2")]
    assert list((paths.keys() / "runs").iterdir()) == []
