"""What is said about contacts: codes of what is on file, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.contacts.models import Origin

ORIGINS = {
    Origin.CONTACT: pgettext_lazy("origin", "the contact"),
    Origin.OPERATOR: pgettext_lazy("origin", "an operator"),
    Origin.IMPORT: pgettext_lazy("origin", "an import"),
    Origin.SYSTEM: pgettext_lazy("origin", "the system"),
}

#: As what a contact is on an order.
PARTS = {
    "purchase": pgettext_lazy("part", "purchase contact"),
    "cultural": pgettext_lazy("part", "cultural contact"),
    "beneficiary": pgettext_lazy("part", "beneficiary"),
    "purchase contact": pgettext_lazy("part", "purchase contact"),
    "cultural contact": pgettext_lazy("part", "cultural contact"),
}

LINES = {
    "option": pgettext_lazy("line", "option"),
    "reservation": pgettext_lazy("line", "reservation"),
    "sale": pgettext_lazy("line", "sale"),
}

#: Why a row on file counts as of its day, or why it does not count.
BECAUSE = {
    "validity_end": _("The end of its validity counts."),
    "order_day": _("Without a validity, the day of the order counts."),
    "order_day_lapsed": _("It lapsed, so the day of the order counts."),
    "order_day_cancelled": _("It was cancelled, so the day of the order counts."),
    "order_day_returned": _("It was returned, so the day of the order counts."),
    "confirmation_day": _("The day of its confirmation counts."),
    "day_it_happened": _("The day on which it happened counts."),
    "automated_click": _("A program clicked, such as a mail scanner. That is no activity."),
    "changed_by_import": _("An import changed it. That is no activity."),
    "changed_by_system": _("The system changed it. That is no activity."),
    "no_authorisation_left": _("No authorisation was yes after the change. That is no activity."),
    "other_activity": _("There is other activity, so the creation does not count."),
    "no_activity": _("There is no activity, so the day of the creation counts."),
}
