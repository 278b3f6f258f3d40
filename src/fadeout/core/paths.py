"""Where Fadeout keeps things on this machine.

``FADEOUT_HOME`` holds the embedded database. ``FADEOUT_KEYS`` holds the keys and the tokens of what
was erased: a folder of its own, never inside the first, so that a backup of the data does not
carry the keys along.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The data folder: ``FADEOUT_HOME``, or a folder of this user's own."""
    chosen = os.environ.get("FADEOUT_HOME")
    folder = Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("fadeout"))
    return folder.absolute()


def external_database_url() -> str | None:
    """The PostgreSQL that is used instead of the embedded one, if any."""
    return os.environ.get("FADEOUT_DATABASE_URL") or None


def keys() -> Path:
    """The key folder: ``FADEOUT_KEYS``, or a neighbour of the data folder.

    Two databases never share the default: with ``FADEOUT_DATABASE_URL`` each database has a
    folder of its own below it.
    """
    chosen = os.environ.get("FADEOUT_KEYS")
    if chosen:
        return Path(chosen).expanduser().absolute()
    beside = home().with_name(home().name + "-keys")
    url = external_database_url()
    return beside / hashlib.sha256(url.encode()).hexdigest()[:16] if url else beside
