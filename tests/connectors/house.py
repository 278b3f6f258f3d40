"""A small house with rows in all fourteen files, ways to write it down, and ways to look at tables."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection

from fadeout.connectors.exchange.format import BY_NAME, FILES
from fadeout.connectors.exchange.operations import import_exchange
from fadeout.connectors.exchange.report import ImportReport
from fadeout.core import paths
from fadeout.institution import operations as institution
from fadeout.keys.tokens import ErasedTokens

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Row = dict[str, str]
House = dict[str, list[Row]]

_HOUSE: House = {
    "organisations": [{"code": "opera", "name": "Opéra"}, {"code": "shop", "name": "Shop, the"}],
    "products": [
        {"code": "p1", "organisation": "opera", "name": 'The "Ring"', "dated": "true"},
        {"code": "p2", "organisation": "shop", "name": "Mug", "dated": "false"},
    ],
    "contacts": [
        {
            "contact_number": "C1",
            "kind": "relay",
            "structure": "C3",
            "first_name": "Żofia",
            "last_name": "O'Neil, Jr.",
            "birth_date": "1980-02-29",
            "language": "de-CH",
            "email": "z@x.example",
            "postcode": "01221",
            "town": "Genève",
            "country": "CH",
            "email_validated_at": "2020-01-02T03:04:05.123456+02:00",
            "remark": "two\nlines",
            "roles": "guide|supplier",
            "created_at": "2019-01-01T00:00:00Z",
            "created_by": "C2",
        },
        {"contact_number": "C2", "kind": "individual", "created_at": "2018-05-05T10:00:00Z"},
        {"contact_number": "C3", "kind": "structure", "created_at": "2018-05-05T10:00Z"},
    ],
    "orders": [
        {
            "order_number": "O1",
            "organisation": "opera",
            "purchase_contact": "C1",
            "cultural_contact": "C2",
            "ordered_at": "2020-01-01T10:00:00+01:00",
            "currency": "CHF",
            "ip_address": "192.0.2.1",
            "remark": "window seat",
        },
        {
            "order_number": "O2",
            "organisation": "shop",
            "ordered_at": "2021-01-01T10:00:00Z",
            "currency": "DEM",
        },
    ],
    "order_lines": [
        {
            "order_number": "O1",
            "line": "1",
            "product": "p1",
            "kind": "option",
            "state": "standing",
            "confirmed_at": "2020-01-02T10:00:00Z",
            "price": "25.5",
            "valid_from": "2020-02-01T19:00:00Z",
            "valid_until": "2020-02-01T22:00:00Z",
            "beneficiary_contact": "C2",
            "beneficiary_first_name": "Ada",
            "beneficiary_last_name": "L",
            "beneficiary_email": "ada@x.example",
            "beneficiary_birth_date": "2010-10-10",
            "beneficiary_country": "Österreich",
        },
        {
            "order_number": "O2",
            "line": "-7",
            "product": "p2",
            "kind": "sale",
            "state": "returned",
            "price": "-0.01",
        },
    ],
    "answers": [
        {"order_number": "O1", "line": "1", "question": "Diet?", "type": "text", "answer": "none"},
        {"order_number": "O2", "line": "-7", "question": "Diet?", "type": "choice"},
    ],
    "payments": [
        {
            "payment_number": "P1",
            "order_number": "O1",
            "paid_at": "2027-01-01T00:00:00Z",
            "amount": "999999999999.99",
        }
    ],
    "account_entries": [
        {
            "entry_number": "E1",
            "contact_number": "C1",
            "organisation": "opera",
            "booked_at": "2020-01-01T00:00:00Z",
            "amount": "5",
            "label": "credit",
        }
    ],
    "waiting_list": [
        {
            "entry_number": "W1",
            "contact_number": "C2",
            "organisation": "opera",
            "product": "p1",
            "added_at": "2020-01-01T00:00:00Z",
        }
    ],
    "clicks": [
        {
            "click_number": "K1",
            "contact_number": "C1",
            "link": "https://x.example/?a=1,2",
            "clicked_at": "2020-01-01T00:00:00Z",
            "automated": "false",
        }
    ],
    "criteria": [
        {
            "contact_number": "C1",
            "criterion": "interest",
            "changed_at": "2020-01-01T00:00:00Z",
            "value": "jazz",
            "origin": "contact",
        }
    ],
    "authorisations": [
        {
            "contact_number": "C1",
            "purpose": "newsletter",
            "channel": "email",
            "changed_at": "2020-01-01T00:00:00Z",
            "value": "yes",
            "origin": "operator",
            "wording": "I agree",
            "evidence": "form 12",
        }
    ],
    "holds": [{"contact_number": "C2", "reason": "court", "until": "2030-12-31", "owner": "J"}],
    "notes": [
        {
            "note_number": "N1",
            "contact_number": "C1",
            "written_at": "2020-01-01T00:00:00Z",
            "text": "called",
        }
    ],
}


def house() -> House:
    """A copy of the house, to change."""
    return deepcopy(_HOUSE)


def as_csv(rows: Sequence[Row], columns: Sequence[str] | None = None) -> str:
    """Rows as CSV; the columns are all that any row has."""
    names = columns or list(dict.fromkeys(name for row in rows for name in row))
    sink = io.StringIO(newline="")
    writer = csv.DictWriter(sink, names, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue()


def _needed(name: str) -> list[str]:
    return [column.name for column in BY_NAME[name].columns if not column.is_optional]


def csv_folder(folder: Path, files: Mapping[str, Sequence[Row]]) -> Path:
    """A folder of CSV files; one without rows has its header alone."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        text = as_csv(rows, None if rows else _needed(name))
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def parquet_folder(folder: Path, files: Mapping[str, Sequence[Row]]) -> Path:
    """A folder of Parquet files with nothing but text in them."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        columns = [
            c.name
            for c in BY_NAME[name].columns
            if c.name in _needed(name) or any(c.name in row for row in rows)
        ]
        table = pa.table({c: pa.array([row.get(c) for row in rows], pa.string()) for c in columns})
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


def zipped(path: Path, entries: Mapping[str, str | bytes]) -> Path:
    """A zip of these entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def found_house() -> ErasedTokens:
    """Set the institution up; returns the tokens of its key folder."""
    founded = institution.found(name="House", time_zone="Europe/Zurich", currency="CHF", now=NOW)
    return institution.erased_tokens(founded, paths.keys())


def take(path: Path, **options: Any) -> ImportReport:
    """Import a path into the database of the test."""
    return import_exchange(path=path, now=NOW, erased=found_house(), **options)


def remember_as_erased(number: str, created_at: datetime) -> None:
    """Write the tokens of a contact as an erasure does."""
    tokens = found_house()
    chunk = uuid.uuid4()
    both = {
        "delete": [tokens.token(number, created_at)],
        "numbers": [tokens.number_token(number)],
    }
    tokens.write(chunk=chunk, tokens=both, on=date(2025, 1, 1))
    tokens.confirm(chunk=chunk, committed=True)


def execute(*statements: str) -> None:
    """Change the database behind the back of the import."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def anonymise(number: str) -> None:
    """Make the contact the anonymous row that erasure leaves; its orders stay linked to it."""
    execute(
        "UPDATE contacts_contact SET contact_number = '~' || contact_number, structure_id = NULL,"
        " title = NULL, first_name = 'XXXXXXXX', last_name = 'XXXXXXXX', birth_date = NULL,"
        " language = NULL, email = NULL, login = NULL, email_validated_at = NULL, remark = NULL,"
        " created_by_id = NULL, created_at = date_trunc('year', created_at),"
        f" anonymised_on = '2025-01-01' WHERE contact_number = '{number}'"
    )


def rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a query returns."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall()


def tables(*, with_xmin: bool = False) -> dict[str, list[str]]:
    """Every row of every table that an import writes, as text, by id (public ids left out)."""
    whole = {file.table: file.table for file in FILES} | {"contacts_role": "contacts_role"}
    version = "t.xmin::text || t.ctid::text || " if with_xmin else ""
    return {
        table: [
            row[0]
            for row in rows(
                f"SELECT {version}(to_jsonb(t) - 'public_id')::text FROM {table} AS t ORDER BY id"
            )
        ]
        for table in whole
    }


def empty_tables() -> None:
    """Forget everything but the institution."""
    names = ", ".join({file.table for file in FILES} | {"contacts_role"})
    if not rows("SELECT FROM sales_organisation UNION ALL SELECT FROM contacts_contact LIMIT 1"):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
