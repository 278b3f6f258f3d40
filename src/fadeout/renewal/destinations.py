"""Where the letter of a renewal leads: a page of the house's own, or Fadeout's."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from fadeout.contacts import offering
from fadeout.core.errors import BadInput
from fadeout.links import destinations

#: Fadeout's own page to stay; that of a contact is below it.
STAY = "/s/"


def stay_address() -> str:
    """The destination of a tracked link that leads to Fadeout's own page."""
    return f"{settings.PUBLIC_URL}{STAY}"


def checked(page_url: str | None) -> str:
    """Where the link of a renewal is to lead.

    Args:
        page_url: the house's own page; nothing for Fadeout's.

    Raises:
        LinkRefused: the address cannot be so.
        BadInput: Fadeout's page has no address, or nothing to offer.
    """
    if page_url is not None:
        return destinations.checked(page_url)
    if not settings.PUBLIC_URL:
        raise BadInput(
            _("Nobody outside could open Fadeout's page: FADEOUT_URL is not set."),
            way_out=_(
                "Set it to the address at which people reach this house, like "
                "https://fadeout.example.org, or give the address of a page of your own."
            ),
        )
    if not offering.in_force().authorisations:
        raise BadInput(
            _("Fadeout's page has nothing to offer: contacts may decide nothing there yet."),
            way_out=_(
                "Offer an authorisation under Settings, Public pages, or give the address of a page of "
                "your own."
            ),
        )
    return stay_address()
