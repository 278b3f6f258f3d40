"""Reads the settings of the web server from the environment; secrets also from files.

What could go wrong: a setting is misspelt and silently means nothing. So a value that cannot be used
ends the start with an error that names it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fadeout.core.errors import BadInput

LOCAL = "127.0.0.1"


def public_url() -> str:
    """Where people reach the console, without a path: ``FADEOUT_URL``, or nothing.

    Raises:
        BadInput: it is not an address.
    """
    given = os.environ.get("FADEOUT_URL", "").rstrip("/")
    parts = urlsplit(given)
    if given and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
        raise BadInput(
            "FADEOUT_URL is not the address of a site.",
            way_out="Write it like https://fadeout.example.org.",
        )
    return given


def hosts(url: str) -> list[str]:
    """The name of the host in an address, if there is one."""
    host = urlsplit(url).hostname
    return [host] if host else []


def minutes(name: str, default: int) -> int:
    """A number of minutes, at least one.

    Raises:
        BadInput: it is no such number.
    """
    return _number(name, default, least=1)


def trusted_proxies() -> int:
    """How many proxies of the house's own stand before the console: ``FADEOUT_TRUSTED_PROXIES``."""
    return _number("FADEOUT_TRUSTED_PROXIES", 0, least=0)


def is_set(name: str) -> bool:
    """Whether something is switched on: 1, true, yes or on."""
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def secret(name: str) -> str:
    """A secret from the variable itself, or from the file that ``<name>_FILE`` names.

    Raises:
        BadInput: the file cannot be read.
    """
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The file that {name}_FILE names cannot be read.") from error


def oidc_apps() -> list[dict[str, Any]]:
    """The sign-in of the house's own identity provider (OpenID Connect), if it is set.

    Raises:
        BadInput: it is set in part only.
    """
    server = os.environ.get("FADEOUT_OIDC_URL", "")
    if not server:
        return []
    client = os.environ.get("FADEOUT_OIDC_CLIENT_ID", "")
    if not client or not secret("FADEOUT_OIDC_CLIENT_SECRET"):
        raise BadInput(
            "FADEOUT_OIDC_URL is set, but not what goes with it.",
            way_out="Set FADEOUT_OIDC_CLIENT_ID and FADEOUT_OIDC_CLIENT_SECRET (or …_SECRET_FILE).",
        )
    return [
        {
            "provider_id": "house",
            "name": os.environ.get("FADEOUT_OIDC_NAME", "OpenID Connect"),
            "client_id": client,
            "secret": secret("FADEOUT_OIDC_CLIENT_SECRET"),
            "settings": {"server_url": server, "fetch_userinfo": True},
        }
    ]


def oidc_origins() -> list[str]:
    """The origin of the identity provider: the browser is sent there by a form."""
    parts = urlsplit(os.environ.get("FADEOUT_OIDC_URL", ""))
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def _number(name: str, default: int, *, least: int) -> int:
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    if not given.isdecimal() or int(given) < least:
        raise BadInput(f"{name} is not a number from {least} up.")
    return int(given)
