"""Rows are read ahead by a thread of its own: every one of them, or whoever waits is told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from fadeout.core import sql
from fadeout.core.catalogue import texts as catalogue
from fadeout.core.catalogue.texts import TextTable
from fadeout.residue import operations, streaming
from fadeout.runs import chunks, tickets
from fadeout.runs.models import Run
from tests import support
from tests.model.house import Note
from tests.residue.house import EXACT, TEXT, house, note, planned


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("reader")]


def test_each_is_read_once_and_in_order() -> None:
    assert list(streaming.ahead(number for number in range(100))) == list(range(100))
    assert readers() == []


def test_what_fails_ahead_is_raised_where_it_is_awaited() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise OperationalError("the server is gone")

    numbers = streaming.ahead(failing())
    assert next(numbers) == 1
    with pytest.raises(OperationalError, match="the server is gone"):
        next(numbers)
    assert readers() == []


def test_whoever_stops_leaves_no_thread() -> None:
    closed = []

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.append(threading.current_thread().name.startswith("reader"))

    numbers = streaming.ahead(endless())
    assert next(numbers) == 1
    numbers.close()
    assert closed == [True]
    assert readers() == []


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
def test_every_row_with_a_text_is_read_whatever_lies_between(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    notes = tuple(Note(note_number=f"N{n}", contact_number="K-1", text="x") for n in range(2, 60))
    support.imported(house(notes=notes), tmp_path)
    sql.execute("ALTER TABLE contacts_note ALTER text DROP NOT NULL")
    sql.execute("UPDATE contacts_note SET text = NULL WHERE id % 10 > 3 OR id BETWEEN 30 AND 45")
    [table] = [table for table in catalogue.searched() if table.name == "contacts_note"]
    monkeypatch.setattr(streaming, "ROWS_AT_ONCE", at_once)
    monkeypatch.setattr(streaming, "MOST_KEYS_AT_ONCE", 5 * at_once)

    found = [row for rows in streaming.batches(table) for row in rows]

    expected = sql.rows("SELECT id, text FROM contacts_note WHERE text IS NOT NULL ORDER BY id")
    assert len(expected) > 10
    assert found == expected


@pytest.mark.parametrize("search", [0, 1])
def test_a_reader_that_dies_is_told_and_the_run_goes_on_later(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, search: int
) -> None:
    """Its session is ended by the server, in the midst of the first search or of the last."""
    notes = (Note(note_number="N2", contact_number="K-1", text=TEXT),)
    plan = planned(tmp_path / "in", notes=notes)
    read, reads = streaming.read, Counter[str]()

    def dying(table: TextTable, **of: Any) -> list[tuple[Any, ...]]:
        if threading.current_thread().name.startswith("reader"):
            reads[table.name] += 1
            if table.name == "contacts_note" and reads[table.name] == search + 1:
                connection.ensure_connection()
                end(connection.connection.info.backend_pid)
        return read(table, **of)

    def end(session: int) -> None:
        with psycopg.connect(database, autocommit=True) as somebody:
            somebody.execute("SELECT pg_terminate_backend(%s, 5000)", [session])

    with monkeypatch.context() as patched:
        patched.setattr(streaming, "read", dying)
        with pytest.raises(OperationalError):
            support.run(plan)
    assert reads["contacts_note"] == search + 1
    assert Run.objects.get().state == "running"
    assert Run.objects.get().audits is None
    assert (TEXT in note("N2")) == (search == 0)

    again = support.run(plan)
    assert again.state == "done", again.audits
    assert not [typed for typed in EXACT if typed in note("N2")]


def test_a_text_of_a_transaction_that_outlasts_the_first_search_is_searched_in_the_end(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(tmp_path / "in")
    strike, seen = chunks.strike, []
    with psycopg.connect(database) as somebody:
        somebody.execute("UPDATE contacts_note SET text = %s WHERE note_number = 'N1'", [TEXT])
        somebody.execute(
            "INSERT INTO contacts_note (note_number, contact_id, written_at, text)"
            " SELECT 'late', id, now(), %s FROM contacts_contact WHERE contact_number = 'K-1'",
            [TEXT],
        )

        def after_it(*arguments: Any) -> Any:
            seen.append(Run.objects.get().state)
            done = strike(*arguments)
            somebody.commit()
            return done

        monkeypatch.setattr(chunks, "strike", after_it)
        run = support.run(plan)

    assert seen
    assert run.state == "done", run.audits
    for number in ("N1", "late"):
        assert "[removed]" in note(number)
        assert not [typed for typed in EXACT if typed in note(number)]


def test_a_run_of_more_than_stay_in_memory_searches_all_the_same(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_KEPT", 1)
    begun, begin = [], operations.begin
    monkeypatch.setattr(operations, "begin", lambda *of: begun.append(begin(*of)) or begun[-1])
    clear = tickets.clear

    def a_text_arrives(setting: chunks.Setting) -> Iterator[tickets.Step]:
        yield from clear(setting)
        sql.execute("UPDATE contacts_note SET text = %(text)s", {"text": TEXT})

    monkeypatch.setattr(tickets, "clear", a_text_arrives)
    run = support.run(planned(tmp_path / "in"))

    assert [known.matcher for known in begun] == [None]
    assert run.state == "done", run.audits
    assert not [typed for typed in EXACT if typed in note("N1")]
    assert "[removed]" in note("N1")
