"""Sends mail by the server of ``FADEOUT_SMTP_URL``, from ``FADEOUT_MAIL_FROM``.

What could go wrong, and what prevents it:

- A password goes over the network in clear: ``smtps://`` speaks TLS from the first byte, ``smtp://`` asks
  for STARTTLS; neither only to this very machine, or where ``?tls=none`` says so, and then without
  a password.
- A server that does not answer holds the worker up: it has 30 seconds.
- An error of the server quotes an address: of an error only the code is kept.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from fadeout.core.errors import BadInput

PATIENCE_SECONDS = 30
PORTS = {"smtp": 587, "smtps": 465}
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
WAY_OUT = (
    "Write it like smtps://user:password@mail.example.org:465, special signs as %40 and so on."
)
NOT_SET_UP = "mail_not_set_up"


@dataclass(frozen=True)
class Verdict:
    """What became of a mail: taken by the server, or not, with a code; for good, or for now."""

    taken: bool
    is_final: bool = True
    code: str = ""

    @classmethod
    def refused(cls, code: str) -> Self:
        """Not taken, and not to be tried again."""
        return cls(taken=False, is_final=True, code=code)

    @classmethod
    def later(cls, code: str) -> Self:
        """Not taken for now."""
        return cls(taken=False, is_final=False, code=code)


def is_set_up() -> bool:
    """Whether there is a server for mail, and an address that mail comes from."""
    return bool(os.environ.get("FADEOUT_SMTP_URL") and os.environ.get("FADEOUT_MAIL_FROM"))


def sender() -> str:
    """The address that mail comes from."""
    return os.environ.get("FADEOUT_MAIL_FROM", "")


def server() -> dict[str, Any]:
    """How to reach the server, as Django's backend takes it.

    Raises:
        BadInput: ``FADEOUT_SMTP_URL`` is no such URL, or would send a password in clear.
    """
    try:
        parts = urlsplit(os.environ.get("FADEOUT_SMTP_URL", ""))
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise BadInput(
            "FADEOUT_SMTP_URL is not the URL of a mail server.", way_out=WAY_OUT
        ) from error
    if not parts.hostname or parts.path.strip("/"):
        raise BadInput("FADEOUT_SMTP_URL is not the URL of a mail server.", way_out=WAY_OUT)
    asked = parse_qs(parts.query).get("tls", [""])[-1]
    starts_tls = parts.scheme == "smtp" and asked != "none" and parts.hostname not in THIS_MACHINE
    in_clear = parts.scheme == "smtp" and not starts_tls
    if in_clear and parts.password and parts.hostname not in THIS_MACHINE:
        raise BadInput("FADEOUT_SMTP_URL would send its password in clear.", way_out=WAY_OUT)
    return {
        "host": parts.hostname,
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": starts_tls,
        "timeout": PATIENCE_SECONDS,
    }


class Backend(EmailBackend):
    """Django's mail by SMTP, with the server of the environment."""

    def __init__(self, fail_silently: bool = False, **_: Any) -> None:
        super().__init__(fail_silently=fail_silently, **server())


def send(message: EmailMessage) -> Verdict:
    """Hand a mail to the server; tells what became of it, and never raises what the server said."""
    if not is_set_up():
        return Verdict.refused(NOT_SET_UP)
    message.from_email = sender()
    try:
        message.connection = Backend()
        message.send()
    except (BadInput, OSError, ValueError) as error:  # what SMTP and TLS raise is an OSError, too
        return _of_error(error)
    return Verdict(taken=True)


def _of_error(error: Exception) -> Verdict:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _of_code(max((code for code, _ in error.recipients.values()), default=0))
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_code(error.smtp_code)
    for kind, verdict in (
        (BadInput, Verdict.refused("mail_url")),
        (smtplib.SMTPNotSupportedError, Verdict.refused("smtp_not_supported")),
        (smtplib.SMTPException, Verdict.later("smtp_broken")),
        (ssl.SSLError, Verdict.later("smtp_broken")),
        (OSError, Verdict.later("no_answer")),
    ):
        if isinstance(error, kind):
            return verdict
    return Verdict.refused("not_an_address")


def _of_code(code: int) -> Verdict:
    """Codes from 500 on are for good (RFC 5321); a refused login may be mended, so it is tried again."""
    is_login = code in (530, 534, 535, 538)
    name = f"smtp_{code}"
    return Verdict.refused(name) if code >= 500 and not is_login else Verdict.later(name)
