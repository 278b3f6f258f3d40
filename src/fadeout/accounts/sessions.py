"""Sessions lie encrypted in the database.

What could go wrong: a session remembers what somebody searched for, and that is personal data of a
contact who is forgotten meanwhile. So the row in the database is readable with the secret key alone,
and a session lives half a day at most.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fadeout.accounts import sealing

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class SealedSerializer:
    """Turns a session into bytes and back."""

    def dumps(self, session: dict[str, Any]) -> bytes:
        return _fernet().encrypt(json.dumps(session, separators=(",", ":")).encode())

    def loads(self, sealed: bytes) -> dict[str, Any]:
        opened: dict[str, Any] = json.loads(_fernet().decrypt(sealed))
        return opened


def _fernet() -> Fernet:
    return sealing.fernet(b"fadeout sessions")
