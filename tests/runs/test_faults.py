"""Whatever breaks at whatever stage: the run started again ends like one that nothing happened to.

The faults are real: signals, ended connections, disks that are full. What was seen is the page
``docs/reference/faults.md``; the last test compares the two.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from fadeout.connectors.exchange.operations import import_exchange
from fadeout.core import clock, database
from fadeout.core.postgres.embedded import serving
from fadeout.demo import house as demo_house
from fadeout.plans import queries as plan_queries
from fadeout.runs import queries
from fadeout.runs.models import Run
from tests import support
from tests.runs import commands, disks, page
from tests.runs.commands import Disturbance, Ended
from tests.runs.faults import FAULTS, ON_A_FULL_DISK
from tests.runs.page import Seen
from tests.runs.stages import AFTER_THE_RUN, STEPS
from tests.runs.states import State, state

STAGES = [*STEPS, *AFTER_THE_RUN]
AT_CALL = {"before the audits": 1}  # of the others there are many; something is done at the second
PREPARED = "prepared"


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
            *arguments, environment=self.environment, heard=self.folder / "heard", disturbed=disturbed
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
        call_command("migrate", verbosity=0)
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
    return ()


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

@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_x(place: Place, undisturbed: End, fault: str, stage: str) -> None:
    import time
    t0=time.time()
    place.as_prepared()
    t1=time.time()
    out = open("/tmp/faults.out","a")
    try:
        first = place.run(Disturbance(fault, stage, AT_CALL.get(stage, 2)))
        t2=time.time()
        out.write(f"{fault} | {stage} | {first.code} {first.said[:3000]!r}\n")
        place.make_room()
        s=place.fadeout("status")
        out.write(f"   status {s.code} {s.said.splitlines()[:1]} ")
        second=place.run()
        t3=time.time()
        with database.opened():
            end = End(state(), support.tokens().count())
        out.write(f" second {second.code} {second.said.splitlines()[:1]} same={end==undisturbed} {end.tokens}")
        out.write(f"  prep {t1-t0:.1f} first {t2-t1:.1f} second {t3-t2:.1f} cmp {time.time()-t3:.1f}\n")
    except AssertionError as e:
        out.write(f"{fault} | {stage} | {str(e)[-3500:]}\n")
        raise
