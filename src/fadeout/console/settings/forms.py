"""What people type about the policy and about operators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from fadeout.accounts.operations import AccountRefused, Refusal
from fadeout.accounts.permissions import ROLE_NAMES
from fadeout.institution.models import PolicyVersion
from fadeout.institution.operations import POLICY_LIMITS
from fadeout.institution.queries import POLICY_FIELDS

#: The field at which a refusal of the domain is told.
FIELDS = {Refusal.EMAIL: "email", Refusal.EMAIL_TAKEN: "email", Refusal.NAME_TAKEN: "name"}
ROLES = [(role.value, name) for role, name in ROLE_NAMES.items()]


def _number(name: str, label: Any, help_text: Any = "") -> forms.IntegerField:
    low, high = POLICY_LIMITS[name]
    return forms.IntegerField(label=label, help_text=help_text, min_value=low, max_value=high)


class PolicyForm(forms.Form):
    """The policy as it shall be."""

    months = _number("months", _("Inactive after, in months"))
    largest_share = _number(
        "largest_share", _("A run strikes at most, in per cent of all contacts")
    )
    largest_growth = _number(
        "largest_growth", _("A run strikes at most, in times what the last one struck")
    )
    plan_days = _number("plan_days", _("A plan stays good for, in days"))
    backup_months = _number(
        "backup_months",
        _("Backups live for, in months"),
        _("So long the house recognises whom it erased, and an import does not bring them back."),
    )
    two_people = forms.BooleanField(
        label=_("Somebody else than its author approves a plan"), required=False
    )
    #: The number of the version that was looked at.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def changes(self, policy: PolicyVersion) -> dict[str, Any]:
        """What would be another than it is."""
        return {
            name: self.cleaned_data[name]
            for name in POLICY_FIELDS
            if self.cleaned_data[name] != getattr(policy, name)
        }


class RoleForm(forms.Form):
    """What somebody may do."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    seen = forms.ChoiceField(choices=ROLES, widget=forms.HiddenInput)


class OperatorForm(forms.Form):
    """Somebody who can sign in from now on."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=[("", "—"), *ROLES])
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("That of their browser")), *settings.LANGUAGES],
        required=False,
    )

    def refuse(self, refused: AccountRefused) -> None:
        """Tell a refusal of the domain at its field."""
        self.add_error(FIELDS.get(refused.code), refused.beside_a_field)
