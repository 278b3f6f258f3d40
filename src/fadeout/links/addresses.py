"""Where tracked links are reached."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from fadeout.core.errors import BadInput

#: Short, since it stands in mails and behind QR codes.
UNDER = "/r/"


def address(token: str, *, site: str | None = None) -> str:
    """The whole address of a token or of the code that everybody has.

    Args:
        token: either of them.
        site: where people reach this house; ``FADEOUT_URL`` if left out.

    Raises:
        BadInput: it is not set.
    """
    base = site or settings.PUBLIC_URL
    if not base:
        raise BadInput(
            _("Nobody outside could open this link: FADEOUT_URL is not set."),
            way_out=_(
                "Have it set to the address at which people reach this house, "
                "like https://fadeout.example.org."
            ),
        )
    return f"{base}{UNDER}{token}"
