"""Imports and exports of the exchange format.

What could go wrong, and what prevents it:

- Half an import: everything happens in one transaction.
- A contact erased while an import runs comes back: the merge holds the contacts against writers,
  and reads the tokens of the erased only then.
- Personal data in an error: what PostgreSQL or Arrow say of a row is never passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import psycopg
from django.db import Error, connection, transaction

from fadeout.connectors.exchange import checks, erased_numbers, places, sources, staging
from fadeout.connectors.exchange import erased as kept_out
from fadeout.connectors.exchange.erased import LeftOut
from fadeout.connectors.exchange.export import write_csv, write_parquet
from fadeout.connectors.exchange.format import FILES
from fadeout.connectors.exchange.merge import DoesNotFit, Merged, is_bulk, merge_all
from fadeout.connectors.exchange.problems import ImportRefused, Problems
from fadeout.connectors.exchange.report import ExportReport, FileCounts, ImportReport
from fadeout.connectors.exchange.sources import Delivery
from fadeout.connectors.exchange.staging import Progress, Staged
from fadeout.contacts.models import Contact
from fadeout.core.errors import DidNotHold
from fadeout.core.sql import load
from fadeout.institution import queries as institution
from fadeout.keys.tokens import ErasedTokens
from fadeout.plans import outlook
from fadeout.recency import operations as recency
from fadeout.runs.operations import settle

ROOM = "connectors.exchange"
#: Of more contacts recency waits for the worker or a simulation: a million take ten seconds and more.
AT_ONCE = 100_000


def import_exchange(
    *,
    path: Path,
    now: datetime,
    erased: ErasedTokens,
    show_values: bool = False,
    progress: Progress = lambda _what, _rows: None,
) -> ImportReport:
    """Bring the files at a path into the database: all of them, or nothing.

    Raises:
        ImportRefused: the files are wrong; it lists the first mistakes and counts all.
        BadInput: there is nothing to read at the path, or no house to import into.
        DidNotHold: the database refused for a reason of its own, such as a full disk.
    """
    house = institution.current()
    problems = Problems(show_values=show_values)
    with (
        sources.opened(path, problems) as delivery,
        _discreetly("import"),
        transaction.atomic(),
        cast("psycopg.Connection", connection.connection).cursor() as cursor,
    ):
        run = _Import(cursor, delivery, problems, house.currency, progress)
        run.stage()
        run.merge(erased)
        if problems.count:
            raise ImportRefused(problems.first(run.lines), problems.count)
        report = run.report()
        if report.changed_anything:
            outlook.note_change()
    if not report.changed_anything:
        return report
    if Contact.objects.all()[: AT_ONCE + 1].count() > AT_ONCE:
        return replace(report, recency_waits=True)
    progress("recency", 0)
    _keep_recency(now, house.time_zone)
    return report


def export_exchange(
    *,
    path: Path,
    parquet: bool = False,
    progress: Progress = lambda _what, _rows: None,
) -> ExportReport:
    """Write everything on file to a folder or a zip, as it was at one instant.

    Raises:
        BadInput: the path cannot be written to, or what lies there would mix with the export.
    """
    suffix, write = (".parquet", write_parquet) if parquet else (".csv", write_csv)
    rows: dict[str, int] = {}
    with (
        places.opened(path, suffix) as place,
        _discreetly("export"),
        transaction.atomic(),
        cast("psycopg.Connection", connection.connection).cursor() as cursor,
    ):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(load(ROOM, "prepare_export"))
        for file in FILES:
            progress(file.name, 0)
            with place.file(file.name + suffix) as sink:
                rows[file.name + suffix] = write(cursor, file, sink)
    return ExportReport(rows)


def _keep_recency(now: datetime, time_zone: str) -> None:
    """Bring recency up to date, once the contacts are free again."""
    try:
        recency.refresh_all(now=now, time_zone=time_zone)
    except (Error, KeyboardInterrupt) as error:
        raise DidNotHold(
            "The import is done; the recency of contacts was not brought up to date "
            f"({type(error).__name__}).",
            way_out="The worker does it within some minutes, or a simulation: fadeout simulate.",
        ) from None


class _Import:
    """The steps of one import, inside its transaction."""

    def __init__(
        self,
        cursor: psycopg.Cursor,
        delivery: Delivery,
        problems: Problems,
        currency: str,
        progress: Progress,
    ) -> None:
        self._cursor = cursor
        self._delivery = delivery
        self._problems = problems
        self._currency = currency
        self._progress = progress
        self._staged: dict[str, Staged] = {}
        self._merged: dict[str, Merged] = {}
        self._left_out = LeftOut()

    def stage(self) -> None:
        """Read and check every file; nothing is touched yet."""
        self._cursor.execute(load(ROOM, "prepare_transaction"))
        self._cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self._staged = staging.stage_all(
            self._cursor, self._delivery, self._problems, self._progress
        )

    def merge(self, erased: ErasedTokens) -> None:
        """Merge what was staged, or explain why that cannot be."""
        self._cursor.execute("LOCK TABLE contacts_contact IN EXCLUSIVE MODE")
        settle(erased)  # no chunk of a run is under way now: what is open, a crash left
        any_erased = erased_numbers.find(self._cursor, erased, self._staged)
        if not self._problems.count:
            try:
                with transaction.atomic():
                    self._merge(any_erased=any_erased)
            except (DoesNotFit, psycopg.errors.UniqueViolation):
                pass
            else:
                return
        checks.explain(self._cursor, self._staged, self._problems)
        if not self._problems.count:
            raise DidNotHold("The rows of the import do not fit together; nothing was changed.")

    def lines(self, name: str, rows: list[int]) -> dict[int, int]:
        """The physical lines of rows of a file."""
        return staging.line_finder(self._delivery, self._staged)(name, rows)

    def report(self) -> ImportReport:
        """What was done, file by file."""
        counts = {
            staged.name: self._counts(name, staged)
            for name, staged in self._staged.items()
            if staged.reader
        }
        return ImportReport(counts, self._delivery.passed_over)

    def _merge(self, *, any_erased: bool) -> None:
        for staged in self._staged.values():
            if not staged.rows or (is_bulk(self._cursor, staged) and not any_erased):
                continue  # an empty table finds a key given twice when its constraints go up
            if checks.any_key_given_twice(self._cursor, staged.file):
                raise DoesNotFit
        self._left_out = kept_out.leave_out(self._cursor, self._staged, any_erased=any_erased)
        self._merged = merge_all(
            self._cursor, self._staged, self._left_out, self._currency, self._progress
        )

    def _counts(self, name: str, staged: Staged) -> FileCounts:
        merged = self._merged.get(name, Merged())
        skipped = self._left_out.rows.get(name, 0)
        return FileCounts(
            read=staged.rows,
            inserted=merged.inserted,
            updated=merged.updated,
            unchanged=staged.rows - skipped - merged.inserted - merged.updated,
            skipped_erased=skipped,
            links_left_out=self._left_out.links.get(name, 0),
            values_left_empty=self._left_out.values.get(name, 0),
        )


@contextmanager
def _discreetly(what: str) -> Iterator[None]:
    """What PostgreSQL says of an error may quote a row; only its code is passed on."""
    connection.ensure_connection()
    try:
        yield
    except psycopg.Error as error:
        code = error.sqlstate or "connection lost"
        raise DidNotHold(
            f"The database refused the {what} ({type(error).__name__}, {code}); "
            "nothing was changed."
        ) from None
