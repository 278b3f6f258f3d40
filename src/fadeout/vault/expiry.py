"""Destroys what has expired: first the keys, then the copies.

After that nobody can read it any more, support included; nor from a backup of the database, which
holds the sealed records still, but no key. What could go wrong: a kill between the two leaves
records without a key, which nobody can read; the same command given again removes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from fadeout.institution.models import Operator
from fadeout.vault.keyring import Keyring
from fadeout.vault.models import VaultKey, VaultRecord


@dataclass(frozen=True)
class Expired:
    """How many keys and sealed records were destroyed."""

    keys: int
    records: int


def expire(keyring: Keyring, *, as_of: date, by: Operator, now: datetime) -> Expired:
    """Destroy all keys whose day has come, and what is sealed under them."""
    for label in keyring.labels():
        if label.expires_on <= as_of:
            keyring.destroy(label)
    with transaction.atomic():
        keys = VaultKey.objects.filter(expires_on__lte=as_of, destroyed_at=None).update(
            destroyed_at=now
        )
        records, _ = VaultRecord.objects.filter(expires_on__lte=as_of).delete()
    return Expired(keys, records)
