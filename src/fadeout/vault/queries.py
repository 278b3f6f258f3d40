"""What lies in the vault, until when, and whether it is all there. Its contents cannot be asked for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count

from fadeout.core import sql
from fadeout.core.digest import RowDigest
from fadeout.ledger.models import Entry, Kind
from fadeout.vault.keyring import Keyring, Label
from fadeout.vault.models import VaultKey, VaultRecord

FINGERPRINT_DIGITS = 32


@dataclass(frozen=True)
class Lying:
    """What expires on one day: how many keys, how many records."""

    expires_on: date
    keys: int
    records: int


def recorded_recipient() -> str | None:
    """The public key that the ledger says the vault was set up with, if it says any."""
    entry = Entry.objects.filter(kind=Kind.VAULT_SET_UP).order_by("-number").first()
    return entry.facts["recipient"] if entry else None


def recorded_as_destroyed() -> set[str]:
    """The data keys of which the ledger says that an expiry destroyed them."""
    expiries = Entry.objects.filter(kind=Kind.EXPIRY).values_list("facts__destroyed", flat=True)
    return {key for destroyed in expiries for key in destroyed or ()}


def lying() -> list[Lying]:
    """What lies in the vault, the first to expire first."""
    keys = dict(
        VaultKey.objects.filter(destroyed_at=None)
        .values_list("expires_on")
        .annotate(Count("pk"))
        .order_by("expires_on")
    )
    records = dict(VaultRecord.objects.values_list("expires_on").annotate(Count("pk")))
    return [Lying(day, keys.get(day, 0), records.get(day, 0)) for day in sorted(keys | records)]


def lying_by(accounted: Mapping[str, RowDigest]) -> list[Lying]:
    """The same by what the accounts of all runs say was sealed, without reading every record."""
    keys: Counter[date] = Counter()
    records: Counter[date] = Counter()
    there = VaultKey.objects.filter(destroyed_at=None).values_list("pk", "expires_on")
    for key, day in there.iterator():
        keys[day] += 1
        records[day] += accounted.get(str(key), RowDigest()).rows
    return [Lying(day, keys[day], records[day]) for day in sorted(keys)]


def fingerprint(recipient: str) -> str:
    """A public key as people compare it over the telephone: the begin of its SHA-256."""
    digest = hashlib.sha256(recipient.encode()).hexdigest()[:FINGERPRINT_DIGITS]
    return " ".join(digest[place : place + 4] for place in range(0, FINGERPRINT_DIGITS, 4))


def keys_until(day: date) -> list[date]:
    """When keys expire that are there still, up to and including this day; the first to expire first."""
    keys = VaultKey.objects.filter(destroyed_at=None, expires_on__lte=day)
    return list(keys.order_by("expires_on").values_list("expires_on", flat=True))


def facts_of(key: VaultKey) -> dict[str, Any]:
    """What the ledger is told of a data key."""
    return {"key": key.pk, "expires_on": key.expires_on, "wrapped_digest": key.wrapped_digest}


def recoverable_until(key_ids: Iterable[str]) -> date | None:
    """The last day before which support can recover what lies under one of these keys; None if none can."""
    days = VaultKey.objects.filter(pk__in=[UUID(k) for k in key_ids], destroyed_at=None)
    return max(days.values_list("expires_on", flat=True), default=None)


def findings(keyring: Keyring, accounted: Mapping[str, RowDigest]) -> list[str]:
    """What is not as it was sealed: keys gone or changed, records changed, removed or added.

    Args:
        accounted: key id -> what the accounts of all runs say was sealed under it.
    """
    return [*_of_folder(keyring), *_of_keys(keyring), *_of_records(accounted)]


def _of_folder(keyring: Keyring) -> list[str]:
    """Keys that this database does not know were made after its backup, if it was restored: no finding."""
    found = [f"{path} is not a key of the vault." for path in keyring.strays()]
    known = dict(VaultKey.objects.values_list("pk", "expires_on"))
    for label in keyring.labels():
        if known.get(label.key_id, label.expires_on) != label.expires_on:
            found.append(f"A copy of key {label.key_id} lies under {label.expires_on}.")
    if keyring.recipient() is not None and recorded_recipient() not in (None, keyring.recipient()):
        found.append("The recipient is not the one that the vault was set up with.")
    return found


def _of_keys(keyring: Keyring) -> list[str]:
    found = []
    for key in VaultKey.objects.order_by("expires_on", "made_at"):
        digest = keyring.digest(Label(key.pk, key.expires_on))
        if key.destroyed_at is not None:
            if digest is not None:
                found.append(
                    f"Key {key.pk} was destroyed, and lies in the key folder all the same."
                )
        elif digest is None:
            found.append(f"Key {key.pk} is not in the key folder, or not under the day it expires.")
        elif digest != key.wrapped_digest:
            found.append(f"Key {key.pk} was changed.")
    return found


def _of_records(accounted: Mapping[str, RowDigest]) -> list[str]:
    found = []
    keys = {str(key.pk): key for key in VaultKey.objects.all()}
    destroyed = {pk for pk, key in keys.items() if key.destroyed_at is not None}
    lying: dict[str, RowDigest] = {}
    for pk, day, count, first, second in sql.rows(sql.load("vault", "count_records")):
        key = str(pk)
        lying[key] = lying.get(key, RowDigest()) + RowDigest.from_sums(count, first, second)
        if key in keys and keys[key].expires_on != day:
            found.append(
                f"Under key {key} {count:,} records stand under {day} instead of {keys[key].expires_on}."
            )
    for key in sorted(lying.keys() | accounted.keys()):
        expected = RowDigest() if key in destroyed else accounted.get(key, RowDigest())
        there = lying.get(key, RowDigest())
        if there.rows != expected.rows:
            found.append(
                f"Under key {key} there are {there.rows:,} records instead of {expected.rows:,}."
            )
        elif there != expected:
            found.append(f"Under key {key} records were changed.")
    return found
