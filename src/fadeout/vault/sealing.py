"""Seals what is about to be removed, in the transaction that removes it.

What could go wrong, and what prevents it:

- Something is removed and was not sealed: both are in one transaction.
- The place of a record tells whose it is: the records of a chunk are stored in an order of chance, and
  nothing beside them says who is in them.
- A record is changed or removed behind our back: what each transaction sealed is added up in its
  account (:class:`fadeout.core.digest.RowDigest`), and ``fadeout vault verify`` adds up what lies there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from fadeout.core.digest import RowDigest
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind
from fadeout.policy import periods
from fadeout.vault import queries
from fadeout.vault.keyring import DataKey, Keyring, Layout
from fadeout.vault.models import VaultKey

#: How long support can recover what was removed (rule book, section 5).
MONTHS = 12
INTO_VAULT = "COPY vault_record (key_id, expires_on, sealed) FROM STDIN (FORMAT BINARY)"
#: What was sealed under each key.
Sealed = dict[str, RowDigest]


def expires_on(today: date) -> date:
    """The day on which expires what is sealed today."""
    return periods.months_after(today, MONTHS)


def sealed_on(expires: date) -> date:
    """The day on which was sealed what expires on this day; at most a few days earlier."""
    return periods.months_before(expires, MONTHS)


class Sealer:
    """Seals under data keys of this process's own, one for each day on which they expire.

    Args:
        days: the days on which what will be sealed expires.
        layout: what the parts of a record are.
    """

    def __init__(
        self,
        keyring: Keyring,
        *,
        days: Iterable[date],
        now: datetime,
        by: Operator,
        layout: Layout,
    ) -> None:
        self._keyring = keyring
        self._now = now
        self._by = by
        self._layout = layout
        # Made now, in transactions of their own: what a chunk takes back would be forgotten.
        self._keys = {day: self._made(day) for day in days}

    @property
    def days(self) -> Collection[date]:
        """The days on which what is sealed here expires."""
        return self._keys.keys()

    def seal(self, texts: Iterable[str], *, heading: str, expires_on: date) -> Sealed:
        """Seal and store one record for each text; must run inside a transaction.

        Args:
            texts: the parts of a record, JSON arrays with commas between.
            heading: the members of the record's JSON object that come before its parts.
            expires_on: one of the days.
        """
        key = self._keys[expires_on]
        sealed = [key.seal(f'{{{heading},"parts":[{text}]}}'.encode()) for text in texts]
        sealed.sort()  # each begins with a nonce: so in an order of chance
        _store(key, sealed)
        return {str(key.label.key_id): RowDigest.of_all(sealed)}

    def _made(self, expires_on: date) -> DataKey:
        key, digest = self._keyring.new_data_key(expires_on=expires_on, layout=self._layout)
        with transaction.atomic():
            stored = VaultKey.objects.create(
                id=key.label.key_id, made_at=self._now, expires_on=expires_on, wrapped_digest=digest
            )
            facts = queries.facts_of(stored)
            ledger.record(Kind.VAULT_KEY, by=self._by, now=self._now, facts=facts)
        return key


def _store(key: DataKey, sealed: Sequence[bytes]) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,  # Django does not for what it does not know of
        cursor.copy(INTO_VAULT) as copy,
    ):
        copy.set_types(("uuid", "date", "bytea"))
        for record in sealed:
            copy.write_row((key.label.key_id, key.label.expires_on, record))
