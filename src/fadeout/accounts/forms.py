"""The form for a forgotten password.

What could go wrong: how long the answer takes tells whose address is known, since only then a mail is sent.
So whoever asks is answered first; the mail is written and handed over afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.forms import ResetPasswordForm

from fadeout.core import afterwards

if TYPE_CHECKING:
    from django.http import HttpRequest


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Asks for the address, and answers alike and as fast whoever asks."""

    def save(self, request: HttpRequest, **more: Any) -> str:
        send = super().save
        afterwards.do("forgotten_password", lambda: send(request, **more))
        address: str = self.cleaned_data["email"]
        return address
