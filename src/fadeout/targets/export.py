"""The list of a target as CSV, row by row as it comes from the database.

What could go wrong: a spreadsheet takes what somebody typed as their name for a formula. So such a cell gets
an apostrophe in front. And somebody is erased while the list is written: it tells one instant.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

from django.db import transaction

from fadeout.core import sql
from fadeout.targets import queries
from fadeout.targets.models import Target

COLUMNS = (
    "contact_number", "kind", "title", "first_name", "last_name", "email", "language", "postcode",
    "town", "country", "recency",
)  # fmt: skip
BLOCK = 2_000
FORMULAS = ("-", "=", "+", "@", "\t", "\r")


def csv_blocks(
    target: Target, now: datetime, time_zone: str, *, for_spreadsheets: bool = True
) -> Iterator[tuple[int, str]]:
    """The list, some thousand rows at a time, with how many contacts each block holds; the heading first.

    Args:
        target: whose list.
        now: this instant.
        time_zone: the institution's.
        for_spreadsheets: put an apostrophe before what a spreadsheet would take for a formula.
    """
    yield 0, _written([COLUMNS])
    fields = [*COLUMNS[:-1], "indicator__recency_on"]
    with transaction.atomic():
        sql.plan_large_queries()
        found = queries.contacts(target, now, time_zone).order_by("contact_number")
        block: list[list[object]] = []
        for row in found.values_list(*fields).iterator(chunk_size=BLOCK):
            block.append([_cell(value) for value in row] if for_spreadsheets else list(row))
            if len(block) == BLOCK:
                yield len(block), _written(block)
                block = []
        if block:
            yield len(block), _written(block)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def _written(rows: object) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()
