"""Sets the vault up, lets what has expired go, and records who looked into it.

What could go wrong, and what prevents it:

- Somebody looks without a trace: the ledger knows of it before anything is shown.
- A kill between the keys and the copies leaves records without a key, which nobody can read; the same
  command given again removes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from fadeout.core.errors import BadInput
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind
from fadeout.vault.keyring import Keyring
from fadeout.vault.models import VaultKey, VaultRecord


def set_up(keyring: Keyring, *, recipient: str, replace: bool, by: Operator, now: datetime) -> bool:
    """Seal for this public key from now on; tells whether it is a new one.

    Raises:
        BadInput: it is no public key of age, or there is another one that is not to be replaced.
    """
    with transaction.atomic():
        is_new = keyring.set_recipient(recipient, replace=replace)
        if is_new:
            ledger.record(Kind.VAULT_SET_UP, by=by, now=now, facts={"recipient": recipient})
    return is_new


def record_recovery(*, reason: str, by: Operator, now: datetime) -> None:
    """Keep who looks for somebody in the vault, and why, before anything is shown.

    Raises:
        BadInput: there is no reason.
    """
    if not reason.strip():
        raise BadInput("A recovery needs a reason.", way_out='Give it: --reason "…".')
    with transaction.atomic():
        ledger.record(Kind.RECOVERY, by=by, now=now, facts={}, texts={"reason": reason.strip()})


@dataclass(frozen=True)
class Expired:
    """How many keys and sealed records were destroyed."""

    keys: int
    records: int


def expire(keyring: Keyring, *, as_of: date, by: Operator, now: datetime) -> Expired:
    """Destroy all keys whose day has come, and then what is sealed under them.

    After that nobody can read it any more, support included; nor from a backup of the database, which
    holds the sealed records still, but no key.
    """
    keyring.note_expired(as_of)
    for label in keyring.labels():
        if label.expires_on <= as_of:
            keyring.destroy(label)
    with transaction.atomic():
        keys = VaultKey.objects.filter(expires_on__lte=as_of, destroyed_at=None).update(
            destroyed_at=now
        )
        records, _ = VaultRecord.objects.filter(expires_on__lte=as_of).delete()
        if keys or records:
            facts = {"as_of": as_of, "keys": keys, "records": records}
            ledger.record(Kind.EXPIRY, by=by, now=now, facts=facts)
    return Expired(keys, records)
