"""What the words of the catalogue are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import pgettext_lazy

from fadeout.certificates.words import STAYS
from fadeout.core.catalogue.declaration import Action, DataClass, Reach
from fadeout.core.catalogue.fates import Fate, OfRow

if TYPE_CHECKING:
    from django.utils.functional import Promise

CLASSES: Mapping[DataClass, Promise | str] = {
    DataClass.IDENTITY: pgettext_lazy("data", "identity"),
    DataClass.CONTACT: pgettext_lazy("data", "contact details"),
    DataClass.LOCATION: pgettext_lazy("data", "location"),
    DataClass.BEHAVIOUR: pgettext_lazy("data", "behaviour"),
    DataClass.FREE_TEXT: pgettext_lazy("data", "free text"),
    DataClass.TECHNICAL: pgettext_lazy("data", "technical"),
    DataClass.NOT_PERSONAL: pgettext_lazy("data", "not personal"),
}

REACHES: Mapping[Reach, Promise | str] = {
    Reach.CONTACT: pgettext_lazy("hangs on", "the contact"),
    Reach.ORDER: pgettext_lazy("hangs on", "orders that the contact bought"),
    Reach.LINE: pgettext_lazy("hangs on", "lines that the contact benefits from"),
    Reach.BOUGHT_LINE: pgettext_lazy("hangs on", "lines of orders that the contact bought"),
    Reach.NONE: pgettext_lazy("hangs on", "no contact"),
}

FATES: Mapping[Fate, Promise | str] = {
    Action.KEEP: STAYS[Action.KEEP],
    Action.EMPTY: pgettext_lazy("fate", "emptied"),
    Action.XXXXXXXX: pgettext_lazy("fate", "XXXXXXXX"),
    Action.NEW_NUMBER: pgettext_lazy("fate", "a new number without relation"),
    Action.NEW_ID: pgettext_lazy("fate", "a new id without relation"),
    Action.YEAR_START: STAYS[Action.YEAR_START],
    Action.COARSEN: STAYS[Action.COARSEN],
    Action.MARK: pgettext_lazy("fate", "marked"),
    Action.DATE: pgettext_lazy("fate", "the day of it"),
    Action.UNLINK: pgettext_lazy("fate", "link emptied"),
    OfRow.REMOVED: pgettext_lazy("fate", "row removed"),
    OfRow.REMOVED_AND_UNLINKED: pgettext_lazy("fate", "row removed, links of others emptied"),
}
