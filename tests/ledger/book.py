"""A ledger for tests: entries, what verification says of them, and hands that tamper."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection, transaction

from fadeout.core import paths
from fadeout.ledger import chain, queries
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Entry, Kind
from fadeout.ledger.queries import Printed, Verification
from tests import support


def add(kind: Kind = Kind.EXPIRY, *, texts: dict[str, str] | None = None, **facts: Any) -> Entry:
    """Record one entry, in a transaction of its own."""
    with transaction.atomic():
        return ledger.record(kind, by=support.operator(), now=support.NOW, facts=facts, texts=texts)


def some(count: int = 5) -> list[Entry]:
    """A founded house whose ledger has so many more entries."""
    support.founded()
    return [add(of=n) for n in range(count)]


def verified(**more: Any) -> tuple[list[str], Verification]:
    """What does not hold, and the rest of what was said."""
    said: list[str] = []
    made = queries.verify(told=lambda finding: said.append(finding.what), **more)
    assert made.findings == len(said)
    return said, made


def findings() -> list[str]:
    return verified()[0]


def tamper(*statements: str) -> None:
    """Change the database as somebody who may write to all of it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement


def recompute(*, after: int) -> None:
    """Make hashes and links fit again from an entry on, as somebody can who has no key."""
    previous = Entry.objects.get(number=after).hash
    for entry in Entry.objects.filter(number__gt=after).order_by("number"):
        entry.previous = previous
        entry.hash = chain.digest(entry)
        entry.save()
        previous = entry.hash


def head_file() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((paths.keys() / "ledger.head").read_text())
    return content


def head_number() -> int:
    return int(head_file()["number"])


def printed(entry: Entry) -> Printed:
    return Printed.of(entry)


def of_key_folder() -> dict[str, str]:
    """What lies in the key folder, as digests."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(p for p in paths.keys().rglob("*") if p.is_file())
    }
