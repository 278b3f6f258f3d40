"""The vault's part of the key folder: support's public key, and data keys wrapped to it.

What could go wrong, and what prevents it:

- The application, or whoever takes the machine, reads what lies in the vault: a data key lives in
  the memory of the process that made it, and nowhere else. What is stored is wrapped to support's
  public key in the age format; the private key was never here.
- A backup of the data carries the keys along: they lie in a folder of their own.
- A key outlives its day: the day is part of its place and of what is wrapped, and every record is
  bound to it, so that nobody prolongs it by renaming a file.
- A half-written key: files are complete before they have their name.

``vault/recipient`` holds the public key; ``vault/<day it expires>/<id>.age`` one wrapped data key each.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from fadeout.core import files
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.keys import folder as key_folder

KEY_BYTES, NONCE_BYTES = 32, 12
CONTEXT = b"fadeout vault record 1\0"
#: The columns of each part of a record, by its place in this list; wrapped with the key.
Layout = Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class Label:
    """Which data key, and the day it expires: all that the application knows of it."""

    key_id: UUID
    expires_on: date


@dataclass(frozen=True)
class DataKey:
    """A data key, unwrapped: in the memory of whoever made it, or of support."""

    label: Label
    layout: Layout
    secret: bytes = field(repr=False)

    def seal(self, text: bytes) -> bytes:
        """Encrypt one record (AES-256-GCM, a nonce of its own, bound to the label)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text, self._bound_to)

    def open(self, sealed: bytes) -> bytes:
        """The inverse of :meth:`seal`.

        Raises:
            DidNotHold: the record was changed, or belongs to another key.
        """
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, self._bound_to)
        except (InvalidTag, ValueError) as error:
            raise DidNotHold(
                f"A record in the vault under key {self.label.key_id} was changed.",
                way_out="Restore the database of before into another place, and recover there.",
            ) from error

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.secret)

    @cached_property
    def _bound_to(self) -> bytes:
        return CONTEXT + self.label.key_id.bytes + self.label.expires_on.isoformat().encode()


class Keyring:
    """The vault's keys in one key folder."""

    def __init__(self, keys: Path) -> None:
        self._folder = keys / "vault"
        self._keys = keys

    def recipient(self) -> str | None:
        """Support's public key, if the vault was set up."""
        try:
            return (self._folder / "recipient").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def set_recipient(self, recipient: str, *, replace: bool = False) -> bool:
        """Remember support's public key; tells whether it is a new one.

        Raises:
            BadInput: it is no public key of age, or there is another one that is not to be replaced.
        """
        recipient = recipient.strip().lower()
        _parsed(recipient)
        known = self.recipient()
        if known == recipient:
            return False
        if known is not None and not replace:
            raise BadInput(
                "The vault was set up with another recipient.",
                way_out="What is sealed already stays with that one. Add --replace to seal for the "
                "new one from now on.",
            )
        key_folder.opened(self._keys)
        self._made(self._folder)
        key_folder.replace(self._folder / "recipient", recipient.encode() + b"\n")
        return True

    def new_data_key(self, *, expires_on: date, layout: Layout) -> tuple[DataKey, str]:
        """Make a data key and store it, wrapped; with the digest of the wrapped file.

        Raises:
            BadInput: the vault is not set up.
        """
        recipient = self.recipient()
        if recipient is None:
            raise not_set_up()
        made = DataKey(Label(uuid4(), expires_on), layout, secrets.token_bytes(KEY_BYTES))
        content = {
            "key": str(made.label.key_id),
            "expires_on": expires_on.isoformat(),
            "secret": base64.b64encode(made.secret).decode(),
            "layout": layout,
        }
        wrapped = pyrage.encrypt(json.dumps(content).encode(), [_parsed(recipient)])
        self._made(self._path(made.label).parent)
        key_folder.write_once(self._path(made.label), wrapped)
        return made, hashlib.sha256(wrapped).hexdigest()

    def labels(self) -> list[Label]:
        """All data keys that lie here, the first to expire first."""
        return sorted(self._labels(), key=lambda label: (label.expires_on, label.key_id))

    def digest(self, label: Label) -> str | None:
        """SHA-256 of the wrapped file in hex; nothing if it is not there."""
        try:
            return hashlib.sha256(self._path(label).read_bytes()).hexdigest()
        except FileNotFoundError:
            return None

    def unwrap(self, label: Label, identities: Sequence[Any]) -> DataKey | None:
        """The data key, with support's private key; nothing if it is wrapped to somebody else.

        Raises:
            DidNotHold: the file was changed, or renamed to another key or day.
        """
        try:
            content = json.loads(pyrage.decrypt(self._path(label).read_bytes(), identities))
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                return None
            raise _changed(label) from error
        except FileNotFoundError:
            return None
        if (content["key"], content["expires_on"]) != (
            str(label.key_id),
            label.expires_on.isoformat(),
        ):
            raise _changed(label)
        return DataKey(label, content["layout"], base64.b64decode(content["secret"]))

    def destroy(self, label: Label) -> bool:
        """Destroy a data key: written over, then removed, both on disk on return. Was it there?"""
        path = self._path(label)
        if not path.exists():
            return False
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        files.sync_folder(path.parent)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
            files.sync_folder(self._folder)
        return True

    def has_expired(self, day: date, *, sealed_on: date) -> bool:
        """Whether what was sealed then, until this day, was destroyed already, be it before its time."""
        return any(day <= as_of and sealed_on <= done_on for as_of, done_on in self._expiries())

    def note_expired(self, as_of: date, *, today: date) -> None:
        """Remember up to which day everything was destroyed: a replay must not seal it anew."""
        noted = {*self._expiries(), (as_of, today)}
        key_folder.opened(self._keys)
        self._made(self._folder)
        lines = "".join(f"{until} {done_on}\n" for until, done_on in sorted(noted))
        key_folder.replace(self._folder / "expired", lines.encode())

    def strays(self) -> list[Path]:
        """Files among the keys that are none."""
        named = {self._path(label) for label in self.labels()}
        own = {self._folder / "recipient", self._folder / "expired"}
        return sorted(p for p in self._folder.rglob("*") if p.is_file() and p not in named | own)

    def _expiries(self) -> list[tuple[date, date]]:
        """Up to which days everything was destroyed, and on which days that was done."""
        try:
            lines = (self._folder / "expired").read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []
        return [
            (date.fromisoformat(until), date.fromisoformat(done_on))
            for until, done_on in (line.split() for line in lines)
        ]

    def _labels(self) -> Iterator[Label]:
        for path in self._folder.glob("*/*.age"):
            with suppress(ValueError):  # a stray is told by vault verify, and in nobody's way
                yield Label(UUID(path.stem), date.fromisoformat(path.parent.name))

    def _path(self, label: Label) -> Path:
        return self._folder / label.expires_on.isoformat() / f"{label.key_id}.age"

    @staticmethod
    def _made(folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.sync_folder(folder.parent)


def identities_in(path: Path) -> list[Any]:
    """Support's private keys from a file as ``age-keygen`` writes it.

    Raises:
        BadInput: the file cannot be read, or a line is no private key; the line itself is not shown.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The identity file {path} cannot be read.",
            way_out="Give the file that age-keygen or fadeout vault identity wrote.",
        ) from error
    found = []
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            try:
                found.append(pyrage.x25519.Identity.from_str(line))
            except pyrage.IdentityError as error:
                raise BadInput(
                    f"Line {number} of {path} is not a private key of age.",
                    way_out="It begins with AGE-SECRET-KEY-1; a file with a passphrase is decrypted first.",
                ) from error
    if not found:
        raise BadInput(f"There is no private key in {path}.")
    return found


def new_identity() -> tuple[str, str]:
    """A private key, and its public key."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def not_set_up() -> BadInput:
    """The refusal of whoever needs the vault before there is a recipient."""
    return BadInput(
        _("The vault has no recipient: nobody could recover what a run removes."),
        way_out="Set it up with support's public key (fadeout vault init --recipient age1…), or run "
        "with --without-recovery.",
        on_page=_(
            "Have it set up with support's public key (fadeout vault init), or start without recovery."
        ),
    )


def _parsed(recipient: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise BadInput(
            "That is not a public key of age.",
            way_out="It begins with age1; age-keygen or fadeout vault identity prints it. A private key "
            "(AGE-SECRET-KEY-1…) never belongs here.",
        ) from error


def _changed(label: Label) -> DidNotHold:
    return DidNotHold(
        _("The key %(key)s of the vault was changed or renamed.") % {"key": label.key_id},
        way_out=_("Put the key folder back from its own backup."),
    )
