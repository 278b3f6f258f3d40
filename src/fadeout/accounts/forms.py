"""The forms for signing in and for a forgotten password.

What could go wrong: how long the answer takes tells whose address is known, since only then a mail is sent.
So whoever asks is answered first; the mail is written and handed over afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django.utils.translation import gettext_lazy as _

from fadeout.core import afterwards

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest


class SignInForm(LoginForm):  # type: ignore[misc]
    """Asks for address and password, each named once."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _name_once(self, "login")


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Asks for the address, and answers alike and as fast whoever asks."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _name_once(self, "email")

    def save(self, request: HttpRequest, **more: Any) -> str:
        send = super().save
        afterwards.do("forgotten_password", lambda: send(request, **more))
        address: str = self.cleaned_data["email"]
        return address


def _name_once(form: Form, address: str) -> None:
    """The address is called as everywhere; a field that says what it is needs not say so again inside."""
    form.fields[address].label = _("E-mail address")
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
