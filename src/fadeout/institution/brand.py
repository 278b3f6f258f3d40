"""How public pages look, and what they say of the house: its name, logo, colours and privacy policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from fadeout.core.errors import BadInput
from fadeout.institution import colours
from fadeout.institution.colours import Contrast
from fadeout.institution.logos import Logo
from fadeout.institution.models import Brand

LONGEST_NAME = 200
LONGEST_ADDRESS = 500


class Field(StrEnum):
    """What of a look cannot be shown."""

    NAME = "name"
    ACCENT = "accent"
    BAND = "band"
    PRIVACY_URL = "privacy_url"


class BadBrand(BadInput):
    """Something that public pages cannot show; ``field`` says what."""

    def __init__(self, message: str, *, way_out: str, at: Field) -> None:
        super().__init__(message, way_out=way_out)
        self.field = at.value


@dataclass(frozen=True)
class Look:
    """What a house may say: a name of its own for the public, two colours, where its privacy policy is.

    ``accent`` is what can be pressed, ``band`` the head of the page. Nothing said is Fadeout's own.
    """

    name: str = ""
    accent: str = ""
    band: str = ""
    privacy_url: str = ""
    takes_subscriptions: bool = False


def current() -> Brand:
    """The brand as it is; an empty one where nobody set it up."""
    return Brand.objects.defer("logo").first() or Brand()


def logo() -> bytes | None:
    """The logo, a PNG."""
    found = Brand.objects.values_list("logo", flat=True).first()
    return None if found is None else bytes(found)


def change(look: Look, *, now: datetime) -> Brand:
    """How public pages look from now on; the logo stays.

    Raises:
        BadBrand: they cannot.
    """
    if len(look.name) > LONGEST_NAME:
        raise BadBrand(
            _("This name is too long. Nothing was changed."),
            way_out=_("Make it shorter."),
            at=Field.NAME,
        )
    for at, colour in ((Field.ACCENT, look.accent), (Field.BAND, look.band)):
        if colour and not colours.is_colour(colour):
            raise BadBrand(
                _("This is no colour. Nothing was changed."),
                way_out=_("Write it like #0b4f75."),
                at=at,
            )
    if look.accent:
        _require_contrast(colours.on_grounds(look.accent))
    _require_address(look.privacy_url)
    return _save(now, **vars(look))


def change_logo(logo: Logo | None, *, now: datetime) -> Brand:
    """Another logo, or none."""
    if logo is None:
        return _save(now, logo=None, logo_width=None, logo_height=None)
    return _save(now, logo=logo.content, logo_width=logo.width, logo_height=logo.height)


def _save(now: datetime, **values: Any) -> Brand:
    brand, _ = Brand.objects.update_or_create(pk=1, defaults={**values, "changed_at": now})
    return brand


def _require_contrast(found: Contrast) -> None:
    if found.is_enough:
        return
    ratio, needed = number_format(found.ratio, 2), number_format(colours.READABLE, 1)
    raise BadBrand(
        _(
            "This colour cannot be read well: its contrast is %(ratio)s to 1, and %(needed)s to 1 is "
            "needed. Nothing was changed."
        )
        % {"ratio": ratio, "needed": needed},
        way_out=_("Take a darker one."),
        at=Field.ACCENT,
    )


def _require_address(address: str) -> None:
    if not address:
        return
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username
    except ValueError:
        is_good = False
    if not is_good or len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise BadBrand(
            _("This is not the address of a page. Nothing was changed."),
            way_out=_("Write it like https://www.example.org/privacy."),
            at=Field.PRIVACY_URL,
        )
