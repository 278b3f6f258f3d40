"""What stands in the address of a contact's own link: nobody guesses it, and no table tells it.

A token is the version of a key, and in base64 a number by which the row is found (:attr:`Issued.handle`,
drawn by lot) and twelve bytes of an HMAC over both: twenty-eight characters. The key lies in the key folder,
so neither a dump nor a backup of the database opens a link.

What could go wrong, and what prevents it:

- A token is tried out byte by byte: the codes are compared in constant time.
- The key became known: another one is made; links go out under it from then on, and those that are out
  already still open under the key that they were made with, for as long as its file is there.
- The key was lost: none is made in its place where links are out, so that somebody puts it back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from pathlib import Path

from django.utils.translation import gettext as _

from fadeout.core.errors import BadInput
from fadeout.keys import folder as key_folder

CODE_BYTES, HANDLE_BYTES = 12, 8
LENGTH = 28
VERSIONS = "123456789"
WITHOUT_IT = "links in mails that were sent lead nowhere"


def handle() -> int:
    """A number for a row; also what PostgreSQL holds as a number."""
    return secrets.randbits(63)


class LinkKeys:
    """The keys of the links in one key folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, bytes] = {}

    def require(self, *, makes: bool) -> None:
        """See that there is a key to issue links with.

        Args:
            makes: whether the first one may be made: not where links are out.

        Raises:
            BadInput: it is missing, or damaged.
        """
        self._key(self._newest() or VERSIONS[0], makes=makes)

    def renew(self) -> str:
        """Make another key, under which links go out from now on; its version.

        Raises:
            BadInput: there were as many as there can be.
        """
        version = str(int(self._newest() or 0) + 1)
        if version not in VERSIONS:
            raise BadInput(_("The key of the links was changed as often as it can be."))
        self._key(version, makes=True)
        return version

    def token(self, number: int) -> str:
        """The token of a row."""
        version = self._newest() or VERSIONS[0]
        sealed = number.to_bytes(HANDLE_BYTES, "big") + self._code(version, number)
        return version + base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def handle(self, token: str) -> int | None:
        """The number of the row that a token stands for; nothing if it is none of ours."""
        version, text = token[:1], token[1:]
        if len(token) != LENGTH or version not in VERSIONS or not token.isascii():
            return None
        try:
            sealed = base64.b64decode(f"{text}=", altchars=b"-_", validate=True)
        except binascii.Error:
            return None
        number = int.from_bytes(sealed[:HANDLE_BYTES], "big")
        if version not in self._keys and not self._file(version).exists():
            return None
        given, right = sealed[HANDLE_BYTES:], self._code(version, number)
        return number if hmac.compare_digest(given, right) else None

    def _code(self, version: str, number: int) -> bytes:
        told = b"fadeout link\0" + version.encode() + number.to_bytes(HANDLE_BYTES, "big")
        return hmac.digest(self._key(version), told, hashlib.sha256)[:CODE_BYTES]

    def _key(self, version: str, *, makes: bool = False) -> bytes:
        if version not in self._keys:
            self._keys[version] = key_folder.key(
                self._folder, self._file(version).name, without_it=WITHOUT_IT, makes=makes
            )
        return self._keys[version]

    def _newest(self) -> str | None:
        return next((v for v in reversed(VERSIONS) if self._file(v).exists()), None)

    def _file(self, version: str) -> Path:
        return self._folder / f"links-{version}.key"
