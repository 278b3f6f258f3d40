"""Keys for what lies encrypted in the database, derived from the secret key of the house."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def key(purpose: bytes) -> bytes:
    """A key for one purpose alone."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(
        str(settings.SECRET_KEY).encode()
    )


def fernet(purpose: bytes) -> Fernet:
    """What seals and opens for one purpose alone."""
    return Fernet(base64.urlsafe_b64encode(key(purpose)))
