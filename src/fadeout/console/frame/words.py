"""What the words of the rule book are called on pages; one place, so that all pages say the same."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from fadeout.policy.outcomes import Activity, Outcome, PlanKind, Reason

#: What a plan says will become of a contact.
OUTCOMES = {
    Outcome.DELETE: pgettext_lazy("outcome", "delete"),
    Outcome.ANONYMISE: pgettext_lazy("outcome", "anonymise"),
    Outcome.KEEP: pgettext_lazy("outcome", "keep"),
}

REASONS = {
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

ACTIVITIES = {
    Activity.OPTION_ACQUIRED: pgettext_lazy("activity", "option acquired"),
    Activity.OPTION_CONFIRMED: pgettext_lazy("activity", "option confirmed"),
    Activity.RESERVATION: pgettext_lazy("activity", "reservation"),
    Activity.SALE: pgettext_lazy("activity", "sale"),
    Activity.WAITING_LIST: pgettext_lazy("activity", "waiting list"),
    Activity.CLICK: pgettext_lazy("activity", "click on a tracked link"),
    Activity.CRITERION: pgettext_lazy("activity", "criterion changed"),
    Activity.AUTHORISATION: pgettext_lazy("activity", "authorisation changed"),
    Activity.CREATED: pgettext_lazy("activity", "created"),
}

PLAN_KINDS = {
    PlanKind.INACTIVITY: pgettext_lazy("plan", "inactive contacts"),
    PlanKind.FORGET: pgettext_lazy("plan", "named by hand"),
    PlanKind.REPLAY: pgettext_lazy("plan", "back after a restore"),
}

RUN_STATES = {
    "running": pgettext_lazy("run", "running"),
    "interrupted": pgettext_lazy("run", "interrupted"),
    "paused": pgettext_lazy("run", "paused"),
    "cancelled": pgettext_lazy("run", "cancelled"),
    "done": pgettext_lazy("run", "done"),
    "incomplete": pgettext_lazy("run", "incomplete"),
}
