"""The sentences about how long a contact stays, by what they are about; whole ones, for each language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, ngettext_lazy

from fadeout.policy.outcomes import Activity, Reason

#: By the activity that recency came from.
STAYS = {
    Activity.OPTION_ACQUIRED: gettext_lazy(
        "Stays until %(until)s, because it took an option on %(day)s."
    ),
    Activity.OPTION_CONFIRMED: gettext_lazy(
        "Stays until %(until)s, because an option was confirmed on %(day)s."
    ),
    Activity.RESERVATION: gettext_lazy(
        "Stays until %(until)s, because of a reservation made on %(day)s."
    ),
    Activity.SALE: gettext_lazy("Stays until %(until)s, because of a sale on %(day)s."),
    Activity.WAITING_LIST: gettext_lazy(
        "Stays until %(until)s, because it joined a waiting list on %(day)s."
    ),
    Activity.CLICK: gettext_lazy("Stays until %(until)s, because it clicked on a link on %(day)s."),
    Activity.CRITERION: gettext_lazy(
        "Stays until %(until)s, because a criterion was changed on %(day)s."
    ),
    Activity.AUTHORISATION: gettext_lazy(
        "Stays until %(until)s, because an authorisation was changed on %(day)s."
    ),
    Activity.CREATED: gettext_lazy(
        "Stays until %(until)s, because it was created on %(day)s and has done nothing since."
    ),
}
#: The same where the end of a validity is the day.
STAYS_BY_VALIDITY = {
    Activity.OPTION_ACQUIRED: gettext_lazy(
        "Stays until %(until)s, because of an option valid until %(day)s."
    ),
    Activity.OPTION_CONFIRMED: gettext_lazy(
        "Stays until %(until)s, because of a confirmed option valid until %(day)s."
    ),
    Activity.RESERVATION: gettext_lazy(
        "Stays until %(until)s, because of a reservation valid until %(day)s."
    ),
    Activity.SALE: gettext_lazy("Stays until %(until)s, because of a sale valid until %(day)s."),
}
LAST = {
    Activity.OPTION_ACQUIRED: gettext_lazy(
        "It was last active on %(day)s, when it took an option."
    ),
    Activity.OPTION_CONFIRMED: gettext_lazy(
        "It was last active on %(day)s, when an option was confirmed."
    ),
    Activity.RESERVATION: gettext_lazy(
        "It was last active on %(day)s, when a reservation was made."
    ),
    Activity.SALE: gettext_lazy("It was last active on %(day)s, by a sale."),
    Activity.WAITING_LIST: gettext_lazy(
        "It was last active on %(day)s, when it joined a waiting list."
    ),
    Activity.CLICK: gettext_lazy("It was last active on %(day)s, when it clicked on a link."),
    Activity.CRITERION: gettext_lazy(
        "It was last active on %(day)s, when a criterion was changed."
    ),
    Activity.AUTHORISATION: gettext_lazy(
        "It was last active on %(day)s, when an authorisation was changed."
    ),
    Activity.CREATED: gettext_lazy("It was created on %(day)s and has never been active."),
}
LAST_BY_VALIDITY = {
    Activity.OPTION_ACQUIRED: gettext_lazy(
        "It was last active until %(day)s, when an option ended."
    ),
    Activity.OPTION_CONFIRMED: gettext_lazy(
        "It was last active until %(day)s, when a confirmed option ended."
    ),
    Activity.RESERVATION: gettext_lazy(
        "It was last active until %(day)s, when a reservation ended."
    ),
    Activity.SALE: gettext_lazy(
        "It was last active until %(day)s, when the validity of a sale ended."
    ),
}
#: Past the limit, and kept by one reason alone.
KEPT_BY = {
    Reason.DEBTOR: gettext_lazy(
        "Has been past the limit since %(due)s, but stays: it owes the house something."
    ),
    Reason.CREDITOR: gettext_lazy(
        "Has been past the limit since %(due)s, but stays: it is owed something."
    ),
    Reason.STRUCTURE: gettext_lazy(
        "Has been past the limit since %(due)s, but stays: it is a structure."
    ),
    Reason.ROLE: gettext_lazy("Has been past the limit since %(due)s, but stays: it has a role."),
    Reason.HOLD: gettext_lazy(
        "Has been past the limit since %(due)s, but stays: there is a legal hold."
    ),
    Reason.RESTRICTION: gettext_lazy(
        "Has been past the limit since %(due)s, but stays: its data is restricted."
    ),
    Reason.REQUEST: gettext_lazy(
        "Has been past the limit since %(due)s, but stays: a request of it is open."
    ),
    Reason.OPEN_ORDER: gettext_lazy(
        "Has been past the limit since %(due)s, but stays: it has an open order."
    ),
}
PLAIN = {
    Reason.DEBTOR: gettext_lazy("It owes the house something."),
    Reason.CREDITOR: gettext_lazy("It is owed something."),
    Reason.STRUCTURE: gettext_lazy("It is a structure."),
    Reason.ROLE: gettext_lazy("It has a role."),
    Reason.HOLD: gettext_lazy("There is a legal hold."),
    Reason.RESTRICTION: gettext_lazy("Its data is restricted."),
    Reason.REQUEST: gettext_lazy("A request of it is open."),
    Reason.OPEN_ORDER: gettext_lazy("It has an open order."),
    Reason.SALE_TO_COME: gettext_lazy("A sale of it is still to take place."),
}
MONEY = (Reason.DEBTOR, Reason.CREDITOR)
BEHIND = {
    Reason.DEBTOR: gettext_lazy("It owes %(detail)s to %(organisation)s."),
    Reason.CREDITOR: gettext_lazy("%(organisation)s owes it %(detail)s."),
    Reason.ROLE: gettext_lazy("It has the role “%(detail)s”."),
    Reason.HOLD: gettext_lazy("Legal hold “%(detail)s”, without an end."),
    Reason.RESTRICTION: gettext_lazy("Its data is restricted, without an end."),
    Reason.REQUEST: gettext_lazy("A request of it is open, without an end."),
}
BEHIND_UNTIL = {
    Reason.HOLD: gettext_lazy("Legal hold “%(detail)s”, through %(until)s."),
    Reason.RESTRICTION: gettext_lazy("Its data is restricted, through %(until)s."),
    Reason.REQUEST: gettext_lazy("A request of it is open, through %(until)s."),
}

KEEPS_FOR = ngettext_lazy(
    "This house keeps contacts for %(months)s month after their last activity in any organisation.",
    "This house keeps contacts for %(months)s months after their last activity in any organisation.",
    "months",
)
#: What a run does: when it is past the limit, were it not for the reasons, now.
DELETED_LATER = gettext_lazy(
    "Without new activity a run would delete it from %(due)s on: it is a prospect, "
    "who never bought and never held a ticket."
)
ANONYMISED_LATER = gettext_lazy(
    "Without new activity a run would anonymise it from %(due)s on: it bought, or held a ticket."
)
DELETED_OTHERWISE = gettext_lazy(
    "Without that the next run would delete it: it is a prospect, who never bought and never held a ticket."
)
ANONYMISED_OTHERWISE = gettext_lazy(
    "Without that the next run would anonymise it: it bought, or held a ticket."
)
DELETED_NOW = gettext_lazy(
    "It is deleted rather than anonymised: it is a prospect, who never bought and never held a ticket."
)
ANONYMISED_NOW = gettext_lazy(
    "It is anonymised rather than deleted: it bought, or held a ticket, and sales stay in the books."
)
