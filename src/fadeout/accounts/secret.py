"""The secret key that signs sessions and links; the same for every process of a house."""

from __future__ import annotations

import os

from django.conf import settings

from fadeout.core import paths
from fadeout.keys import folder


def use_lasting_key() -> None:
    """Sign with the key of this house from now on: ``FADEOUT_SECRET_KEY``, or one in the key folder.

    Raises:
        BadInput: the key folder cannot be read.
    """
    if not os.environ.get("FADEOUT_SECRET_KEY"):
        key = folder.key(paths.keys(), "secret.key", without_it="everybody has to sign in again")
        settings.SECRET_KEY = key.hex()
