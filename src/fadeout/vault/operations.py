"""Sets the vault up, lets what has expired go, and records who looked into it.

What could go wrong, and what prevents it:

- Somebody looks without a trace: the ledger knows of it before anything is shown.
- A kill between the keys and the copies leaves records without a key, which nobody can read; the same
  command given again removes them, and does not take the keys for stolen: the ledger says that they went.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind
from fadeout.vault import queries
from fadeout.vault.keyring import Keyring, not_set_up
from fadeout.vault.models import VaultKey, VaultRecord


def set_up(keyring: Keyring, *, recipient: str, replace: bool, by: Operator, now: datetime) -> bool:
    """Seal for this public key from now on; tells whether it is a new one.

    Raises:
        BadInput: it is no public key of age, or there is another one that is not to be replaced.
    """
    with transaction.atomic():
        is_new = keyring.set_recipient(recipient, replace=replace)
        if is_new or queries.recorded_recipient() != keyring.recipient():
            facts = {"recipient": keyring.recipient()}
            ledger.record(Kind.VAULT_SET_UP, by=by, now=now, facts=facts)
    return is_new


def require_own_recipient(keyring: Keyring) -> None:
    """Refuse to seal for somebody whom the ledger does not know: the key folder alone cannot change that.

    Raises:
        BadInput: the vault is not set up.
        DidNotHold: the recipient is another one than was recorded.
    """
    if keyring.recipient() is None:
        raise not_set_up()
    if queries.recorded_recipient() not in (None, keyring.recipient()):
        raise DidNotHold(
            _("The recipient in the key folder is not the one that the vault was set up with."),
            way_out=_(
                "Put the key folder back, or say that it is right: fadeout vault init --recipient age1… "
                "--replace"
            ),
        )


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
    """How many keys and sealed records were destroyed, and how many keys were not there to be."""

    keys: int
    records: int
    missing: int


def expire(
    keyring: Keyring, *, as_of: date, today: date, by: Operator | None, now: datetime
) -> Expired:
    """Destroy all keys whose day has come, and then what is sealed under them.

    After that nobody can read it any more, support included; nor from a backup of the database, which
    holds the sealed records still, but no key. What the ledger cannot record is not done: so it is recorded
    first. No run may be under way.
    """
    due = [str(pk) for pk in _due(as_of).values_list("pk", flat=True)]
    # Also copies of a due key under another day.
    labels = [x for x in keyring.labels() if x.expires_on <= as_of or str(x.key_id) in due]
    there = {str(label.key_id) for label in labels}
    # Also under another day than that of their key, if somebody prolonged them.
    records = VaultRecord.objects.filter(Q(expires_on__lte=as_of) | Q(key_id__in=[*due, *there]))
    missing = {*due} - there - queries.recorded_as_destroyed()
    expired = Expired(len(there), records.count(), len(missing))
    if not (due or there or expired.records):
        return expired
    facts = {"as_of": as_of, **vars(expired), "destroyed": sorted({*due, *there})}
    with transaction.atomic():
        ledger.record(Kind.EXPIRY, by=by, now=now, facts=facts)
    keyring.note_expired(as_of, today=today)
    for label in labels:
        keyring.destroy(label)
    with transaction.atomic():
        _due(as_of).update(destroyed_at=now)
        records.delete()
    return expired


def repeat_expiry(keyring: Keyring, *, by: Operator, now: datetime) -> None:
    """After a restore: what had expired since the backup is destroyed in the database again."""
    lying = {str(label.key_id) for label in keyring.labels()}
    again = [
        key
        for key in VaultKey.objects.filter(destroyed_at=None)
        if str(key.pk) not in lying
        and keyring.has_expired(key.expires_on, sealed_on=key.made_at.date())
    ]
    if again:
        ids = [key.pk for key in again]
        with transaction.atomic():
            records, _ = VaultRecord.objects.filter(key_id__in=ids).delete()
            VaultKey.objects.filter(pk__in=ids).update(destroyed_at=now)
            facts = {"keys": 0, "records": records, "destroyed": sorted(map(str, ids))}
            ledger.record(Kind.EXPIRY, by=by, now=now, facts=facts)


def _due(as_of: date) -> QuerySet[VaultKey]:
    return VaultKey.objects.filter(expires_on__lte=as_of, destroyed_at=None)
