"""Whatever breaks at whatever stage: the run started again ends like one that nothing happened to.

The faults are real: signals, ended connections, disks that are full. What was seen is the page
``docs/reference/faults.md``; the last test compares the two.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from fadeout.cli import failures
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import clock, database, sql, tables
from fadeout.core.postgres.embedded import serving
from fadeout.demo import house as demo_house
from fadeout.plans import queries as plan_queries
from fadeout.runs import queries
from fadeout.runs.models import Run
from tests import support
from tests.runs import commands, disks, page
from tests.runs.commands import Disturbance, Ended
from tests.runs.faults import FAULTS, ON_A_FULL_DISK, fill_the_disk_and_journal
from tests.runs.page import Seen
from tests.runs.stages import AFTER_THE_RUN, STEPS
from tests.runs.states import State, state

STAGES = [*STEPS, *AFTER_THE_RUN]
AT_CALL = {"before the audits": 1}  # of the others there are many; something is done at the second
PREPARED = "prepared"
STATE_TOLD = re.compile(r"^Run 1 of plan 1: (\w+)\.", re.MULTILINE)
ERROR = re.compile(r"^Error: (.+)", re.MULTILINE | re.DOTALL)
#: What the command says when the run itself came to its end.
THROUGH = "The run stands as told above"
#: While the journal is used up, the other lane may find the disk full before the server stops.
EITHER = "The disk of the database is full, or the connection to it was lost."
WHICHEVER_COMES_FIRST = {failures.FULL: EITHER, failures.LOST: EITHER}


@dataclass
class Place:
    """A home with a house and an approved plan, and its key folder; each on a disk of its own."""

    folder: Path
    home: Path
    keys: Path
    why_no_disks: str = ""
    strikes: int = 0
    people: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        return {"FADEOUT_HOME": str(self.home), "FADEOUT_KEYS": str(self.keys)}

    def make_room(self) -> None:
        disks.make_room(self.home.parent)
        disks.make_room(self.keys.parent)

    def fadeout(self, *arguments: str, disturbed: Disturbance | None = None) -> Ended:
        ended = commands.fadeout(
            *arguments,
            environment=self.environment,
            heard=self.folder / "heard",
            disturbed=disturbed,
        )
        assert "Traceback" not in ended.said, ended.said
        assert not [who for who in self.people if who in ended.said]
        return ended

    def run(self, disturbed: Disturbance | None = None) -> Ended:
        return self.fadeout("run", "1", "--yes", str(self.strikes), disturbed=disturbed)

    def as_prepared(self) -> None:
        """Make database and key folder what they were before any run."""
        self.make_room()
        shutil.rmtree(self.keys)
        shutil.copytree(self.folder / "keys", self.keys)
        with serving(self.home) as url, _maintenance(url) as connection:
            connection.execute("DROP DATABASE IF EXISTS fadeout WITH (FORCE)")
            connection.execute(f"CREATE DATABASE fadeout TEMPLATE {PREPARED} STRATEGY file_copy")


@dataclass(frozen=True)
class End:
    """What a run left: the rows, and how many tokens."""

    rows: State
    tokens: int


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        made = _on_disks(tmp_path_factory.mktemp("faults"), stack)
        patch.delenv("FADEOUT_DATABASE_URL", raising=False)
        for name, value in made.environment.items():
            patch.setenv(name, value)
        stack.enter_context(serving(made.home))  # up for all of them, unless a fault ends it
        _prepare(made)
        yield made


def _on_disks(folder: Path, stack: ExitStack) -> Place:
    try:
        data = stack.enter_context(disks.small_disk(folder / "data disk", megabytes=256))
        keys = stack.enter_context(disks.small_disk(folder / "key disk", megabytes=1))
    except disks.NoDiskError as error:
        return Place(folder, folder / "home", folder / "apart" / "keys", why_no_disks=str(error))
    return Place(folder, data / "home", keys / "keys")


def _prepare(place: Place) -> None:
    with database.opened() as url:
        tables.migrate(verbosity=0)
        support.founded()
        demo_house.invent(place.folder / "in", contacts=600, today=support.AS_OF)
        import_exchange(path=place.folder / "in", now=support.NOW, erased=support.tokens())
        plan = support.approved(support.simulated(now=clock.now()))
        place.strikes = plan_queries.struck_by(plan)
        place.people = _people()
        connections.close_all()
        with _maintenance(url) as connection:
            connection.execute(f"ALTER DATABASE fadeout RENAME TO {PREPARED}")
    shutil.copytree(place.keys, place.folder / "keys")


def _people() -> tuple[str, ...]:
    """What no command may say of anybody when it fails."""
    return tuple(email for (email,) in sql.rows("SELECT email FROM contacts_contact") if email)


def _maintenance(url: str) -> psycopg.Connection:
    return psycopg.connect(url, dbname="postgres", autocommit=True)


@pytest.fixture(scope="module")
def undisturbed(place: Place) -> End:
    place.as_prepared()
    assert place.run().code == 0
    with database.opened():
        end = End(state(), support.tokens().count())
    assert end.tokens == 2 * place.strikes
    return end


@pytest.fixture(scope="module")
def seen() -> dict[tuple[str, str], Seen]:
    """What the tests saw so far."""
    return {}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_that_met_a_fault_goes_on_and_ends_like_an_undisturbed_one(
    place: Place, undisturbed: End, seen: dict[tuple[str, str], Seen], fault: str, stage: str
) -> None:
    if fault in ON_A_FULL_DISK:
        _require_disks(place)
    place.as_prepared()

    first = place.run(Disturbance(fault, stage, AT_CALL.get(stage, 2)))
    _check_the_end(first, fault)
    place.make_room()
    status = place.fadeout("status")
    second = place.run()

    assert status.code == second.code == 0, status.said + second.said
    with database.opened():
        end = End(state(), support.tokens().count())
        run = Run.objects.get()
        assert (queries.state_in_words(run), sum(run.audits.values())) == ("done", 0)
    assert end == undisturbed
    stands = _state_told(status)
    is_through = stage in AFTER_THE_RUN or first.code == 0 or THROUGH in first.said
    assert stands == ("done" if is_through else "interrupted")
    if stage not in AFTER_THE_RUN and THROUGH in first.said:
        assert fault in ON_A_FULL_DISK
        return  # nothing that the run still had to write needed room: not what the page tells of
    seen[fault, stage] = Seen(
        _in_words(first, place, fault), stands, f"{_went_on(second)}; same rows"
    )


def test_the_page_tells_what_was_seen(seen: dict[tuple[str, str], Seen]) -> None:
    if len(seen) == len(FAULTS) * len(STAGES) and os.environ.get("FADEOUT_WRITE_DOCS"):
        page.PAGE.write_text(page.written(seen), encoding="utf-8")
    told = page.read(page.PAGE.read_text(encoding="utf-8"))
    assert {cell: told.get(cell) for cell in seen} == seen
    assert page.written(told) == page.PAGE.read_text(encoding="utf-8")
    assert list(told) == [(fault, stage) for fault in FAULTS for stage in STAGES]


def test_a_command_on_a_disk_that_is_still_full_says_so_and_the_next_one_has_room(
    place: Place, undisturbed: End
) -> None:
    _require_disks(place)
    place.as_prepared()
    with database.opened():
        fill_the_disk_and_journal()
    refused = place.fadeout("status")
    place.make_room()
    done = place.run()
    assert (refused.code, "No space left on device" in refused.said) == (1, True), refused.said
    assert done.code == 0, done.said


def _require_disks(place: Place) -> None:
    if place.why_no_disks and os.environ.get("CI") == "true":
        pytest.fail(f"no small disk can be mounted here: {place.why_no_disks}")
    if place.why_no_disks:
        pytest.skip(f"no small disk can be mounted here: {place.why_no_disks}")


def _check_the_end(ended: Ended, fault: str) -> None:
    """The command ends by itself, and tells why; a full key disk may come too late to matter."""
    if fault == "The command is killed":
        assert ended.code == -signal.SIGKILL
    elif ended.code or "key folder" not in fault:
        assert ended.code == 1, ended.said
        assert ERROR.search(ended.said), ended.said


def _in_words(ended: Ended, place: Place, fault: str) -> str:
    if ended.code == -signal.SIGKILL:
        return "killed"
    if ended.code == 0:
        return "does not notice it, exit 0"
    found = ERROR.search(ended.said)
    assert found
    said = " ".join(found[1].split()).replace(str(place.keys), "FADEOUT_KEYS")
    sentence = said.partition(". ")[0] + "."
    if "journal" in fault:
        sentence = WHICHEVER_COMES_FIRST.get(sentence, sentence)
    return f"exit {ended.code}: {sentence}"


def _state_told(status: Ended) -> str:
    told = STATE_TOLD.search(status.said)  # after a word on a database that takes its time, perhaps
    assert told, status.said
    return told[1]


def _went_on(second: Ended) -> str:
    return "is done already" if "done already" in second.said else "goes on"
