"""What the words of the rule book are called on pages; one place, so that all pages say the same.

They are found by their codes, as rows and entries hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.campaigns.models import CampaignType
from fadeout.plans.models import RowState
from fadeout.policy.outcomes import Outcome, PlanKind, Reason
from fadeout.worker.failures import Code

if TYPE_CHECKING:
    from django.utils.functional import Promise

    Words = Mapping[str, Promise | str]

#: What a plan says will become of a contact.
OUTCOMES: Words = {
    Outcome.DELETE: pgettext_lazy("outcome", "delete"),
    Outcome.ANONYMISE: pgettext_lazy("outcome", "anonymise"),
    Outcome.KEEP: pgettext_lazy("outcome", "keep"),
}

REASONS: Words = {
    Reason.ACTIVE: pgettext_lazy("reason", "was active within the period"),
    Reason.DEBTOR: pgettext_lazy("reason", "owes the house something"),
    Reason.CREDITOR: pgettext_lazy("reason", "is owed something"),
    Reason.STRUCTURE: pgettext_lazy("reason", "is a structure"),
    Reason.ROLE: pgettext_lazy("reason", "has a role besides being a customer"),
    Reason.HOLD: pgettext_lazy("reason", "legal hold"),
    Reason.RESTRICTION: pgettext_lazy("reason", "restriction"),
    Reason.REQUEST: pgettext_lazy("reason", "open request"),
    Reason.OPEN_ORDER: pgettext_lazy("reason", "open order"),
    Reason.SALE_TO_COME: pgettext_lazy("reason", "a sale that is still to come"),
}

PLAN_KINDS: Words = {
    PlanKind.INACTIVITY: pgettext_lazy("plan", "inactive contacts"),
    PlanKind.FORGET: pgettext_lazy("plan", "named by hand"),
    PlanKind.REPLAY: pgettext_lazy("plan", "back after a restore"),
}

#: What stands in a row of a plan.
ROW_STATES: Words = {
    RowState.KEPT: pgettext_lazy("row", "kept"),
    RowState.PENDING: pgettext_lazy("row", "waits"),
    RowState.STRUCK: pgettext_lazy("row", "struck"),
    RowState.REQUALIFIED: pgettext_lazy("row", "kept after all"),
}

#: Holds that data protection has; every other reason is what somebody typed.
HOLDS = {
    "restriction": REASONS[Reason.RESTRICTION],
    "request": REASONS[Reason.REQUEST],
}

RUN_STATES = {
    "running": pgettext_lazy("run", "running"),
    "interrupted": pgettext_lazy("run", "interrupted"),
    "paused": pgettext_lazy("run", "paused"),
    "cancelled": pgettext_lazy("run", "cancelled"),
    "done": pgettext_lazy("run", "done"),
    "incomplete": pgettext_lazy("run", "incomplete"),
}

#: What a campaign is about.
CAMPAIGN_TYPES: Words = {
    CampaignType.NEWSLETTER: pgettext_lazy("campaign", "newsletter"),
    CampaignType.SERVICE: pgettext_lazy("campaign", "service of the house"),
    CampaignType.RENEWAL: pgettext_lazy("campaign", "consent renewal"),
    CampaignType.PARTNERS: pgettext_lazy("campaign", "from partners"),
    CampaignType.PURCHASE: pgettext_lazy(
        "campaign", "information directly related to a purchase or reservation"
    ),
}

#: What a job of the worker failed with; other codes are for whoever looks after the machine.
FAILURES: Words = {
    Code.BAD_INPUT: _("What it needed was not there: a setting, a key, an approval."),
    Code.DID_NOT_HOLD: _("Something that must hold did not."),
    Code.ANOTHER_RUN: _("Another run was under way."),
    Code.DATABASE_LOST: _("The connection to the database was lost."),
    Code.STALLED_TOO_OFTEN: _("The worker died over it several times."),
    Code.KEYS_MISSING: _("Keys of the vault are missing."),
    Code.GONE: _("What it was about is gone."),
}
