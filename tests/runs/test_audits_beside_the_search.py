"""Audits go on beside the last search: what they found counts only if nothing was changed since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from fadeout.core import sql
from fadeout.residue import operations as residue
from fadeout.runs import audits, tickets
from fadeout.runs.models import Run
from tests import support
from tests.residue.house import EXACT, note, planned

#: What the audits look for, written while the search goes on: as if a stroke had left it.
LEFT = "UPDATE sales_order SET remark = 'left' WHERE order_number = 'old'"


def counting(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    made: list[dict[str, int]] = []
    audit = audits.audit
    monkeypatch.setattr(audits, "audit", lambda *of: made.append(audit(*of)) or made[-1])
    return made


def test_they_are_made_once_if_the_search_finds_nothing(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counting(monkeypatch)
    run = support.run(planned(tmp_path / "in"))
    assert run.state == "done", run.audits
    assert len(made) == 1
    assert made[0].items() < run.audits.items()


def test_they_are_made_again_if_the_search_changes_something(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(tmp_path / "in")
    made = counting(monkeypatch)
    clear, take_out = tickets.clear, residue._take_out_everywhere

    def a_text_arrives(setting: Any) -> Iterator[tickets.Step]:
        yield from clear(setting)
        text = {"text": f"Late: {EXACT[0]}"}
        sql.execute("UPDATE contacts_note SET text = %(text)s WHERE note_number = 'N1'", text)

    def something_else_too(*of: Any) -> None:
        take_out(*of)
        sql.execute(LEFT)

    with monkeypatch.context() as patched:
        patched.setattr(tickets, "clear", a_text_arrives)
        patched.setattr(residue, "_take_out_everywhere", something_else_too)
        run = support.run(plan)

    assert note("N1") == "Late: [removed]"
    assert len(made) == 2
    assert run.state == "incomplete"
    found = {audit for audit, number in run.audits.items() if number}
    assert found == {audit for audit, number in made[1].items() if number} > set()
    assert support.run(plan).state == "done"


def test_a_run_whose_audits_fail_is_not_done(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(tmp_path / "in")

    def failing(*_: object) -> dict[str, int]:
        sql.rows("SELECT pg_terminate_backend(pg_backend_pid())")
        return {}

    with monkeypatch.context() as patched:
        patched.setattr(audits, "audit", failing)
        with pytest.raises(OperationalError):
            support.run(plan)
    assert (Run.objects.get().state, Run.objects.get().audits) == ("running", None)
    assert support.run(plan).state == "done"
