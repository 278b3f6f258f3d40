"""Refusals of the domain of links, as pages say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from fadeout.links.refusals import Why

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

REFUSALS: Mapping[Why, Promise | str] = {
    Why.NAME_EMPTY: _("Give the link a name."),
    Why.NAME_LONG: _("This name is too long, or has characters that no text has."),
    Why.NAME_TAKEN: _("There is a link of this name already. Give this one another name."),
    Why.NOT_AN_ADDRESS: _(
        "That is not an address. Write it like https://tickets.example.org/season."
    ),
    Why.NOT_OF_THE_WEB: _("Give the address of a page: it begins with https:// or http://."),
    Why.CREDENTIALS: _(
        "This address carries a user name or a password, which whoever clicks would see. Take it out."
    ),
    Why.TOO_LONG: _("This address is too long: at most 2,000 characters."),
    Why.LEADS_TO_ITSELF: _(
        "This is a tracked link of this house. Give the page that it is to lead to."
    ),
}
