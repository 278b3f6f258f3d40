"""The embedded PostgreSQL as commands meet it: real processes, real servers, real kills."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from fadeout.core.errors import BadInput, DidNotHold
from fadeout.core.postgres import binaries
from fadeout.core.postgres.embedded import serving

AS_ROOT = os.geteuid() == 0
SENTINEL = "Sentinella Nachname-Überall 4711"

HOLD = """
import sys
from pathlib import Path
from fadeout.core.errors import FadeoutError
from fadeout.core.postgres.embedded import serving
try:
    with serving(Path(sys.argv[1])) as url:
        print(url, flush=True)
        sys.stdin.read()
except FadeoutError as error:
    print(type(error).__name__, error)
    sys.exit(error.exit_code)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a stopped database that holds one row; tests work on copies."""
    home = tmp_path_factory.mktemp("made") / "home"
    with serving(home) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id int PRIMARY KEY, words text NOT NULL)")
        connection.execute("INSERT INTO kept VALUES (1, 'still here')")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the made home; whatever a test leaves running is ended."""
    copy = tmp_path / "home"
    shutil.copytree(made, copy, ignore=shutil.ignore_patterns("postgres.log"))
    yield copy
    _end(copy)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A home that does not exist yet."""
    yield tmp_path / "fresh"
    _end(tmp_path / "fresh")


def _end(home: Path) -> None:
    pid = written_pid(home)
    if pid and is_postgres(pid, home):
        os.kill(pid, signal.SIGQUIT)
        until(lambda: not is_postgres(pid, home))


def start_command(home: Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@contextmanager
def command(home: Path, **options: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command of its own process that holds the server up; yields it and the URL it was given."""
    process = start_command(home, **options)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        with suppress(ValueError):  # its pipes are closed when the test left it already
            leave(process)


def leave(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=120)
    return process.returncode


def killed(process: subprocess.Popen[str]) -> None:
    process.kill()
    leave(process)


def written_pid(home: Path) -> int:
    try:
        return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return 0


def is_postgres(pid: int, home: Path) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z" and Path(f"/proc/{pid}/cwd").samefile(home / "postgres")
    except OSError:
        return False


def until(condition: object, limit: float = 120.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def words(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT words FROM kept WHERE id = 1").fetchone()
    assert row is not None
    return str(row[0])


# Sharing.


def test_two_commands_share_one_server_and_only_the_last_out_stops_it(home: Path) -> None:
    with command(home) as (first, url):
        pid = written_pid(home)
        with command(home) as (_, second_url):
            assert second_url == url
            assert written_pid(home) == pid
            assert leave(first) == 0
            assert is_postgres(pid, home)
            assert words(url) == "still here"
        assert not is_postgres(pid, home)
    assert written_pid(home) == 0


def test_uses_in_one_process_count_one_by_one(home: Path) -> None:
    with serving(home) as outer:
        pid = written_pid(home)
        with serving(home) as inner:
            assert inner == outer
        threads = [threading.Thread(target=lambda: words(outer)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert is_postgres(pid, home)
    assert not is_postgres(pid, home)


def test_many_commands_at_once_on_a_fresh_home_make_one_database(fresh: Path) -> None:
    racing = [start_command(fresh) for _ in range(8)]
    urls = [process.stdout.readline().strip() for process in racing if process.stdout]
    pid = written_pid(fresh)
    assert len(set(urls)) == 1
    assert urls[0].startswith("postgresql://")
    assert [leave(process) for process in racing] == [0] * 8
    assert not is_postgres(pid, fresh)
    assert not list(fresh.glob("postgres.partial-*"))


def test_commands_that_come_and_go_all_find_a_server(home: Path) -> None:
    failures: list[BaseException] = []

    def come_and_go() -> None:
        try:
            for _ in range(6):
                with serving(home) as url:
                    assert words(url) == "still here"
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=come_and_go) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert written_pid(home) == 0


def test_ctrl_c_in_the_terminal_of_one_command_does_not_reach_the_server(home: Path) -> None:
    with command(home, start_new_session=True) as (first, url), command(home):
        pid = written_pid(home)
        os.killpg(first.pid, signal.SIGINT)
        leave(first)
        assert is_postgres(pid, home)
        assert words(url) == "still here"


# Kills.


def test_a_server_orphaned_by_a_killed_command_is_used_and_stopped_by_the_next(home: Path) -> None:
    with command(home) as (first, _):
        killed(first)
    pid = written_pid(home)
    assert is_postgres(pid, home)
    with serving(home) as url:
        assert written_pid(home) == pid
        assert words(url) == "still here"
    assert not is_postgres(pid, home)


def test_a_server_killed_under_a_command_comes_back_with_the_next_one(home: Path) -> None:
    with command(home) as (first, url):
        pid = written_pid(home)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE kept SET words = 'changed'")
        os.kill(pid, signal.SIGKILL)
        with serving(home) as again:
            assert words(again) == "changed"
            assert written_pid(home) != pid
        healed = written_pid(home)
        assert is_postgres(healed, home)  # the first command still counts
        assert leave(first) == 0
        assert not is_postgres(healed, home)


def test_a_server_killed_after_its_last_command_comes_back(home: Path) -> None:
    with command(home) as (first, _):
        killed(first)
    os.kill(written_pid(home), signal.SIGKILL)
    with serving(home) as url:
        assert words(url) == "still here"
    assert written_pid(home) == 0


def test_processes_that_outlive_a_killed_server_are_waited_for(home: Path) -> None:
    with command(home) as (first, url), psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        pid = written_pid(home)
        os.kill(backend, signal.SIGSTOP)  # it cannot notice that its server is gone
        os.kill(pid, signal.SIGKILL)
        killed(first)
        with command_that_waits(home) as waiting:
            time.sleep(1)
            assert waiting.poll() is None
            os.kill(backend, signal.SIGCONT)
            assert waiting.stdout is not None
            assert words(waiting.stdout.readline().strip()) == "still here"


@contextmanager
def command_that_waits(home: Path) -> Iterator[subprocess.Popen[str]]:
    process = start_command(home)
    try:
        yield process
    finally:
        leave(process)


def test_a_kill_in_the_midst_of_the_making_leaves_no_half_database(fresh: Path) -> None:
    process = start_command(fresh)
    until(lambda: list(fresh.glob("postgres.partial-*/base")))
    killed(process)
    assert not (fresh / "postgres").exists()
    with serving(fresh) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


# Stale files.


def test_a_stale_pid_file_of_a_dead_process_is_no_obstacle(home: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    leave_stale_files(home, dead.pid)
    with serving(home) as url:
        assert words(url) == "still here"


def test_a_stale_pid_file_that_names_an_unrelated_live_process_is_no_obstacle(home: Path) -> None:
    unrelated = subprocess.Popen(["sleep", "600"])
    try:
        leave_stale_files(home, unrelated.pid)
        with serving(home) as url:
            assert words(url) == "still here"
        assert unrelated.poll() is None
    finally:
        unrelated.kill()
        unrelated.wait()


def test_a_copied_home_does_not_take_the_server_of_the_original_for_its_own(
    home: Path, tmp_path: Path
) -> None:
    with serving(home) as url:
        original = written_pid(home)
        copy = tmp_path / "copy"
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("socket"))
        with serving(copy) as url_of_copy:
            assert url_of_copy != url
            assert written_pid(copy) not in {0, original}
        assert is_postgres(original, home)


def leave_stale_files(home: Path, pid: int) -> None:
    """What a killed server leaves, with a process number that somebody else has now."""
    data, place = home / "postgres", home / "socket"
    text = f"{pid}\n{data}\n1700000000\n5432\n{place}\n\n  5432001         0\nready   \n"
    (data / "postmaster.pid").write_text(text)
    place.mkdir(mode=0o700, exist_ok=True)
    (place / ".s.PGSQL.5432.lock").write_text(text)
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(place / ".s.PGSQL.5432"))


# Waiting, and giving up.


def test_a_recovery_longer_than_ten_seconds_is_not_an_error(home: Path) -> None:
    with command(home) as (first, url):
        with psycopg.connect(url) as connection:
            connection.execute(
                "INSERT INTO kept SELECT n, repeat('x', 100) FROM generate_series(2, 1000000) n"
            )
        killed(first)
    os.kill(written_pid(home), signal.SIGKILL)
    with command_that_waits(home) as waiting:
        recovering = halted_startup_process(home)
        time.sleep(11)
        assert waiting.poll() is None
        assert "starting" in (home / "postgres" / "postmaster.pid").read_text()
        os.kill(recovering, signal.SIGCONT)
        assert waiting.stdout is not None
        assert words(waiting.stdout.readline().strip()) == "still here"
        _, said = waiting.communicate(timeout=120)
        assert said == "The database recovers from a crash; this can take a while.\n"


def halted_startup_process(home: Path) -> int:
    """Halts the recovery of a server that is about to start, however short it is; its number."""
    found: list[int] = []
    until(lambda: found.append(startup_process(home)) or found[-1])
    assert found[-1]  # 0 would halt these tests themselves
    os.kill(found[-1], signal.SIGSTOP)
    return found[-1]


def startup_process(home: Path) -> int:
    parent = written_pid(home)
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            after_name = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            title = (entry / "cmdline").read_bytes()
            if int(after_name[1]) == parent and b"postgres: startup" in title:
                return int(entry.name)
    return 0


def test_a_server_that_cannot_run_says_why(home: Path) -> None:
    with (home / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'much'\n")
    with pytest.raises(DidNotHold, match=r"does not come up: .*postgresql.conf"), serving(home):
        pass
    assert written_pid(home) == 0


# Versions.


@pytest.mark.parametrize("version", ["17", "19"])
def test_a_database_of_another_major_version_is_refused_and_not_touched(
    home: Path, version: str
) -> None:
    (home / "postgres" / "PG_VERSION").write_text(f"{version}\n")
    before = snapshot(home / "postgres")
    with (
        pytest.raises(BadInput, match=rf"PostgreSQL {version}.* PostgreSQL 18") as refused,
        serving(home),
    ):
        pass
    assert "database dump" in refused.value.way_out
    assert snapshot(home / "postgres") == before


def test_a_real_database_of_postgresql_16_is_refused(fresh: Path) -> None:
    fresh.mkdir(mode=0o700)
    older = binaries.program("initdb").parents[2] / "pginstall" / "bin" / "initdb"
    subprocess.run(
        binaries.as_ordinary_user([str(older), "-D", str(fresh / "postgres"), "-U", "fadeout"]),
        env=binaries.environment(),
        capture_output=True,
        check=True,
    )
    with pytest.raises(BadInput, match="PostgreSQL 16"), serving(fresh):
        pass


def test_a_folder_that_is_no_database_is_refused_and_not_touched(fresh: Path) -> None:
    (fresh / "postgres").mkdir(parents=True)
    (fresh / "postgres" / "letter.txt").write_text("mine")
    before = snapshot(fresh / "postgres")
    with pytest.raises(BadInput, match="not a database"), serving(fresh):
        pass
    assert snapshot(fresh / "postgres") == before


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {str(path): path.lstat() for path in [folder, *folder.rglob("*")]}
    return {name: (of.st_mode, of.st_size, of.st_mtime_ns) for name, of in found.items()}


# Closed folders stay closed.


def test_closed_folders_stay_closed_and_nobody_is_added_to_the_machine(tmp_path: Path) -> None:
    grandparent, parent = tmp_path / "grandparent", tmp_path / "grandparent" / "parent"
    parent.mkdir(parents=True)
    parent.chmod(0o700)
    grandparent.chmod(0o500)
    above = [parent, *parent.parents]
    before = [(folder.stat().st_mode, folder.stat().st_uid) for folder in above]
    accounts = Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()
    home = parent / "new" / "home"
    with command(home, umask=0) as (_, url):
        assert url.startswith("postgresql://")
        open_to_others = [
            path
            for path in [parent / "new", home, *home.rglob("*")]
            if not path.is_relative_to(home / "postgres")
            and not stat.S_ISSOCK(path.lstat().st_mode)
            and path.lstat().st_mode & 0o077
        ]
        assert open_to_others == []
        assert stat.S_IMODE((home / "postgres").stat().st_mode) == 0o700
        assert {path.lstat().st_uid for path in home.rglob("*")} == {os.geteuid()}
    assert [(folder.stat().st_mode, folder.stat().st_uid) for folder in above] == before
    assert (Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()) == accounts
    grandparent.chmod(0o700)


def test_an_existing_home_keeps_its_mode(home: Path) -> None:
    home.chmod(0o755)
    with serving(home):
        pass
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def test_a_home_with_a_long_path_has_its_socket_in_a_closed_folder_elsewhere(
    made: Path, tmp_path: Path
) -> None:
    home = tmp_path / ("long" * 20) / ("longer" * 10)
    shutil.copytree(made, home)
    with serving(home) as url, psycopg.connect(url) as connection:
        place = Path(connection.info.host)
        assert not place.is_relative_to(home)
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        place_of_copy = place
        with command(home, env={**os.environ, "TMPDIR": str(tmp_path)}) as (_, second):
            assert words(second) == "still here"
    assert not place_of_copy.exists()


def test_a_socket_folder_that_others_can_enter_is_refused(home: Path) -> None:
    (home / "socket").mkdir(exist_ok=True)
    (home / "socket").chmod(0o777)
    with pytest.raises(BadInput, match="not this user's alone"), serving(home):
        pass
    assert stat.S_IMODE((home / "socket").stat().st_mode) == 0o777


@pytest.mark.skipif(not AS_ROOT, reason="gives a folder to somebody else")
def test_the_database_of_another_user_is_refused(home: Path) -> None:
    os.chown(home / "postgres", 1, 1)
    with pytest.raises(BadInput, match="another user"), serving(home):
        pass


# Places that cannot hold a database.


def test_a_home_that_is_a_file_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a letter")
    with pytest.raises(BadInput, match="Not a directory") as refused, serving(tmp_path / "home"):
        pass
    assert "FADEOUT_HOME" in refused.value.way_out


def test_a_home_that_cannot_be_made_is_refused_with_a_way_out() -> None:
    with pytest.raises(BadInput, match="cannot be used") as refused, serving(Path("/proc/no/home")):
        pass
    assert "FADEOUT_HOME" in refused.value.way_out


IN_OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]


def in_namespace(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    tried = subprocess.run(
        [*IN_OWN_MOUNTS, script, "sh", sys.executable, HOLD, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "unshare" in tried.stderr or "mount:" in tried.stderr:
        pytest.skip("this machine does not let a test mount a small disk")
    return tried


def test_a_full_disk_is_named_and_leaves_no_half_database(tmp_path: Path) -> None:
    tried = in_namespace(
        'mount -t tmpfs -o size=20m none "$3" && "$1" -c "$2" "$3/home"; code=$?; ls "$3/home" >&2;'
        " exit $code",
        str(tmp_path),
    )
    assert tried.returncode == 2
    assert tried.stdout.startswith("BadInput The database cannot be made")
    assert "No space left on device" in tried.stdout
    assert "postgres" not in tried.stderr
    assert "Traceback" not in tried.stderr


def test_a_read_only_disk_is_named(home: Path) -> None:
    tried = in_namespace(
        'mount --bind "$3" "$3" && mount -o remount,ro,bind "$3" && "$1" -c "$2" "$3"', str(home)
    )
    assert tried.returncode == 2
    assert "Read-only file system" in tried.stdout
    assert "Traceback" not in tried.stderr


@pytest.mark.skipif(not AS_ROOT, reason="only root needs a user namespace")
def test_root_without_user_namespaces_is_told_the_way_out(fresh: Path) -> None:
    tried = in_namespace(
        'echo 0 > /proc/sys/user/max_user_namespaces && "$1" -c "$2" "$3"', str(fresh)
    )
    assert tried.returncode == 2
    assert "forbids the user namespace" in tried.stdout
    assert "ordinary user" in tried.stdout


# Personal data.


def test_no_value_of_a_row_or_a_statement_reaches_the_servers_log(home: Path) -> None:
    with serving(home) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE people (name text UNIQUE CHECK (length(name) < 40), born date)"
            )
            connection.execute("INSERT INTO people VALUES (%s)", [SENTINEL])
            with pytest.raises(psycopg.errors.UniqueViolation, match=SENTINEL):
                connection.execute("INSERT INTO people VALUES (%s)", [SENTINEL])
            with pytest.raises(psycopg.errors.CheckViolation, match=SENTINEL):
                connection.execute("INSERT INTO people VALUES (%s)", [SENTINEL + SENTINEL])
        with psycopg.connect(url, autocommit=True) as connection:
            with pytest.raises(psycopg.errors.DataError, match=SENTINEL):
                connection.execute(f"INSERT INTO people VALUES ('x', '{SENTINEL}')")
            with pytest.raises(psycopg.errors.SyntaxError, match="Sentinella"):
                connection.execute(b"SELECT FROM WHERE " + SENTINEL.encode())
            with pytest.raises(psycopg.Error, match=SENTINEL):
                connection.execute(f"DO $$ BEGIN RAISE EXCEPTION '{SENTINEL}'; END $$")
        crash_a_backend_in_a_statement_with(SENTINEL, url)
        with serving(home):
            pass
    log = (home / "postgres.log").read_text()
    assert "was terminated by signal 11" in log
    for part in ("Sentinella", "Nachname", "4711", "INSERT"):
        assert part not in log


def crash_a_backend_in_a_statement_with(text: str, url: str) -> None:
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        timer = threading.Timer(0.5, os.kill, (backend, signal.SIGSEGV))
        timer.start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute(f"SELECT pg_sleep(30), '{text}'")
        timer.join()
