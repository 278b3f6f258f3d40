"""After a restore no old job begins by itself, whatever the dump holds."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg.conninfo import make_conninfo

from fadeout.core import sql
from fadeout.core.catalogue import texts
from fadeout.core.errors import DidNotHold
from fadeout.core.postgres import dumps
from fadeout.residue import streaming
from fadeout.worker import jobs
from tests import support
from tests.conftest import Fadeout
from tests.runs.test_scrub import INIT, database_of


@pytest.fixture
def queued(database: str) -> str:
    support.founded()
    assert jobs.simulate(support.operator())
    return database


def test_a_dump_holds_no_jobs(queued: str, tmp_path: Path) -> None:
    dumps.dump(queued, tmp_path / "dump.sql")
    text = (tmp_path / "dump.sql").read_text()
    assert "CREATE TABLE procrastinate.procrastinate_jobs" in text
    assert "asked_at" not in text


def test_a_restore_empties_the_queue_also_of_a_dump_that_holds_jobs(
    queued: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fadeout: Fadeout
) -> None:
    kept = tuple(o for o in dumps.PG_DUMP_OPTIONS if not o.startswith("--exclude"))
    monkeypatch.setattr(dumps, "PG_DUMP_OPTIONS", kept)
    dumps.dump(queued, tmp_path / "dump.sql")
    assert "asked_at" in (tmp_path / "dump.sql").read_text()
    connections.close_all()
    done = fadeout("database", "restore", tmp_path / "dump.sql")
    assert done.returncode == 0, done.stderr
    assert "queue of the worker is empty" in done.stderr
    assert not ProcrastinateJob.objects.exists()
    assert jobs.simulate(support.operator())
    assert ProcrastinateJob.objects.count() == 1


def test_the_queue_is_never_made_among_the_tables_of_the_house(database: str) -> None:
    sql.execute("DROP SCHEMA procrastinate CASCADE")
    sql.execute("DELETE FROM django_migrations WHERE app = 'procrastinate'")
    with pytest.raises(DidNotHold, match="schema of its own"):
        call_command("migrate", verbosity=0)
    assert sql.rows("SELECT to_regclass('public.procrastinate_jobs')") == [(None,)]


def test_arguments_of_jobs_are_searched_for_residue(queued: str) -> None:
    [table] = [t for t in texts.searched() if t.name == "procrastinate_jobs"]
    assert [column.name for column in table.columns] == ["args"]
    [rows] = list(streaming.batches(table))
    assert any("asked_at" in str(row) for row in rows)


def test_a_user_who_may_not_make_the_schema_is_told_so(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fadeout: Fadeout
) -> None:
    with database_of(server, "without_queue", owner=False) as url:
        with psycopg.connect(make_conninfo(server, dbname="without_queue")) as owner:
            owner.execute("DROP SCHEMA procrastinate")
        monkeypatch.setenv("FADEOUT_DATABASE_URL", url)
        monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "keys"))
        refused = fadeout(*INIT)
    assert refused.returncode == 2
    assert "CREATE SCHEMA procrastinate" in refused.stderr
