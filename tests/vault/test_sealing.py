"""Whatever a run removes can be recovered by support, and by nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings

from fadeout.core import paths, sql
from fadeout.core.errors import BadInput
from fadeout.demo import house as demo_house
from fadeout.plans import queries as plan_queries
from fadeout.runs import chunks, queries
from fadeout.runs.models import Chunk, Run
from fadeout.vault.models import VaultKey, VaultRecord
from fadeout.vault.recovery import Wanted
from tests import support
from tests.erasure import test_runs_agree_with_the_model as way
from tests.model.strategies import Case, cases
from tests.sentinels import sentinel_house
from tests.vault import opened


def test_what_a_run_removes_of_a_large_house_can_all_be_recovered(
    database: str, tmp_path: Path
) -> None:
    support.founded()
    demo_house.invent(tmp_path / "in", contacts=1_500, today=support.AS_OF)
    support.import_folder(tmp_path / "in")
    plan = support.approved(support.simulated())
    before = opened.snapshot()

    run = support.run(plan)

    assert run.state == "done"
    removed = opened.gone(before, opened.snapshot())
    sealed = opened.records()
    struck = plan_queries.struck_by(plan)
    assert struck > 200
    assert {table for table, *_ in removed} > {
        "contacts_contact",
        "sales_order_line",
        "contacts_note",
    }
    assert removed - opened.cells(sealed) == set()
    assert len([r for r in sealed if any("first_name" in p.values for p in r.parts)]) == struck


@pytest.mark.usefixtures("database")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(case=cases())
def test_what_a_run_removes_of_any_house_can_all_be_recovered(tmp_path: Path, case: Case) -> None:
    folder = tmp_path / str(next(way.folders))
    seen: list[opened.Snapshot] = []
    way.run_all(case, folder, before_the_run=lambda: seen.append(opened.snapshot()))
    assert opened.gone(seen[0], opened.snapshot()) - opened.cells(opened.records()) == set()


def test_neither_database_nor_key_folder_tells_who_is_in_the_vault(
    database: str, tmp_path: Path
) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    assert support.run(support.approved(support.simulated())).state == "done"

    wanted = Wanted(number="sentinel-deleted-number")
    found = opened.records(wanted)
    lying = b"".join(bytes(record.sealed) for record in VaultRecord.objects.all())
    kept = b"".join(p.read_bytes() for p in paths.keys().rglob("*") if p.is_file())

    assert found, "it is there for whoever holds the private key"
    assert b"sentinel" not in lying + kept
    assert not [p for p in paths.keys().rglob("*") if p.stat().st_mode & 0o077]


def test_a_run_without_recipient_refuses_unless_told_and_then_seals_nothing(
    database: str, tmp_path: Path
) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    (paths.keys() / "vault" / "recipient").unlink()
    plan = support.approved(support.simulated())

    with pytest.raises(BadInput, match="no recipient"):
        support.run(plan)
    assert not Run.objects.exists()
    assert plan_queries.struck_by(plan) == plan.rows.filter(state="pending").count() == 2

    run = support.run(plan, without_recovery=True)
    assert (run.state, run.has_recovery, queries.sealed(run)) == ("done", False, {})
    assert not VaultRecord.objects.exists()


def test_a_chunk_that_does_not_commit_leaves_nothing_in_the_vault(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    plan = support.approved(support.simulated())
    lying_at_the_stroke: list[int] = []

    def breaks(_rows: object) -> None:
        lying_at_the_stroke.append(VaultRecord.objects.count())
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(chunks, "_mark_struck", breaks)
        with pytest.raises(RuntimeError):
            support.run(plan)
    assert lying_at_the_stroke[0] > 0
    assert not VaultRecord.objects.exists()

    run = support.run(plan)  # goes on, under a key of its own
    assert run.state == "done"
    assert VaultKey.objects.count() == 2
    assert queries.sealed(run).keys() <= {str(key.pk) for key in VaultKey.objects.all()}


def test_what_was_sealed_stands_in_the_account(database: str, tmp_path: Path) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    run = support.run(support.approved(support.simulated()))
    [(_key, digest)] = queries.sealed(run).items()
    assert digest.rows == VaultRecord.objects.count() > 2
    assert {chunk.stage for chunk in Chunk.objects.exclude(sealed={})} == {"strike", "tickets"}


def test_records_of_a_chunk_do_not_lie_in_the_order_of_the_contacts(
    database: str, tmp_path: Path
) -> None:
    support.founded()
    demo_house.invent(tmp_path / "in", contacts=600, today=support.AS_OF)
    support.import_folder(tmp_path / "in")
    support.run(support.approved(support.simulated()))
    ids = [
        part.values["id"]
        for record in opened.records()
        for part in record.parts
        if part.table == "contacts_contact" and "first_name" in part.values
    ]
    assert len(ids) > 100
    assert ids != sorted(ids)


def test_old_tickets_of_whoever_stays_are_sealed_too(database: str, tmp_path: Path) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    support.run(support.approved(support.simulated()))
    theirs = opened.cells(opened.records(Wanted(number="sentinel-kept-number")))
    walk_up = opened.cells(opened.records(Wanted(email="Sentinel-Walk-Up-Mail")))
    assert {'"sentinel-old-ticket-family"', '"sentinel-old-ticket-answer"'} <= {
        v for *_, v in theirs
    }
    assert '"sentinel-walk-up-family"' in {v for *_, v in walk_up}
    assert '"sentinel-walk-up-family"' not in {v for *_, v in theirs}


def test_a_server_that_refuses_the_record_loses_nothing(database: str, tmp_path: Path) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    plan = support.approved(support.simulated())
    before = opened.snapshot()
    sql.execute("ALTER TABLE vault_record ADD CHECK (length(sealed) < 10)")
    with pytest.raises(IntegrityError, match="vault_record"):
        support.run(plan)
    assert opened.snapshot() == before
