"""Who may do what: one matrix, from which pages, commands and tests read.

What could go wrong: a page forgets to ask, or two places say different things. So a view names one
permission, the matrix alone says which roles have it, and a test opens every route as every role.
"""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(StrEnum):
    """What somebody is in the house (rule book, section 1)."""

    OPERATOR = "operator"
    MARKETER = "marketer"
    DPO = "dpo"
    ADMINISTRATOR = "administrator"
    SUPPORT = "support"


class Permission(StrEnum):
    """One thing that can be done in the console."""

    SEE_TODAY = "see_today"
    FIND_CONTACTS = "find_contacts"
    EDIT_CONTACTS = "edit_contacts"
    HOLD_CONTACTS = "hold_contacts"
    FORGET_CONTACTS = "forget_contacts"
    ANSWER_REQUESTS = "answer_requests"
    SEE_AUDIENCE = "see_audience"
    EDIT_LINKS = "edit_links"
    EDIT_TARGETS = "edit_targets"
    EXPLAIN_TARGETS = "explain_targets"
    EXPORT_TARGETS = "export_targets"
    SEE_PLANS = "see_plans"
    SIMULATE = "simulate"
    EXPORT_PLANS = "export_plans"
    APPROVE = "approve"
    RUN = "run"
    LIFT_BRAKES = "lift_brakes"
    SEE_BATCHES = "see_batches"
    CHANGE_BATCHES = "change_batches"
    SWITCH_TO_REAL = "switch_to_real"
    EDIT_CAMPAIGNS = "edit_campaigns"
    SEND_CAMPAIGNS = "send_campaigns"
    MAKE_RENEWALS = "make_renewals"
    SEE_DATA_MAP = "see_data_map"
    SEE_LEDGER = "see_ledger"
    SEE_VAULT = "see_vault"
    SEE_SETTINGS = "see_settings"
    CHANGE_OFFERING = "change_offering"
    CHANGE_POLICY = "change_policy"
    CHANGE_OPERATORS = "change_operators"


ROLE_NAMES = {
    Role.OPERATOR: _("box-office operator"),
    Role.MARKETER: _("marketer"),
    Role.DPO: _("data protection officer"),
    Role.ADMINISTRATOR: _("administrator"),
    Role.SUPPORT: _("support"),
}

PERMISSION_NAMES = {
    Permission.SEE_TODAY: _("See how many contacts are due, and when"),
    Permission.FIND_CONTACTS: _("Find and open contacts"),
    Permission.EDIT_CONTACTS: _("Change authorisations, criteria and notes"),
    Permission.HOLD_CONTACTS: _("Put up, change and lift holds"),
    Permission.FORGET_CONTACTS: _("Forget one contact by hand"),
    Permission.ANSWER_REQUESTS: _("See and answer requests of contacts"),
    Permission.SEE_AUDIENCE: _("Look at links, targets and campaigns"),
    Permission.EDIT_LINKS: _("Make tracked links, and retire them"),
    Permission.EDIT_TARGETS: _("Make, change, freeze and remove targets"),
    Permission.EXPLAIN_TARGETS: _("See why one contact is in a target"),
    Permission.EXPORT_TARGETS: _("Download the list of a target"),
    Permission.SEE_PLANS: _("Look at plans and runs"),
    Permission.SIMULATE: _("Simulate"),
    Permission.EXPORT_PLANS: _("Download the list of a plan"),
    Permission.APPROVE: _("Approve a plan"),
    Permission.RUN: _("Run, pause, cancel and resume"),
    Permission.LIFT_BRAKES: _("Lift a brake, with a reason"),
    Permission.SEE_BATCHES: _("Look at batches"),
    Permission.CHANGE_BATCHES: _("Create and change batches"),
    Permission.SWITCH_TO_REAL: _("Let a scheduled batch run for real"),
    Permission.EDIT_CAMPAIGNS: _("Write campaigns, and send a test"),
    Permission.SEND_CAMPAIGNS: _("Send, pause and cancel campaigns"),
    Permission.MAKE_RENEWALS: _("Make renewals: link, simulation, target and draft at once"),
    Permission.SEE_DATA_MAP: pgettext_lazy("permission", "Look at the data map"),
    Permission.SEE_LEDGER: _("Look at the ledger and at certificates"),
    Permission.SEE_VAULT: _("See what the vault holds, and until when"),
    Permission.SEE_SETTINGS: _("Look at the settings"),
    Permission.CHANGE_OFFERING: _("Change public pages, and what contacts decide there themselves"),
    Permission.CHANGE_POLICY: _("Change the policy"),
    Permission.CHANGE_OPERATORS: _("Add operators, change their role, let them go"),
}

_ALL = frozenset(Role)
_DECIDE = frozenset({Role.DPO, Role.ADMINISTRATOR})
_KNOW = _DECIDE | {Role.SUPPORT}
_PLAN = _DECIDE | {Role.MARKETER}
_DESK = _KNOW | {Role.OPERATOR}

#: The one place that says who may do what.
MATRIX: dict[Permission, frozenset[Role]] = {
    Permission.SEE_TODAY: _ALL,
    Permission.FIND_CONTACTS: _DESK,
    Permission.EDIT_CONTACTS: _DECIDE | {Role.OPERATOR},
    Permission.HOLD_CONTACTS: _DECIDE,
    Permission.FORGET_CONTACTS: _DECIDE,
    Permission.ANSWER_REQUESTS: _DECIDE,
    Permission.SEE_AUDIENCE: _PLAN,
    Permission.EDIT_LINKS: frozenset({Role.MARKETER, Role.ADMINISTRATOR}),
    Permission.EDIT_TARGETS: _PLAN,
    Permission.EXPLAIN_TARGETS: _DECIDE,
    Permission.EXPORT_TARGETS: _DECIDE,
    Permission.SEE_PLANS: _PLAN | {Role.SUPPORT},
    Permission.SIMULATE: _PLAN,
    Permission.EXPORT_PLANS: _DECIDE,
    Permission.APPROVE: _DECIDE,
    Permission.RUN: _DECIDE,
    Permission.LIFT_BRAKES: frozenset({Role.ADMINISTRATOR}),
    Permission.SEE_BATCHES: _PLAN | {Role.SUPPORT},
    Permission.CHANGE_BATCHES: _DECIDE,
    Permission.SWITCH_TO_REAL: frozenset({Role.ADMINISTRATOR}),
    Permission.EDIT_CAMPAIGNS: _PLAN,
    Permission.SEND_CAMPAIGNS: _PLAN,
    Permission.MAKE_RENEWALS: _PLAN,
    Permission.SEE_DATA_MAP: _ALL,
    Permission.SEE_LEDGER: _KNOW,
    Permission.SEE_VAULT: _KNOW,
    Permission.SEE_SETTINGS: _KNOW,
    Permission.CHANGE_OFFERING: _DECIDE,
    Permission.CHANGE_POLICY: frozenset({Role.ADMINISTRATOR}),
    Permission.CHANGE_OPERATORS: frozenset({Role.ADMINISTRATOR}),
}


def allows(role: str, permission: Permission) -> bool:
    """Whether somebody of this role may do this; a role that nobody knows may do nothing."""
    return role in MATRIX[permission]
