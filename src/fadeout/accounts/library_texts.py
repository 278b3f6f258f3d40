"""Texts of the sign-in library that are translated here anew: its German says "du", its French is uneven.

They stand here so that they are found among the texts of the program; the locale of the program goes first.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

TEXTS = (
    _("Email"),
    _("Email address"),
    _("Confirm Access"),
    _("Please reauthenticate to safeguard your account."),
    _("Alternative options"),
    _("Use authenticator app or code"),
    _("Recovery Codes"),
    _("Please type your current password."),
    _("You must type the same password each time."),
    _("Be patient, you are sending too many requests."),
    _("Your password has been changed."),
    _("Are you sure you want to sign out?"),
    _("You have signed out."),
    _("You are about to generate a new set of recovery codes for your account."),
    _("You are about to deactivate authenticator app based authentication. Are you sure?"),
    _(
        "Forgotten your password? Enter your email address below, and we'll send you an email allowing "
        "you to reset it."
    ),
    _(
        "You're receiving this email because you or someone else has requested a password reset for "
        "your user account.\nIt can be safely ignored if you did not request a password reset. Click "
        "the link below to reset your password."
    ),
    _(
        "The password reset link was invalid, possibly because it has already been used.  Please "
        'request a <a href="%(passwd_reset_url)s">new password reset</a>.'
    ),
)
