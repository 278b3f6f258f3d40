"""A plan as a workbook: a summary, then the list; a new sheet where one is full."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from fadeout.plans import queries
from fadeout.plans.models import Plan

ROWS_OF_A_SHEET = 1_048_575  # what spreadsheets take, less the heading
FIRST_YEAR = 1900
RECENCY = queries.COLUMNS.index("recency")


def write(plan: Plan, file: Path | IO[bytes]) -> None:
    """Write the workbook; memory stays small whatever the number of contacts.

    Raises:
        OSError: the place is full, say.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    target = str(file) if isinstance(file, Path) else file
    try:
        with xlsxwriter.Workbook(target, options) as book:
            _write_summary(book, plan)
            _write_list(book, plan)
    except FileCreateError as error:  # a full disk, and it is no OSError
        raise error.args[0] from error


def _write_summary(book: Any, plan: Plan) -> None:
    totals = queries.totals(plan)
    sheet = book.add_worksheet("Summary")
    bold = book.add_format({"bold": True})
    lines: list[tuple[str, Any]] = [
        ("Plan", plan.pk),
        ("As of", plan.as_of),
        ("Months", plan.months),
        ("Cutoff", plan.cutoff),
        ("Contacts", totals["contacts"]),
        *((f"Outcome: {name}", count) for name, count in totals["outcomes"].items()),
        *((f"Kept because: {name}", count) for name, count in totals["reasons"].items()),
        *((f"Rows in {name}", count) for name, count in totals["removals"].items()),
        *((f"Due in {month}", count) for month, count in totals["forecast"].items()),
    ]
    sheet.set_column(0, 0, 36)
    for number, (name, value) in enumerate(lines):
        sheet.write_string(number, 0, name, bold)
        if isinstance(value, date):
            _write_day(sheet, number, 1, value)
        else:
            sheet.write(number, 1, value)


def _write_list(book: Any, plan: Plan) -> None:
    sheet = None
    for number, row in enumerate(queries.rows(plan)):
        place = number % ROWS_OF_A_SHEET
        if sheet is None or place == 0:
            sheet = _new_sheet(book, number // ROWS_OF_A_SHEET + 1)
        for column, value in enumerate(row):
            if column == RECENCY:
                _write_day(sheet, place + 1, column, value)
            elif value is not None:
                sheet.write_string(place + 1, column, value)
    if sheet is None:
        _new_sheet(book, 1)


def _write_day(sheet: Any, row: int, column: int, day: date) -> None:
    """A date as a date; as text before 1900, where the calendar of spreadsheets begins."""
    if day.year < FIRST_YEAR:
        sheet.write_string(row, column, day.isoformat())
    else:
        sheet.write_datetime(row, column, day)


def _new_sheet(book: Any, number: int) -> Any:
    sheet = book.add_worksheet("Contacts" if number == 1 else f"Contacts {number}")
    bold = book.add_format({"bold": True})
    for column, name in enumerate(queries.COLUMNS):
        sheet.write_string(0, column, name, bold)
    sheet.set_column(0, len(queries.COLUMNS) - 1, 20)
    sheet.freeze_panes(1, 0)
    return sheet
