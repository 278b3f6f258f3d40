"""The way out of a mail: a token that names its message and that nobody can make up.

It is the message's opaque id and an HMAC over it, under a key of the key folder: no table tells it, and
neither a dump nor a backup of the database unsubscribes anybody.

What could go wrong: the key is lost, and the ways out of all mails that were sent lead nowhere. So none is
made in its place once mails went out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from pathlib import Path
from uuid import UUID

from fadeout.keys import folder as key_folder

CODE_BYTES, ID_BYTES = 16, 16
LENGTH = 43
VERSION = "1"


class MailKeys:
    """The key of the mails in one key folder."""

    FILE = f"mails-{VERSION}.key"

    def __init__(self, folder: Path, *, makes: bool = False) -> None:
        """``makes``: whether the key may be made: not where mails went out.

        Raises:
            BadInput: it is missing, or damaged.
        """
        self._key = key_folder.key(
            folder,
            self.FILE,
            without_it="the ways out of mails that were sent lead nowhere",
            makes=makes,
        )

    def token(self, message: UUID) -> str:
        """The token of a message."""
        sealed = message.bytes + self._code(message.bytes)
        return VERSION + base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def message(self, token: str) -> UUID | None:
        """The message that a token stands for; nothing if it is none of ours."""
        if len(token) != LENGTH + 1 or token[:1] != VERSION or not token.isascii():
            return None
        try:
            sealed = base64.b64decode(f"{token[1:]}=", altchars=b"-_", validate=True)
        except binascii.Error:
            return None
        named, given = sealed[:ID_BYTES], sealed[ID_BYTES:]
        return UUID(bytes=named) if hmac.compare_digest(given, self._code(named)) else None

    def _code(self, named: bytes) -> bytes:
        told = b"fadeout mail\0" + VERSION.encode() + named
        return hmac.digest(self._key, told, hashlib.sha256)[:CODE_BYTES]
