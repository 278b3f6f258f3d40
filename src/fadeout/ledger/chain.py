"""How entries hang together: what is hashed, and how.

An entry's hash is SHA-256 over all of it, in one way of writing that no database changes, and over
the hash before. So nothing of it, and nothing before it, can be changed without all later hashes
changing too. Whoever can write to the database could compute them anew; what they cannot make is
the authentication code (HMAC), whose key lies in the key folder.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from fadeout.ledger.models import Entry

FORMAT = 1
SALT_BYTES = 16


def genesis(house: UUID) -> str:
    """What stands for the hash before the first entry: the house that the chain belongs to."""
    return hashlib.sha256(canonical(["fadeout ledger", FORMAT, str(house)])).hexdigest()


def digest(entry: Entry, *, number: int | None = None) -> str:
    """The hash of an entry; or what it would be if it stood at another number."""
    return hashlib.sha256(
        canonical(
            [
                FORMAT, entry.number if number is None else number,
                entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.kind,
                str(entry.actor) if entry.actor else None, entry.facts, entry.text_digests,
                entry.previous,
            ]
        )
    ).hexdigest()  # fmt: skip


def entry_mac(key: bytes, number: int, entry_hash: str) -> str:
    """The authentication code of an entry; printed on certificates with number and hash."""
    return mac(key, ["entry", number, entry_hash])


def mac(key: bytes, content: Any) -> str:
    """HMAC-SHA-256 over something that can be written as JSON."""
    return hmac.digest(key, canonical(content), hashlib.sha256).hex()


def same(one: str, other: str) -> bool:
    """Whether two hashes or codes are the same, without telling by the time how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def salt() -> str:
    """Something that nobody can guess, so that a hash of a short text tells nothing of it."""
    return secrets.token_hex(SALT_BYTES)


def text_digest(salt_of_text: str, name: str, text: str) -> str:
    """The salted hash of a text."""
    return hashlib.sha256(canonical([salt_of_text, name, text])).hexdigest()


def canonical(content: Any) -> bytes:
    """The one way in which something is written before it is hashed."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def plain(value: Any) -> Any:
    """Facts as they come back from the database, so that what is hashed is what is read again.

    Raises:
        TypeError: a value that would not come back as it was, such as a float.
    """
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, date):  # instants are, too
        local = value.astimezone(UTC) if isinstance(value, datetime) else value
        return local.isoformat()
    if isinstance(value, str | UUID):
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"a fact cannot be a {type(value).__name__}")
