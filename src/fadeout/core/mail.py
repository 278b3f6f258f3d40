"""Sends mail by the server of ``FADEOUT_SMTP_URL`` or by a provider, from ``FADEOUT_MAIL_FROM``.

``FADEOUT_MAIL_PROVIDER`` names a provider that django-anymail knows (``mailgun``, ``postmark``, …);
``FADEOUT_ANYMAIL_…`` are its settings, such as ``FADEOUT_ANYMAIL_MAILGUN_API_KEY``.

What could go wrong, and what prevents it:

- A password goes over the network in clear: ``smtps://`` speaks TLS from the first byte, ``smtp://`` asks
  for STARTTLS; neither only to this very machine, or where ``?tls=none`` says so, and then without
  a password.
- A server that does not answer holds the worker up: it has 30 seconds.
- An error of the server quotes an address: of an error only the code is kept.
- The server refuses the sender: that is said of all mails, and nobody counts as failed for it.
- The connection breaks after the text of a mail went out, before the server said whether it took it: nobody
  knows, and that is what the verdict says. What broke before is told apart from it.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string

from fadeout.core import environment
from fadeout.core.errors import BadInput

if TYPE_CHECKING:
    from django.core.mail.backends.base import BaseEmailBackend

PATIENCE_SECONDS = 30
PORTS = {"smtp": 587, "smtps": 465}
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
WAY_OUT = (
    "Write it like smtps://user:password@mail.example.org:465, special signs as %40 and so on."
)
NOT_SET_UP = "mail_not_set_up"
SENDER_REFUSED = "sender_refused"


@dataclass(frozen=True)
class Verdict:
    """What became of a mail: taken by the server, or not, with a code; for good, or for now.

    ``in_doubt``: nobody knows whether it was taken. ``is_of_all``: no other mail would be taken now, either.
    """

    taken: bool
    is_final: bool = True
    code: str = ""
    in_doubt: bool = False
    is_of_all: bool = False
    provider_id: str = ""

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
    has_way = os.environ.get("FADEOUT_SMTP_URL") or provider()
    return bool(has_way and os.environ.get("FADEOUT_MAIL_FROM"))


def provider() -> str:
    """The provider that mail goes by, by the name that django-anymail has for it; none for SMTP.

    Raises:
        BadInput: it is no such name.
    """
    name = os.environ.get("FADEOUT_MAIL_PROVIDER", "").strip().lower()
    if name and not re.fullmatch(r"[a-z][a-z_0-9]{1,30}", name):
        raise BadInput(
            "FADEOUT_MAIL_PROVIDER is not the name of a provider.",
            way_out="Write it as django-anymail does: mailgun, postmark, brevo, amazon_ses, …",
        )
    return name


def backend() -> str:
    """The class that sends, as Django names it."""
    name = provider()
    return f"anymail.backends.{name}.EmailBackend" if name else "fadeout.core.mail.Backend"


def anymail_settings() -> dict[str, Any]:
    """The settings of the provider: what ``FADEOUT_ANYMAIL_…`` holds, or the file that it names."""
    start, of_file = "FADEOUT_ANYMAIL_", "_FILE"
    named = {name.removesuffix(of_file) for name in os.environ if name.startswith(start)}
    known = {name.removeprefix(start): environment.secret(name) for name in named}
    return {"REQUESTS_TIMEOUT": PATIENCE_SECONDS, **known}


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


class _Knowing:
    """A connection that knows whether a text went out that nobody has answered for."""

    is_in_doubt = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the text of a mail, and wait for the answer."""
        self.is_in_doubt = True
        try:
            answer: tuple[int, bytes] = super().data(msg)  # type: ignore[misc]
        except smtplib.SMTPResponseException:
            self.is_in_doubt = False  # an answer, if a bad one
            raise
        self.is_in_doubt = False
        return answer


class _Plain(_Knowing, smtplib.SMTP):
    pass


class _Encrypted(_Knowing, smtplib.SMTP_SSL):
    pass


class Backend(EmailBackend):
    """Django's mail by SMTP, with the server of the environment."""

    def __init__(self, fail_silently: bool = False, **_: Any) -> None:
        super().__init__(fail_silently=fail_silently, **server())

    @cached_property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The class that speaks with the server."""
        return _Encrypted if self.use_ssl else _Plain

    def open(self) -> bool | None:
        """Connect, and greet: whoever answers no greeting takes no mail, and shows before one is begun."""
        is_new = super().open()
        if is_new and self.connection is not None:
            self.connection.ehlo_or_helo_if_needed()
        return is_new


class Mailer:
    """Sends one mail after the other over one connection, which it opens anew where it broke."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def send(self, message: EmailMessage) -> Verdict:
        """Hand a mail over; tells what became of it, and never raises what the server said."""
        if not is_set_up():
            return Verdict.refused(NOT_SET_UP)
        try:
            connection = self._opened()
        except _known() as error:
            return _of_all(error)
        try:
            connection.send_messages([message])
        except _known() as error:
            verdict = self._of_sending(connection, error)
            if not isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
                self.close()
            return verdict
        return _answered(message)

    def open(self) -> Verdict:
        """Connect, so that whatever keeps every mail from being sent shows before one is begun."""
        if not is_set_up():
            return Verdict(taken=False, code=NOT_SET_UP, is_of_all=True)
        try:
            self._opened()
        except _known() as error:
            return _of_all(error)
        return Verdict(taken=True)

    def close(self) -> None:
        """Leave the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_known()):  # it is left, however the server takes it
                connection.close()

    def _opened(self) -> BaseEmailBackend:
        if self._connection is None:
            made = get_connection(backend())
            made.open()
            self._connection = made
        return self._connection

    @staticmethod
    def _of_sending(connection: BaseEmailBackend, error: Exception) -> Verdict:
        verdict = _of_error(error)
        if isinstance(error, smtplib.SMTPSenderRefused):  # the next mail has the same sender
            return Verdict(taken=False, is_final=False, code=SENDER_REFUSED, is_of_all=True)
        session = getattr(connection, "connection", None)
        if getattr(session, "is_in_doubt", False) or _is_unanswered(error):
            return Verdict(taken=False, is_final=False, code=verdict.code, in_doubt=True)
        return verdict


@contextmanager
def mailing() -> Iterator[Mailer]:
    """A mailer for as long as the block."""
    mailer = Mailer()
    try:
        yield mailer
    finally:
        mailer.close()


def send(message: EmailMessage) -> Verdict:
    """Hand one mail of the house over; tells what became of it, and never raises what the server said."""
    message.from_email = sender()
    with mailing() as mailer:
        return mailer.send(message)


def _answered(message: EmailMessage) -> Verdict:
    """What a provider said, which has an answer of its own; a server of SMTP would have refused."""
    status = getattr(message, "anymail_status", None)
    if status is None:
        return Verdict(taken=True)
    answers = {recipient.status for recipient in status.recipients.values()}
    if answers & {"invalid", "rejected", "failed"}:
        return Verdict.refused("provider_refused")
    return Verdict(taken=True, provider_id=str(status.message_id or "")[:200])


def _known() -> tuple[type[Exception], ...]:
    """What servers and providers can raise: of SMTP and TLS it is an OSError, too."""
    known: tuple[type[Exception], ...] = (BadInput, OSError, ValueError)
    if not provider():
        return known
    anymails = import_string("anymail.exceptions.AnymailError")
    return (*known, anymails, ImproperlyConfigured, ImportError)


def _is_unanswered(error: Exception) -> bool:
    """Whether a provider was asked and did not answer: it may have sent the mail all the same."""
    if provider() == "":
        return False
    is_api = isinstance(error, import_string("anymail.exceptions.AnymailAPIError"))
    never_reached = isinstance(error.__cause__, import_string("requests.ConnectTimeout"))
    return is_api and getattr(error, "status_code", None) is None and not never_reached


def _of_all(error: Exception) -> Verdict:
    verdict = _of_error(error)
    return Verdict(taken=False, is_final=verdict.is_final, code=verdict.code, is_of_all=True)


def _of_error(error: Exception) -> Verdict:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _of_code(max((code for code, _ in error.recipients.values()), default=0))
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_code(error.smtp_code)
    if isinstance(status := getattr(error, "status_code", None), int):
        return _of_status(status)
    for kind, verdict in (
        (ImproperlyConfigured, Verdict.refused("provider_not_set_up")),
        (ImportError, Verdict.refused("provider_not_set_up")),
        (BadInput, Verdict.refused("mail_url")),
        (smtplib.SMTPNotSupportedError, Verdict.refused("smtp_not_supported")),
        (smtplib.SMTPException, Verdict.later("smtp_broken")),
        (ssl.SSLError, Verdict.later("smtp_broken")),
        (OSError, Verdict.later("no_answer")),
    ):
        if isinstance(error, kind):
            return verdict
    return Verdict.refused("not_an_address" if isinstance(error, ValueError) else "not_sent")


def _of_code(code: int) -> Verdict:
    """Codes from 500 on are for good (RFC 5321); a refused login may be mended, so it is tried again."""
    is_login = code in (530, 534, 535, 538)
    name = f"smtp_{code}"
    return Verdict.refused(name) if code >= 500 and not is_login else Verdict.later(name)


def _of_status(status: int) -> Verdict:
    """Answers of a provider over HTTP: too many, a refused key and faults of its own may pass."""
    name = f"http_{status}"
    may_pass = status >= 500 or status in (401, 402, 403, 408, 425, 429)
    return Verdict.later(name) if may_pass else Verdict.refused(name)
