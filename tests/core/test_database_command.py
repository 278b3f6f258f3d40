"""``fadeout database``: the real command, on the embedded server and on one given by URL."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fadeout.core.postgres.embedded import serving

Fadeout = Callable[..., "subprocess.CompletedProcess[str]"]
SENTINEL = "Sentinella-4711"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with serving(home) as url:
        fill(url)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a stopped embedded database that holds two rows; commands use it."""
    copy = tmp_path / "home"
    shutil.copytree(made, copy)
    monkeypatch.delenv("FADEOUT_DATABASE_URL", raising=False)
    monkeypatch.setenv("FADEOUT_HOME", str(copy))
    yield copy
    assert not (copy / "postgres" / "postmaster.pid").exists()  # no command left the server up


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id int PRIMARY KEY, words text NOT NULL)")
        connection.execute(
            "INSERT INTO kept VALUES (1, %s), (2, %s)", ["Ünïcödé \\ \t \n;", SENTINEL]
        )


def rows(home: Path) -> list[tuple[int, str]]:
    with serving(home) as url, psycopg.connect(url) as connection:
        return connection.execute("SELECT id, words FROM kept ORDER BY id").fetchall()


def change(home: Path) -> None:
    with serving(home) as url, psycopg.connect(url) as connection:
        connection.execute("DELETE FROM kept WHERE id = 1")
        connection.execute("CREATE TABLE later (id int)")


# Which database.


def test_the_last_line_of_a_fresh_machine_is_a_url_that_connects(
    fadeout: Fadeout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FADEOUT_DATABASE_URL", raising=False)
    monkeypatch.setenv("FADEOUT_HOME", str(tmp_path / "not" / "yet"))
    shown = fadeout("database")
    assert shown.returncode == 0, shown.stderr
    *text, url = shown.stdout.splitlines()
    assert "Embedded PostgreSQL 18" in text[0]
    assert str(tmp_path / "not" / "yet") in text[0]
    assert "stops when the last command" in shown.stderr
    with serving(tmp_path / "not" / "yet") as held:
        assert held == url
        with psycopg.connect(url) as connection:
            assert connection.info.dbname == "fadeout"


def test_wait_keeps_the_server_up_until_it_is_interrupted(home: Path) -> None:
    for how in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [sys.executable, "-m", "fadeout", "database", "--wait"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        url = process.stdout.readline().strip()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (2,)
        process.send_signal(how)
        process.communicate(timeout=120)
        assert process.returncode == 0
        assert not (home / "postgres" / "postmaster.pid").exists()


def test_the_password_of_an_external_database_is_masked_in_the_text(
    fadeout: Fadeout, database: str
) -> None:
    url = make_conninfo(database, password=SENTINEL)
    shown = fadeout("database", environment={"FADEOUT_DATABASE_URL": url})
    *text, last = shown.stdout.splitlines()
    assert last == url
    assert SENTINEL not in "".join(text)
    assert "password=***" in text[0]
    assert SENTINEL not in shown.stderr


def test_a_wrong_url_is_bad_input(fadeout: Fadeout) -> None:
    commands = (["dump", "x.sql"], ["psql"], ["restore", "x.sql"], [])
    urls = ("nonsense://x", "postgresql://127.0.0.1:1/x") * 2
    for arguments, url in zip(commands, urls, strict=True):
        refused = fadeout("database", *arguments, environment={"FADEOUT_DATABASE_URL": url})
        assert refused.returncode == 2
        assert "FADEOUT_DATABASE_URL" in refused.stderr
        assert "Traceback" not in refused.stderr


# psql.


def test_psql_takes_arguments_and_gives_its_exit_code(fadeout: Fadeout, home: Path) -> None:
    counted = fadeout("database", "psql", "-X", "-A", "-t", "-c", "SELECT count(*) FROM kept")
    assert (counted.returncode, counted.stdout) == (0, "2\n")
    failed = fadeout("database", "psql", "-v", "ON_ERROR_STOP=1", stdin="SELECT 1/0;")
    assert failed.returncode == 3
    assert "PostgreSQL" in fadeout("database", "psql", "--help").stdout


def test_psql_of_the_embedded_database_is_not_led_astray_by_the_environment(
    fadeout: Fadeout, home: Path
) -> None:
    astray = {"PGHOST": "nowhere", "PGPORT": "1", "PGDATABASE": "other", "PGUSER": "nobody"}
    found = fadeout("database", "psql", "-Atc", "SELECT current_database()", environment=astray)
    assert (found.returncode, found.stdout) == (0, "fadeout\n")


def test_no_password_shows_in_the_list_of_processes(fadeout: Fadeout, database: str) -> None:
    url = make_conninfo(database, password=SENTINEL)
    shown = fadeout(
        "database",
        "psql",
        "-Xc",
        r"\! tr '\0' ' ' < /proc/$PPID/cmdline",
        environment={"FADEOUT_DATABASE_URL": url},
    )
    assert "psql" in shown.stdout
    assert SENTINEL not in shown.stdout


# Dump and restore.


def test_a_dump_is_restored_exactly_while_nothing_else_keeps_the_server_up(
    fadeout: Fadeout, home: Path, tmp_path: Path
) -> None:
    before = rows(home)
    file = tmp_path / "dump.sql"
    assert fadeout("database", "dump", file).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "COPY public.kept" in file.read_text()
    change(home)
    assert rows(home) != before
    restored = fadeout("database", "restore", file)
    assert restored.returncode == 0, restored.stderr
    assert rows(home) == before
    again = fadeout("database", "dump", "-")
    assert content(again.stdout) == content(file.read_text())


def content(dump: str) -> list[str]:
    """A dump without the token that pg_dump draws anew each time."""
    return [line for line in dump.splitlines() if "restrict " not in line]


def test_the_tables_of_fadeout_itself_survive_dump_and_restore(
    fadeout: Fadeout, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "dump.sql"
    assert fadeout("database", "dump", file).returncode == 0
    assert fadeout("database", "restore", file).returncode == 0
    again = fadeout("database", "dump", "-").stdout
    assert without_casts(again) == without_casts(file.read_text())
    assert "No migrations to apply" in fadeout("database", "migrate").stdout


def without_casts(dumped: str) -> list[str]:
    """PostgreSQL tells the condition of this index otherwise once it has read it back; it means the same."""
    lines = content(dumped)
    [index] = [line for line in lines if "INDEX unique_authenticator_type" in line]
    return [line for line in lines if line != index]


def test_migrate_makes_the_tables(fadeout: Fadeout, home: Path) -> None:
    migrated = fadeout("database", "migrate")
    assert migrated.returncode == 0, migrated.stderr
    with serving(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM contacts_contact").fetchone() == (0,)


def test_a_dump_that_cannot_be_written_leaves_nothing(
    fadeout: Fadeout, home: Path, tmp_path: Path
) -> None:
    for target in (tmp_path / "missing" / "dump.sql", tmp_path):
        refused = fadeout("database", "dump", target)
        assert refused.returncode == 2
        assert "cannot be written" in refused.stderr
    full = fadeout("database", "dump", "/dev/full")
    assert full.returncode == 1
    assert "No space left on device" in full.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_a_dump_that_fails_keeps_the_older_file_of_that_name(
    fadeout: Fadeout, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "dump.sql").write_text("older")
    with serving(home) as url, psycopg.connect(url) as locking:
        locking.execute("LOCK TABLE kept IN ACCESS EXCLUSIVE MODE")
        ending = threading.Thread(target=end_whoever_waits_for_a_lock, args=[url])
        ending.start()
        failed = fadeout("database", "dump", tmp_path / "dump.sql")
        ending.join()
    assert failed.returncode == 1
    assert "did not come to its end" in failed.stderr
    assert (tmp_path / "dump.sql").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.sql", "home"]


def end_whoever_waits_for_a_lock(url: str) -> None:
    query = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = time.monotonic() + 30
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(query).fetchone() == (0,) and time.monotonic() < deadline:
            time.sleep(0.05)


def broken(dump: str) -> dict[str, str]:
    """Files that must not be restored, and what the error says of them."""
    copied = f"2\t{SENTINEL}\n"
    assert copied in dump
    return {
        "not complete": dump[: dump.index(copied)],
        "not a dump": f"{SENTINEL}\n",
        "is not a dump": "",
        "refuses it (error 22P02)": dump.replace(copied, f"{SENTINEL}\t{SENTINEL}\n"),
        "refuses it (error 23505)": dump.replace(copied, copied * 2),
        "refuses it (error 42601)": dump.replace("ALTER TABLE ONLY", SENTINEL, 1),
    }


def test_a_bad_file_loses_nothing_and_none_of_it_is_shown(
    fadeout: Fadeout, home: Path, tmp_path: Path
) -> None:
    dumped = fadeout("database", "dump", "-").stdout
    change(home)
    before = rows(home)
    with serving(home):
        for number, (reason, text) in enumerate(broken(dumped).items()):
            file = tmp_path / f"{number}.sql"
            file.write_text(text)
            refused = fadeout("database", "restore", file)
            assert refused.returncode == 2
            assert reason in refused.stderr
            assert SENTINEL not in refused.stdout + refused.stderr
            assert "Traceback" not in refused.stderr
            assert rows(home) == before
    with serving(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM later").fetchone() == (0,)


def test_the_line_of_a_bad_file_is_named(fadeout: Fadeout, home: Path, tmp_path: Path) -> None:
    lines = fadeout("database", "dump", "-").stdout.splitlines()
    wrong = next(number for number, line in enumerate(lines) if line.startswith("CREATE TABLE"))
    lines[wrong] = "CREATE TABEL x (id int); SELECT ("
    (tmp_path / "bad.sql").write_text("\n".join(lines))
    refused = fadeout("database", "restore", tmp_path / "bad.sql")
    assert f"line {wrong + 1}:" in refused.stderr


def test_a_missing_file_is_bad_input(fadeout: Fadeout, home: Path, tmp_path: Path) -> None:
    for file in (tmp_path / "missing.sql", tmp_path):
        refused = fadeout("database", "restore", file)
        assert refused.returncode == 2
        assert "cannot be read" in refused.stderr


def test_a_restore_killed_half_way_changes_nothing(home: Path, tmp_path: Path) -> None:
    with serving(home) as url:
        with psycopg.connect(url) as connection:
            connection.execute(
                "CREATE TABLE much AS SELECT n, repeat('x', 200) FROM generate_series(1, 300000) n"
            )
        environment = {**os.environ, "FADEOUT_DATABASE_URL": url}
        command = [sys.executable, "-m", "fadeout", "database"]
        file = tmp_path / "dump.sql"
        subprocess.run([*command, "dump", file], env=environment, check=True)
        change(home)
        before = rows(home)
        restoring = subprocess.Popen([*command, "restore", file], env=environment)
        wait_for_copy(url)
        restoring.kill()
        restoring.wait()
        deadline = time.monotonic() + 10
        while copying(url) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert rows(home) == before


def wait_for_copy(url: str) -> None:
    deadline = time.monotonic() + 120
    while not copying(url):
        assert time.monotonic() < deadline
        time.sleep(0.002)


def copying(url: str) -> bool:
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_stat_progress_copy WHERE command = 'COPY FROM'"
        return connection.execute(query).fetchone() != (0,)


# The question.


def test_on_a_terminal_a_restore_over_contacts_asks_first(
    fadeout: Fadeout, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "dump.sql"
    assert fadeout("database", "dump", file).returncode == 0
    assert "contacts" not in on_a_terminal("restore", file, answer="")[1]  # none yet: no question
    with psycopg.connect(database) as connection:
        connection.execute("DROP TABLE contacts_contact CASCADE")
        connection.execute("CREATE TABLE contacts_contact AS SELECT 1 AS id")
    code, shown = on_a_terminal("restore", file, answer="n\n")
    assert "holds 1 contacts" in shown
    assert code == 1
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM contacts_contact").fetchone() == (1,)
    assert on_a_terminal("restore", "--yes", file, answer="")[0] == 0
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM contacts_contact").fetchone() == (0,)


def on_a_terminal(*arguments: str | Path, answer: str) -> tuple[int, str]:
    """Run a command whose input is a terminal; its exit code and what it showed."""
    keyboard, terminal = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "fadeout", "database", *map(str, arguments)],
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.write(keyboard, answer.encode())
        shown, _ = process.communicate(timeout=60)
    finally:
        os.close(keyboard)
        os.close(terminal)
    return process.returncode, shown
