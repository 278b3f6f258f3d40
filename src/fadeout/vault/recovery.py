"""Support recovers what was removed of a contact, with the private key that the application never has.

What could go wrong: somebody looks without a trace, so the recovery is recorded, and that record is
committed, before anything is shown; somebody finds out who is in the vault, so there is no index by
contact: whoever has the private key opens record by record and looks.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from fadeout.core.errors import BadInput, DidNotHold
from fadeout.vault.keyring import DataKey, Keyring
from fadeout.vault.models import VaultRecord

BATCH = 500
CONTACTS = "contacts_contact"
Shown = Callable[[int], None]


#: Around the addresses of a column that holds several.
BETWEEN_ADDRESSES = re.compile(r"[\s,;/<>()\[\]\"]+")


@dataclass(frozen=True)
class Wanted:
    """Whom to look for: by contact number or by e-mail address."""

    number: str | None = None
    email: str | None = None

    @classmethod
    def typed(cls, *, number: str | None, email: str | None) -> Wanted:
        """As somebody types it: blanks around it mean nothing.

        Raises:
            BadInput: it is not exactly one of the two.
        """
        wanted = cls((number or "").strip() or None, (email or "").strip() or None)
        if (wanted.number is None) == (wanted.email is None):
            raise BadInput(
                "Whom to recover?", way_out="Give either --contact NUMBER or --email ADDRESS."
            )
        return wanted

    def is_in(self, parts: Sequence[Part]) -> bool:
        """Whether a record is of that contact, or of a ticket of theirs."""
        return any(self._is(part.values) for part in parts)

    def _is(self, values: dict[str, Any]) -> bool:
        if self.number is not None:
            return bool(values.get("contact_number") == self.number)
        email = _folded(str(self.email))
        typed = [_folded(e) for e in (values.get("email"), values.get("beneficiary_email")) if e]
        return any(email == e or email in BETWEEN_ADDRESSES.split(e) for e in typed)


def _folded(email: str) -> str:
    return unicodedata.normalize("NFC", email).casefold()


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
    """The data keys that these private keys open; a damaged one is in nobody's way.

    Raises:
        BadInput: there are keys, and none is for them.
    """
    labels, keys = keyring.labels(), []
    for label in labels:
        with suppress(DidNotHold):  # told as records that could not be opened
            if key := keyring.unwrap(label, identities):
                keys.append(key)
    if labels and not keys:
        raise BadInput(
            "None of the keys in the vault is wrapped to this identity.",
            way_out="Give the identity whose public key the vault was set up with.",
        )
    return keys


class Search:
    """A search for somebody with the keys that could be opened, and how far it went."""

    def __init__(self, keys: Sequence[DataKey], wanted: Wanted) -> None:
        self._keys = keys
        self._wanted = wanted
        self.opened = 0

    @property
    def left(self) -> int:
        """Records that could not be opened: under keys for others, missing or damaged, or changed."""
        return VaultRecord.objects.count() - self.opened

    def found(self, shown: Shown = lambda _: None) -> Iterator[Recovered]:
        """Open record by record, and yield those of the wanted contact."""
        for key in self._keys:
            for sealed in _records(key):
                with suppress(DidNotHold):
                    record = _read(key, sealed)
                    self.opened += 1
                    shown(self.opened)
                    if self._wanted.is_in(record.parts):
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
