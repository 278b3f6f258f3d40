"""Sets the vault up, and records who looked into it."""

from __future__ import annotations

from datetime import datetime

from fadeout.core.errors import BadInput
from fadeout.institution.models import Operator
from fadeout.vault.keyring import Keyring


def set_up(keyring: Keyring, *, recipient: str, replace: bool, by: Operator, now: datetime) -> bool:
    """Seal for this public key from now on; tells whether it is a new one.

    Raises:
        BadInput: it is no public key of age, or there is another one that is not to be replaced.
    """
    return keyring.set_recipient(recipient, replace=replace)


def record_recovery(*, reason: str, by: Operator, now: datetime) -> None:
    """Keep who looks for somebody in the vault, and why, before anything is shown.

    Raises:
        BadInput: there is no reason.
    """
    if not reason.strip():
        raise BadInput("A recovery needs a reason.", way_out='Give it: --reason "…".')
