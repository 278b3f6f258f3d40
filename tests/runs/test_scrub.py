"""After a scrub not even the bytes of the database's files hold what was removed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connections
from psycopg import sql as composed
from psycopg.conninfo import make_conninfo

from fadeout.cli import failures
from fadeout.core import clock, sql
from fadeout.core.errors import DidNotHold
from fadeout.core.postgres.embedded import serving
from fadeout.runs import housekeeping
from fadeout.runs.control import Control
from tests import support
from tests.cli.test_story import AS_OF, INIT
from tests.conftest import Fadeout
from tests.plans.house import three
from tests.runs import faults
from tests.sentinels import sentinel_house

SENTINEL = re.compile(rb"sentinel-[a-z0-9_-]+")
STRUCK = re.compile(rb"sentinel-(?:deleted|anonym|old-ticket|walk-up)-[a-z0-9_-]*")
#: Fills a journal file, and lets the checkpoint keep it under another name for later.
RECYCLE = ("SELECT pg_switch_wal()", "CHECKPOINT")
#: Leaves old versions of every row of a contact behind, as years of corrections do.
CORRECT = "UPDATE contacts_contact SET town = town; UPDATE contacts_note SET text = text"


def is_of_the_kept(value: bytes) -> bool:
    return value.startswith(b"sentinel-kept-")


def planted_in(folder: Path) -> set[bytes]:
    return {
        found for path in folder.iterdir() for found in SENTINEL.findall(path.read_bytes())
    }  # fmt: skip


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def held_by(folder: Path, values: set[bytes]) -> set[bytes]:
    """Which of the values are in some file, each file read as a whole."""
    contents = [path.read_bytes() for path in files(folder)]
    return {value for value in values if any(value in content for content in contents)}


def tells_of_the_struck(home: Path) -> dict[str, list[bytes]]:
    """File -> what it holds of them; the beginning of a value is enough."""
    found = {str(path.relative_to(home)): STRUCK.findall(path.read_bytes()) for path in files(home)}
    return {path: values for path, values in found.items() if values}


def does(fadeout: Fadeout, *arguments: str | Path) -> str:
    done = fadeout(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An embedded database of this test's own."""
    monkeypatch.delenv("FADEOUT_DATABASE_URL", raising=False)
    monkeypatch.setenv("FADEOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "keys"))
    return tmp_path / "home"


def test_no_file_of_the_data_folder_holds_a_sentinel_of_the_struck_after_a_scrub(
    home: Path, tmp_path: Path, fadeout: Fadeout
) -> None:
    folder = sentinel_house().write_csv(tmp_path / "in")
    planted = planted_in(folder)
    gone = {value for value in planted if not is_of_the_kept(value)}
    kept = planted - gone
    with serving(home):  # stopped before the files are read
        does(fadeout, *INIT)
        does(fadeout, "vault", "init", "--recipient", support.RECIPIENT)
        does(fadeout, "import", folder)
        for statement in (CORRECT, "ANALYZE", *RECYCLE):
            does(fadeout, "database", "psql", "-qAt", "-c", statement)
        plan = str(json.loads(does(fadeout, "simulate", "--as-of", AS_OF, "--json"))["plan"])
        does(fadeout, "approve", plan, "--yes", "2")

    journal, tables = home / "postgres" / "pg_wal", home / "postgres" / "base"
    assert held_by(tables, gone) == gone
    assert held_by(journal, gone) == gone
    assert len(gone) > 60

    run = ("run", plan, "--yes", "2", "--override", "A test.", "--by", "Ada")
    assert "files hold nothing of what was removed" in does(fadeout, *run, "--scrub")

    assert tells_of_the_struck(home) == {}
    assert len(held_by(tables, kept)) > 30
    statistics = does(fadeout, "database", "psql", "-c", "SELECT * FROM pg_stats")
    assert "sentinel-kept" in statistics
    assert not STRUCK.search(statistics.encode())
    assert '"state": "done"' in does(fadeout, "status", "--json")


def test_a_run_without_scrub_leaves_bytes_that_a_later_scrub_removes(
    home: Path, tmp_path: Path, fadeout: Fadeout
) -> None:
    with serving(home):
        does(fadeout, *INIT)
        does(fadeout, "vault", "init", "--recipient", support.RECIPIENT)
        does(fadeout, "import", sentinel_house().write_csv(tmp_path / "in"))
        does(fadeout, "policy", "--largest-share", "100")
        plan = str(json.loads(does(fadeout, "simulate", "--as-of", AS_OF, "--json"))["plan"])
        does(fadeout, "approve", plan, "--yes", "2")
        does(fadeout, "run", plan, "--yes", "2")
    assert tells_of_the_struck(home)
    again = does(fadeout, "run", plan, "--scrub")
    assert "is done already" in again
    assert "files hold nothing" in again
    assert not tells_of_the_struck(home)


@contextmanager
def old_transaction(url: str) -> Iterator[None]:
    with psycopg.connect(url) as other:
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute("SELECT 1")
        sql.rows("SELECT pg_current_xact_id()")  # something is committed after it began
        yield


@pytest.fixture
def three_struck(database: str, tmp_path: Path) -> str:
    support.imported(three(), tmp_path / "in")
    assert support.run(support.approved(support.simulated())).state == "done"
    return database


def test_a_scrub_waits_for_older_transactions_and_rewrites_nothing_beside_one(
    three_struck: str,
) -> None:
    before = files_of_tables()
    with old_transaction(three_struck):
        with pytest.raises(DidNotHold, match="Nothing was rewritten"):
            housekeeping.scrub(patience=0.5)
        assert files_of_tables() == before
    housekeeping.scrub(patience=30)
    assert not set(files_of_tables()) & set(before)


def test_a_transaction_in_another_database_of_the_server_is_waited_for_too(
    three_struck: str, server: str
) -> None:
    with psycopg.connect(make_conninfo(server, dbname="postgres")) as other:
        other.execute("SELECT pg_current_xact_id()")
        with pytest.raises(DidNotHold, match="Nothing was rewritten"):
            housekeeping.scrub(patience=0.5)


def test_a_scrub_gives_up_where_somebody_holds_a_table(three_struck: str) -> None:
    with psycopg.connect(three_struck) as other:
        other.execute("SELECT count(*) FROM contacts_contact")
        with pytest.raises(DidNotHold, match="holds a table locked"):
            housekeeping.scrub(patience=0.5)
    housekeeping.scrub(patience=30)


def files_of_tables() -> list[tuple[object, ...]]:
    return sql.rows(
        "SELECT oid::regclass::text, relfilenode FROM pg_class"
        " WHERE oid::regclass::text = ANY(%(tables)s) ORDER BY 1",
        {"tables": housekeeping.touched_tables()},
    )


def test_journals_that_the_server_keeps_for_somebody_are_told(three_struck: str) -> None:
    sql.rows("SELECT pg_create_physical_replication_slot('replica', TRUE)")
    try:
        with pytest.raises(DidNotHold, match="keeps older journals"):
            housekeeping.scrub(patience=30)
    finally:
        sql.rows("SELECT pg_drop_replication_slot('replica')")
    housekeeping.scrub(patience=30)


def test_files_that_the_journal_keeps_for_later_are_written_over(three_struck: str) -> None:
    journal = Path(sql.rows("SHOW data_directory")[0][0]) / "pg_wal"
    for _ in range(6):
        sql.rows("SELECT pg_logical_emit_message(FALSE, 'test', 'sentinel-deleted-journal')")
        sql.rows("SELECT pg_switch_wal()")
    sql.execute("CHECKPOINT")
    holding = [path.name for path in files(journal) if STRUCK.search(path.read_bytes())]
    assert len(holding) > 1
    assert min(holding) > sql.rows("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")[0][0]
    housekeeping.scrub(patience=30)
    assert not [path.name for path in files(journal) if STRUCK.search(path.read_bytes())]


@pytest.mark.parametrize("by_hand", ["", "on", "off"])
def test_a_scrub_changes_no_setting_of_the_server_at_any_moment(
    three_struck: str, by_hand: str
) -> None:
    """So a kill leaves none behind, and none that an administrator made is lost."""
    seen: dict[str, list[tuple[object, ...]]] = {}
    with wal_recycle_set(by_hand):
        before = settings_by_hand()
        assert before == ([("wal_recycle", by_hand)] if by_hand else [])
        housekeeping.scrub(
            lambda what: seen.update({what.partition(",")[0]: settings_by_hand()}), patience=30
        )
        seen["after it"] = settings_by_hand()
    assert len(seen) == len(housekeeping.touched_tables()) + 4
    assert all(settings == before for settings in seen.values())


@contextmanager
def wal_recycle_set(value: str) -> Iterator[None]:
    """By an administrator, with ALTER SYSTEM; an empty value: not at all."""
    if value:
        sql.execute(f"ALTER SYSTEM SET wal_recycle = {value}")
    try:
        yield
    finally:
        sql.execute("ALTER SYSTEM RESET wal_recycle")


def settings_by_hand() -> list[tuple[object, ...]]:
    return sql.rows(
        "SELECT name, setting FROM pg_file_settings WHERE sourcefile ~ 'postgresql.auto.conf$'"
    )


def test_a_connection_that_breaks_during_a_scrub_is_told_as_it_broke(three_struck: str) -> None:
    def ends_the_connection(what: str) -> None:
        if what == "rewriting contacts_contact":
            faults.end_own_connection()

    with pytest.raises(OperationalError) as told:
        housekeeping.scrub(ends_the_connection, patience=30)
    assert failures.what_failed(told.value) == failures.LOST
    assert "the connection is closed" not in str(told.value)  # that is what came of it
    connections.close_all()
    housekeeping.scrub(patience=30)


def test_to_resume_scrubs_too_also_when_there_is_nothing_left_but_that(
    database: str, tmp_path: Path, fadeout: Fadeout
) -> None:
    support.imported(three(), tmp_path / "in")
    plan = support.approved(support.simulated(now=clock.now()))
    paused = support.run(plan, control=Control(interrupted=True), now=clock.now())
    assert paused.state == "paused"
    before = files_of_tables()

    refused = fadeout("resume", str(paused.pk), "--yes", "1", "--scrub")
    assert refused.returncode == 2, refused.stderr
    assert files_of_tables() == before
    assert "files hold nothing" in does(fadeout, "resume", str(paused.pk), "--yes", "2", "--scrub")
    after = files_of_tables()
    assert not set(after) & set(before)
    paused.refresh_from_db()
    assert paused.state == "done"

    assert fadeout("resume", str(paused.pk)).returncode == 2
    assert files_of_tables() == after
    again = does(fadeout, "resume", str(paused.pk), "--scrub")
    assert "is done already" in again
    assert "files hold nothing" in again
    assert not set(files_of_tables()) & set(after)


def test_a_run_leaves_no_old_version_of_a_row_and_fresh_statistics(
    database: str, tmp_path: Path, fadeout: Fadeout
) -> None:
    support.founded()
    support.import_folder(three().write_csv(tmp_path / "in"))
    plan = str(json.loads(does(fadeout, "simulate", "--as-of", AS_OF, "--json"))["plan"])
    does(fadeout, "approve", plan, "--yes", "2")
    sql.execute("ANALYZE contacts_contact")
    assert pages_know() == 3
    does(fadeout, "run", plan, "--yes", "2")
    assert pages_know() == 2


def pages_know() -> int:
    """How many contacts there are, according to the planner."""
    found: int = sql.rows(
        "SELECT reltuples::int FROM pg_class WHERE oid = 'contacts_contact'::regclass"
    )[0][0]
    return found


@contextmanager
def database_of(server: str, name: str, *, owner: bool) -> Iterator[str]:
    """A database, and a user without any right beyond it; yields that user's URL."""
    role, named = composed.Identifier(f"role_{name}"), composed.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(composed.SQL("CREATE ROLE {} LOGIN").format(role))
        made = composed.SQL("CREATE DATABASE {} OWNER {}" if owner else "CREATE DATABASE {}")
        connection.execute(made.format(named, role))
    if not owner:
        with psycopg.connect(make_conninfo(server, dbname=name), autocommit=True) as connection:
            connection.execute(composed.SQL("GRANT CREATE ON SCHEMA public TO {}").format(role))
            schema = composed.SQL("CREATE SCHEMA procrastinate AUTHORIZATION {}")
            connection.execute(schema.format(role))
    try:
        yield make_conninfo(server, dbname=name, user=f"role_{name}")
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(composed.SQL("DROP DATABASE {} WITH (FORCE)").format(named))
            connection.execute(composed.SQL("DROP ROLE {}").format(role))


@pytest.mark.parametrize("owner", [True, False], ids=["owner", "not the owner"])
def test_a_user_without_rights_of_a_superuser_runs_tidies_and_is_told_what_a_scrub_leaves(
    server: str, tmp_path: Path, fadeout: Fadeout, monkeypatch: pytest.MonkeyPatch, owner: bool
) -> None:
    with database_of(server, f"external_{owner}".lower(), owner=owner) as url:
        monkeypatch.setenv("FADEOUT_DATABASE_URL", url)
        monkeypatch.setenv("FADEOUT_KEYS", str(tmp_path / "keys"))
        does(fadeout, *INIT)
        does(fadeout, "vault", "init", "--recipient", support.RECIPIENT)
        does(fadeout, "import", sentinel_house().write_csv(tmp_path / "in"))
        plan = str(json.loads(does(fadeout, "simulate", "--as-of", AS_OF, "--json"))["plan"])
        does(fadeout, "approve", plan, "--yes", "2")
        with psycopg.connect(url) as connection:
            may = connection.execute(
                "SELECT has_parameter_privilege('session_replication_role', 'SET')"
            ).fetchone()
        assert may == (False,)  # so references are checked row by row
        ran = fadeout("run", plan, "--yes", "2", "--override", "A test.", "--by", "Ada", "--scrub")
        assert ran.returncode == 1
        assert "audits found nothing" in ran.stdout
        assert "files hold nothing" not in ran.stdout
        assert "The tables are rewritten" in ran.stderr
        assert "the journal (WAL) is not written over" in ran.stderr
        assert ("the statistics (pg_statistic) are not" in ran.stderr) == (not owner)
        assert "Traceback" not in ran.stderr
        standing = json.loads(does(fadeout, "status", "--json"))
        assert (standing["state"], standing["struck"]) == ("done", 2)
        assert not any(standing["audits"].values())
