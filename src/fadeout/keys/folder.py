"""The key folder and the keys in it.

What could go wrong: a key is lost, and what was erased can no longer be recognised; or it leaks,
and the tokens can be guessed back to contact numbers. So a key is made once, never overwritten, lies
in a folder that only its owner enters, and a house remembers which key it was first used with.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fadeout.core import files
from fadeout.core.errors import BadInput, DidNotHold

KEY_BYTES = 32


def opened(folder: Path) -> Path:
    """The key folder, made for its owner alone if it is not there.

    Raises:
        BadInput: the folder cannot be made or read.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        next(folder.iterdir(), None)
    except OSError as error:
        raise BadInput(
            _("The key folder %(folder)s cannot be used: %(why)s.")
            % {"folder": folder, "why": error.strerror},
            way_out=_(
                "Set FADEOUT_KEYS to a folder of your own, apart from the data and its backups."
            ),
        ) from error
    return folder


def hmac_key(folder: Path) -> bytes:
    """The key of the tokens."""
    return key(
        folder,
        "tokens.key",
        without_it=gettext_lazy("Without it, erased contacts are no longer recognised."),
    )


def key(folder: Path, name: str, *, without_it: str | Promise, makes: bool = True) -> bytes:
    """A key of the folder: 32 random bytes, made on first use.

    Args:
        folder: the key folder.
        name: the name of the file.
        without_it: what would follow from its loss, in a sentence.
        makes: whether it may be made; not where it has been used before.

    Raises:
        BadInput: it is damaged, or missing where it may not be made.
    """
    path = opened(folder) / name
    if not path.exists():
        if not makes:
            raise _lost(_("The key file %(path)s is missing."), path, without_it)
        write_once(path, secrets.token_bytes(KEY_BYTES))
    found = path.read_bytes()
    if len(found) != KEY_BYTES:
        raise _lost(_("The key file %(path)s is damaged."), path, without_it)
    return found


def _lost(how: str, path: Path, without_it: str | Promise) -> BadInput:
    way_out = _(
        "Set FADEOUT_KEYS to the folder that this house is used with, or put it back from its own backup."
    )
    return BadInput(how % {"path": path}, way_out=f"{way_out} {without_it}")


def cannot_be_written(folder: Path, error: OSError, so: str = "") -> DidNotHold:
    """A key folder that takes no more; ``so`` says in a sentence what follows from that."""
    message = _("The key folder %(folder)s cannot be written: %(why)s.") % {
        "folder": folder,
        "why": error.strerror,
    }
    return DidNotHold(
        f"{message} {so}".strip(),
        way_out=_(
            "Make room, or give this user the right to write there; then do the same once more."
        ),
    )


def key_id(folder: Path) -> str:
    """A name for the key that says nothing about it."""
    return hashlib.sha256(b"fadeout key id\0" + hmac_key(folder)).hexdigest()[:16]


def write_once(path: Path, content: bytes) -> None:
    """Two commands that start at once agree on one key: a finished file is linked, not overwritten."""
    draft = _draft(path, content)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    files.sync_folder(path.parent)


def replace(path: Path, content: bytes) -> None:
    """A file that holds the new content, or still the old one; on disk on return."""
    files.put_in_place(_draft(path, content), path)


def _draft(path: Path, content: bytes) -> Path:
    draft = files.draft_of(path)
    try:
        with files.written(draft) as file:
            file.write(content)
    except OSError as error:
        raise cannot_be_written(path.parent, error) from error
    return draft
