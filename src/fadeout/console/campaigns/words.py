"""What people read of campaigns, by the codes that the domain has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.campaigns.audience import LeftOut
from fadeout.campaigns.models import CampaignType, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

#: A state with the look of its tag.
STATES: Mapping[State, tuple[Promise | str, str]] = {
    State.DRAFT: (pgettext_lazy("campaign", "draft"), ""),
    State.SCHEDULED: (pgettext_lazy("campaign", "scheduled"), "waiting"),
    State.SENDING: (pgettext_lazy("campaign", "being sent"), "now"),
    State.PAUSED: (pgettext_lazy("campaign", "paused"), "waiting"),
    State.SENT: (pgettext_lazy("campaign", "sent"), "done"),
    State.CANCELLED: (pgettext_lazy("campaign", "cancelled"), "bad"),
}

TYPES_EXPLAINED: Mapping[CampaignType, Promise | str] = {
    CampaignType.NEWSLETTER: _("News and offers. Needs a yes to e-mail from the house."),
    CampaignType.SERVICE: _(
        "Opening hours, changes of the programme. Needs a yes to e-mail from the house."
    ),
    CampaignType.RENEWAL: _(
        "Asks whether a contact wants to stay on file. Needs a yes to e-mail from the house."
    ),
    CampaignType.PARTNERS: _("Offers of partners. Needs a yes to e-mail from partners."),
    CampaignType.PURCHASE: _(
        "About the contact's own ticket or order, such as a change of date. Asks for nobody's yes, and also "
        "reaches those who said no."
    ),
}

LEFT_OUT: Mapping[LeftOut, Promise | str] = {
    LeftOut.ANONYMISED: pgettext_lazy("left out", "anonymised"),
    LeftOut.NO_EMAIL: pgettext_lazy("left out", "no e-mail address"),
    LeftOut.RESTRICTED: pgettext_lazy("left out", "restriction: their data must not be used"),
    LeftOut.REQUEST: pgettext_lazy("left out", "an open request of theirs"),
    LeftOut.SAID_NO: pgettext_lazy("left out", "said no"),
    LeftOut.UNANSWERED: pgettext_lazy("left out", "never answered, which is a no"),
    LeftOut.RETURNED: pgettext_lazy("left out", "an earlier mail came back: no such address"),
    LeftOut.SAME_ADDRESS: pgettext_lazy("left out", "another contact gets it at the same address"),
    LeftOut.ERASED: pgettext_lazy("left out", "erased before their turn"),
}

TAGS: Mapping[str, Promise | str] = {
    "{{ first_name|… }}": _("first name; after the bar what stands there for whoever has none"),
    "{{ last_name|… }}": _("last name, likewise"),
    "{{ title|… }}": _("title, likewise"),
    "{{ link }}": _("the first tracked link; {{ link_2 }} the second, and so on"),
    "{{ unsubscribe }}": _("where somebody unsubscribes"),
    "{{ preferences }}": _("where somebody changes what they get"),
    "{{ house }}": _("the name of the house"),
}

#: What keeps all mails from being sent, by the codes of :mod:`fadeout.core.mail` and of the worker.
TROUBLES: Mapping[str, Promise | str] = {
    "no_answer": _("The mail server does not answer."),
    "smtp_broken": _("The mail server breaks the connection off."),
    "mail_not_set_up": _("This house sends no mail yet."),
    "mail_url": _("The address of the mail server cannot be used."),
    "sender_refused": _("The mail server refuses the address that this campaign comes from."),
    "not_ready": _("Something that the campaign needs is not there any more."),
    "smtp_535": _("The mail server does not accept the password."),
    "bad_input": _("A key or a setting that sending needs is not there."),
}
