"""A person at a terminal types the number; a signal stops a run, and it goes on."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import psycopg
import pytest

from fadeout.accounts.models import User
from fadeout.accounts.permissions import Role
from fadeout.core import clock
from fadeout.plans.models import Approval, Plan
from fadeout.runs import queries
from fadeout.runs.models import Run
from tests import support
from tests.conftest import Fadeout
from tests.console.visitors import somebody
from tests.plans.house import contact, contact_ids, house, three

CTRL_C, CTRL_D = "\x03", "\x04"


#: Makes the terminal that it is started on its own, so that Ctrl-C typed there reaches it.
STARTER = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, '-m', 'fadeout', *sys.argv[1:]])"
)


def at_a_terminal(typed: str, *arguments: str) -> tuple[int, str]:
    """Give a command at a terminal of its own and type when it asks; exit code and screen.

    Ctrl-C and Ctrl-D are pressed again until the command has heard them: a key that comes before it reads is
    lost. Not after that: a second Ctrl-C while it ends is another matter.
    """
    terminal, other_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, *arguments],
        stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True,
    )  # fmt: skip
    os.close(other_end)
    screen, asked, give_up = b"", False, time.monotonic() + 120
    try:
        while part := _read(terminal, wait=3.0):
            screen += part if part is not SILENCE else b""
            is_question = b"number" in screen or b"[y/N]" in screen
            asks = is_question and screen.rstrip().endswith(b":")
            unheard = part is SILENCE and typed in (CTRL_C, CTRL_D) and HEARD not in screen
            if (asks and not asked) or (asked and unheard):
                asked = True
                os.write(terminal, typed.encode())
            assert time.monotonic() < give_up, screen.decode()
        code = process.wait(timeout=120)
    finally:
        os.close(terminal)
        process.kill()
        process.wait()
    assert asked or "done already" in screen.decode()
    return code, screen.decode()


SILENCE = b"silence"
HEARD = b"Nothing was changed."


def _read(terminal: int, wait: float) -> bytes:
    """What the command printed; ``SILENCE`` if nothing yet, empty once it has ended."""
    if not select.select([terminal], [], [], wait)[0]:
        return SILENCE
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    support.imported(three(), tmp_path / "in")
    return support.simulated(as_of=date(2024, 6, 1), now=clock.now())  # past on every machine


@pytest.mark.parametrize(
    ("typed", "code"),
    [("3\n", 2), ("two\n", 2), (CTRL_C, 130), (CTRL_D, 130)],
    ids=["a wrong number", "rubbish", "Ctrl-C", "Ctrl-D"],
)
def test_whatever_is_not_the_number_changes_nothing(plan: Plan, typed: str, code: int) -> None:
    ended, screen = at_a_terminal(typed, "approve", str(plan.pk))
    assert ended == code, screen
    assert "Traceback" not in screen
    assert not Approval.objects.exists()
    if typed in ("3\n", CTRL_C):
        support.approved(plan)
        ended, screen = at_a_terminal(typed, "run", str(plan.pk))
        assert ended == code, screen
        assert "Traceback" not in screen
        assert not Run.objects.exists()
    assert len(contact_ids()) == 3


def test_the_number_typed_approves_and_runs(plan: Plan) -> None:
    code, screen = at_a_terminal("2\n", "approve", str(plan.pk))
    assert code == 0, screen
    assert Approval.objects.count() == 1
    code, screen = at_a_terminal(" 2 \n", "run", str(plan.pk))
    assert code == 0, screen
    assert queries.standing(Run.objects.get()).struck == 2
    assert contact_ids().keys() >= {"kept"}
    code, screen = at_a_terminal("", "run", str(plan.pk))
    assert code == 0
    assert "done already" in screen


@pytest.mark.parametrize("waits_in", ["python", "the database"])
def test_a_run_that_is_interrupted_goes_on_later(
    database: str, tmp_path: Path, fadeout: Fadeout, waits_in: str
) -> None:
    support.imported(house(*(contact(f"c{n}") for n in range(20))), tmp_path / "in")
    plan = support.approved(support.simulated(now=clock.now()))
    assert plan.totals["outcomes"] == {"delete": 20, "anonymise": 0, "keep": 0}
    holds = {
        # Skipped, so the run waits between rounds; or waited for, inside a statement.
        "python": "SELECT 1 FROM contacts_contact WHERE contact_number = 'c7' FOR UPDATE",
        "the database": "LOCK TABLE links_click IN EXCLUSIVE MODE",
    }
    with psycopg.connect(database) as other:
        other.execute(holds[waits_in])
        process = subprocess.Popen(
            [sys.executable, "-m", "fadeout", "run", str(plan.pk), "--yes", "20"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(lambda: is_at_it(database, waits_in))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err + out
    run = queries.of_plan(plan)
    assert run is not None
    assert f"fadeout resume {run.pk}" in err
    standing = queries.standing(run)
    assert standing.state == "paused"
    assert standing.struck == (19 if waits_in == "python" else 0)
    assert standing.left == 20 - standing.struck

    again = fadeout("run", str(plan.pk), "--yes", "20")

    assert again.returncode == 0, again.stderr
    standing = queries.standing(run)
    run.refresh_from_db()
    assert (run.state, standing.struck, standing.left) == ("done", 20, 0)
    assert support.tokens().count() == 40
    assert contact_ids() == {}


@pytest.mark.parametrize(
    ("typed", "code", "is_gone"), [("n\n", 1, False), ("\n", 1, False), ("y\n", 0, True)]
)
def test_whoever_lets_an_operator_go_is_asked_back(
    database: str, typed: str, code: int, is_gone: bool
) -> None:
    support.founded()
    somebody(Role.ADMINISTRATOR)
    leaving = somebody(Role.SUPPORT, name="Bo")
    ended, screen = at_a_terminal(typed, "operator", "remove", "bo@example.org")
    assert (ended, "cannot be undone" in screen) == (code, True), screen
    assert User.objects.filter(pk=leaving.pk).exists() is not is_gone
    assert ("Nothing was changed" in screen) is not is_gone


def is_at_it(database: str, waits_in: str) -> bool:
    with psycopg.connect(database, autocommit=True) as look:
        if waits_in == "python":
            query = "SELECT count(*) = 1 FROM contacts_contact"
        else:
            query = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"
        found = look.execute(query).fetchone()
    return bool(found and found[0])


def until(holds: object, seconds: float = 120) -> None:
    assert callable(holds)
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)
