"""How the sign-in library behaves in this house.

What could go wrong, and what prevents it:

- Somebody signs up by themselves: nobody can; an administrator adds operators.
- The secret of a second factor is read from the database: it lies there encrypted.
- A mail server that fails tells who has an account: the answer is the same, and the log has a code.
- Passwords are hashed in more rounds after an update, which is done when somebody proves who they are: that
  must not end the session in which they do.
- The house's identity provider lets in somebody whom nobody added: only an operator's own, verified
  address is connected.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash

from fadeout.accounts import sealing
from fadeout.core import mail

if TYPE_CHECKING:
    from django.http import HttpRequest

    from fadeout.accounts.models import User

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up; a mail that is not taken shows in the log alone."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        verdict = mail.send(self.render_mail(template_prefix, email, context))
        if not verdict.taken:
            log.warning("mail not taken", extra={"action": verdict.code})

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - as the library calls it
        return False

    def reauthenticate(self, user: User, password: str) -> bool:
        before = user.password
        proved: bool = super().reauthenticate(user, password)
        if proved:
            user.refresh_from_db(fields=["password"])
        if user.password != before:
            update_session_auth_hash(context.request, user)
        return proved

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the public address of the house, whatever the request came by."""
        url: str = super().get_reset_password_from_key_url(key)
        path = url[url.index("/account/") :]
        return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else url


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets lie encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return sealing.fernet(b"fadeout second factors").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.fernet(b"fadeout second factors").decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Fadeout"}


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The identity provider proves who somebody is; it adds nobody."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,  # noqa: ARG002 - as the library calls it
        provider: Any,  # noqa: ARG002
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> None:
        log.warning("not signed in", extra={"action": f"oidc_{error}"}, exc_info=exception)
