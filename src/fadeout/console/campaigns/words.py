"""What people read of campaigns, by the codes that the domain has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fadeout.campaigns import markup, merge
from fadeout.campaigns.audience import LeftOut
from fadeout.campaigns.models import CampaignType, MessageState, State
from fadeout.campaigns.readiness import Lack
from fadeout.campaigns.refusals import Why

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
    LeftOut.SAME_ADDRESS: pgettext_lazy("left out", "another contact gets it at the same address"),
    LeftOut.ERASED: pgettext_lazy("left out", "erased before their turn"),
}

LACKS: Mapping[Lack, Promise | str] = {
    Lack.NO_TEXT: _("There is no text in the language of the campaign yet."),
    Lack.NO_PLAIN: _("A text has no plain part: some people read nothing else."),
    Lack.BROKEN: _("A text cannot be made into a mail any more. Open it and save it again."),
    Lack.NO_UNSUBSCRIBE: _(
        "A text does not say how to unsubscribe: put {{ unsubscribe }} into its MJML and its plain part."
    ),
    Lack.NO_LINK: _("A text has the tag of a tracked link that the campaign does not have."),
    Lack.UNUSED_LINK: _(
        "A tracked link of the campaign stands in no text: put {{ link }} where it leads on."
    ),
    Lack.LINK_RETIRED: _("A tracked link of the campaign was retired."),
    Lack.NO_SERVER: _(
        "This house sends no mail yet: whoever looks after Fadeout sets a mail server."
    ),
    Lack.NO_URL: _(
        "It is not known where people reach this house: whoever looks after Fadeout sets FADEOUT_URL."
    ),
}

REFUSALS: Mapping[Why, Promise | str] = {
    Why.UNKNOWN: _("There is no such campaign any more."),
    Why.NAME_TAKEN: _("Another campaign has this name."),
    Why.EMPTY: _("Fill this in."),
    Why.TOO_LONG: _("This is too long."),
    Why.NOT_ONE_LINE: _("This must be one line."),
    Why.NOT_AN_ADDRESS: _("This is not an e-mail address."),
    Why.NOT_CONFIRMED: _(
        "Confirm that it is directly about a purchase or reservation of each contact, or choose another type."
    ),
    Why.CHANGED_MEANWHILE: _(
        "Somebody changed this campaign meanwhile. Nothing of yours was saved."
    ),
    Why.NOT_A_DRAFT: _("This campaign is no draft any more. Nothing was changed."),
    Why.NOT_IN_THIS_STATE: _(
        "The campaign is not where it was when you opened the page. Nothing was changed."
    ),
    Why.LINK_RETIRED: _("One of these links was retired. Choose another one."),
    Why.IN_THE_PAST: _("That moment is over."),
    Why.ANOTHER_NUMBER: _("This is not the number of contacts who get it. Nothing was sent."),
    Why.NOT_READY: _("Something is missing. Nothing was sent."),
    Why.NOTHING_IN_DOUBT: _("No mail is in doubt any more."),
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

MESSAGE_STATES: Mapping[MessageState, Promise | str] = {
    MessageState.WAITING: pgettext_lazy("message", "waiting"),
    MessageState.SENT: pgettext_lazy("message", "sent"),
    MessageState.FAILED: pgettext_lazy("message", "failed"),
    MessageState.BOUNCED: pgettext_lazy("message", "came back"),
    MessageState.IN_DOUBT: pgettext_lazy("message", "in doubt"),
    MessageState.LEFT_OUT: pgettext_lazy("message", "left out"),
}

#: What keeps all mails from being sent, by the codes of :mod:`fadeout.core.mail` and of the worker.
TROUBLES: Mapping[str, Promise | str] = {
    "no_answer": _("The mail server does not answer."),
    "smtp_broken": _("The mail server breaks the connection off."),
    "mail_not_set_up": _("This house sends no mail yet."),
    "mail_url": _("The address of the mail server cannot be used."),
    "not_ready": _("Something that the campaign needs is not there any more."),
    "smtp_535": _("The mail server does not accept the password."),
    "bad_input": _("A key or a setting that sending needs is not there."),
}

FAULTS_OF_TAGS: Mapping[merge.Fault, Promise | str] = {
    merge.Fault.UNKNOWN: _("Line %(line)s: there is no such tag: %(what)s"),
    merge.Fault.BROKEN: _("Line %(line)s: this is no whole tag: %(what)s"),
    merge.Fault.NO_FALLBACK: _(
        "Line %(line)s: whoever has none of this needs something in its place, after a bar: %(what)s"
    ),
    merge.Fault.NO_PLACE: _(
        "Line %(line)s: no such tag may stand here; within an element only addresses in href: %(what)s"
    ),
}
FAULTS_OF_MARKUP: Mapping[markup.Fault, Promise | str] = {
    markup.Fault.EMPTY: _("There is nothing in it yet."),
    markup.Fault.TOO_LONG: _("It is too long for a mail."),
    markup.Fault.NOT_MJML: _("Line %(line)s: all of it must stand in <mjml> … </mjml>."),
    markup.Fault.UNKNOWN: _("Line %(line)s: no mail has such an element: <%(what)s>"),
    markup.Fault.INCLUDE: _(
        "Line %(line)s: nothing can be included. Write out what shall stand there."
    ),
    markup.Fault.TOO_DEEP: _("Line %(line)s: elements are nested too deep: <%(what)s>"),
    markup.Fault.NOT_CLOSED: _("Line %(line)s: this element is not closed: <%(what)s>"),
    markup.Fault.NOT_OPEN: _("Line %(line)s: this element was not opened: </%(what)s>"),
    markup.Fault.EVENT: _("Line %(line)s: nothing runs in a mail: %(what)s"),
    markup.Fault.SCHEME: _("Line %(line)s: the address in %(what)s must begin with https://"),
    markup.Fault.ICON: _("Line %(line)s: give the icon a picture of its own with src."),
    markup.Fault.NO_ALT: _(
        "Line %(line)s: the picture needs a text for whoever does not see it: alt"
    ),
    markup.Fault.SIGN: _("Line %(line)s: write &lt; for a < that begins no element."),
    markup.Fault.BODY: _("There is no <mj-body> in it."),
    markup.Fault.LIBRARY: _(
        "It cannot be made into a mail. Look for a quotation mark or a > that is missing."
    ),
}
