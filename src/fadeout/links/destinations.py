"""Where a tracked link leads: checked once, when it is saved; a click goes there and nowhere else.

What could go wrong, and what prevents it:

- Somebody saves an address that runs something (``javascript:``), carries a password, or breaks the
  header of the answer: only http and https, no credentials, no control characters, and what is kept is
  ASCII without blanks.
- A name of other letters is read differently by browser and server: it is kept in the form that goes over
  the wire (IDNA 2008).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna
from django.conf import settings

from fadeout.links.refusals import LinkRefused, Why

LONGEST = 2_000
#: What tells the web statistics of the destination where somebody came from, in the usual order.
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
#: What stands in an address as it is; a per cent sign belongs to what is encoded already.
_KEPT = "/%:@!$&'()*+,;=~-._?[]"
_STRAY_PER_CENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def checked(typed: str) -> str:
    """An address as it is kept and sent.

    Raises:
        LinkRefused: TOO_LONG, NOT_AN_ADDRESS, NOT_OF_THE_WEB, CREDENTIALS, LEADS_TO_ITSELF.
    """
    address = typed.strip()
    if len(address) > LONGEST:
        raise LinkRefused(Why.TOO_LONG)
    if not address or "\\" in address or any(map(_is_no_text, address)):
        raise LinkRefused(Why.NOT_AN_ADDRESS)
    parts = _split(address)
    if parts.scheme not in ("http", "https"):
        raise LinkRefused(Why.NOT_OF_THE_WEB)
    if "@" in parts.netloc:
        raise LinkRefused(Why.CREDENTIALS)
    kept = urlunsplit(
        (
            parts.scheme,
            _place(parts),
            *map(_encoded, (parts.path or "/", parts.query, parts.fragment)),
        )
    )
    if len(kept) > LONGEST:
        raise LinkRefused(Why.TOO_LONG)
    if settings.PUBLIC_URL and kept.startswith(f"{settings.PUBLIC_URL}/r/"):
        raise LinkRefused(Why.LEADS_TO_ITSELF)
    return kept


def with_utm(address: str, values: Mapping[str, str]) -> str:
    """The address with these parameters: a value given takes the place of one that it has.

    Args:
        address: one that was :func:`checked`.
        values: name of :data:`UTM` -> value; an empty one is left as it is.
    """
    given = {name: values[name].strip() for name in UTM if values.get(name, "").strip()}
    parts = urlsplit(address)
    kept = [
        piece for piece in parts.query.split("&") if piece and piece.partition("=")[0] not in given
    ]
    added = [f"{name}={quote(value, safe='')}" for name, value in given.items()]
    return urlunsplit(parts._replace(query="&".join([*kept, *added])))


def _is_no_text(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ"


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise LinkRefused(Why.NOT_AN_ADDRESS) from error
    if parts.scheme in ("http", "https") and not parts.hostname:
        raise LinkRefused(Why.NOT_AN_ADDRESS)
    return parts


def _place(parts: SplitResult) -> str:
    """Host and port."""
    host = parts.hostname or ""
    if ":" in host:
        name = f"[{_number(host)}]"
    elif re.fullmatch(r"[0-9.]+", host):
        name = _number(host)
    else:
        name = _name(host)
    return name if parts.port is None else f"{name}:{parts.port}"


def _number(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError as error:
        raise LinkRefused(Why.NOT_AN_ADDRESS) from error


def _name(host: str) -> str:
    try:
        return idna.encode(host.rstrip("."), uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise LinkRefused(Why.NOT_AN_ADDRESS) from error


def _encoded(text: str) -> str:
    return quote(_STRAY_PER_CENT.sub("%25", text), safe=_KEPT)
