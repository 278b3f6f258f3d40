"""Support recovers what was removed of a contact, with the private key that the application never has.

What could go wrong: somebody looks without a trace, so the recovery is recorded, and that record is
committed, before anything is shown; somebody finds out who is in the vault, so there is no index by
contact: whoever has the private key opens record by record and looks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from fadeout.core.errors import BadInput
from fadeout.vault.keyring import DataKey, Keyring

BATCH = 500
CONTACTS = "contacts_contact"
Shown = Callable[[int], None]


@dataclass(frozen=True)
class Wanted:
    """Whom to look for: by contact number or by e-mail address."""

    number: str | None = None
    email: str | None = None

    def is_in(self, parts: Sequence[Part]) -> bool:
        """Whether a record is of that contact, or of a ticket of theirs."""
        return any(self._is(part.values) for part in parts)

    def _is(self, values: dict[str, Any]) -> bool:
        if self.number is not None:
            return bool(values.get("contact_number") == self.number)
        emails = (values.get("email"), values.get("beneficiary_email"))
        return str(self.email).casefold() in [str(e).casefold() for e in emails if e]


@dataclass(frozen=True)
class Part:
    """One row that was removed or emptied: its table, and what it held."""

    table: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Recovered:
    """One record: when it was removed, by which run, until when it lies there, and what it was."""

    on: str
    run: int
    expires_on: str
    parts: tuple[Part, ...]


def unwrapped(keyring: Keyring, identities: Sequence[Any]) -> list[DataKey]:
    """The data keys that these private keys open.

    Raises:
        BadInput: there are keys, and none is for them.
    """
    labels = keyring.labels()
    keys = [key for label in labels if (key := keyring.unwrap(label, identities))]
    if labels and not keys:
        raise BadInput(
            "None of the keys in the vault is wrapped to this identity.",
            way_out="Give the identity whose public key the vault was set up with.",
        )
    return keys


def find(
    keys: Sequence[DataKey], wanted: Wanted, shown: Shown = lambda _: None
) -> Iterator[Recovered]:
    """Open record by record, and yield those of the wanted contact; tells how many were opened.

    Raises:
        DidNotHold: a record was changed.
    """
    opened = 0
    for key in keys:
        for sealed in _records(key):
            record = _read(key, sealed)
            opened += 1
            shown(opened)
            if wanted.is_in(record.parts):
                yield record


def _records(key: DataKey) -> Iterator[bytes]:
    statement = "SELECT sealed FROM vault_record WHERE key_id = %s ORDER BY id"
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="vault_records", binary=True) as cursor:
            cursor.itersize = BATCH
            cursor.execute(sql.SQL(statement), [key.label.key_id])
            for (sealed,) in cursor:
                yield bytes(sealed)


def _read(key: DataKey, sealed: bytes) -> Recovered:
    record = json.loads(key.open(sealed))
    parts = []
    for number, *values in record["parts"]:
        table, columns = key.layout[number]
        parts.append(Part(table, dict(zip(columns, values, strict=True))))
    return Recovered(
        on=record["on"],
        run=record["run"],
        expires_on=key.label.expires_on.isoformat(),
        parts=tuple(parts),
    )
