"""What contacts and their authorisations are called, by the codes of the exchange format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import pgettext_lazy

from fadeout.contacts.models import Answer, ContactKind

if TYPE_CHECKING:
    from django.utils.functional import Promise

    Words = Mapping[str, Promise | str]

KINDS: Words = {
    ContactKind.INDIVIDUAL: pgettext_lazy("contact", "individual"),
    ContactKind.RELAY: pgettext_lazy("contact", "relay"),
    ContactKind.STRUCTURE: pgettext_lazy("contact", "structure"),
}

ANSWERS: Words = {
    Answer.YES: pgettext_lazy("authorisation", "yes"),
    Answer.NO: pgettext_lazy("authorisation", "no"),
    Answer.UNANSWERED: pgettext_lazy("authorisation", "not answered"),
}

#: What an authorisation is for; houses have others besides.
PURPOSES: Words = {
    "institution": pgettext_lazy("purpose", "from the house"),
    "partners": pgettext_lazy("purpose", "from partners"),
    "third_parties": pgettext_lazy("purpose", "passing on to third parties"),
}

CHANNELS: Words = {
    "email": pgettext_lazy("channel", "e-mail"),
    "phone": pgettext_lazy("channel", "phone"),
    "sms": pgettext_lazy("channel", "SMS"),
    "letter": pgettext_lazy("channel", "letter"),
}
