"""A picture that somebody uploads as the logo of the house.

What could go wrong, and what prevents it:

- A file says that it is a picture and is something else, or carries something else: what it is comes from its
  content alone, and it is drawn anew, so that nothing but the pixels is left.
- A small file unfolds into a huge picture: its size is looked at before it is unfolded.
- An SVG runs scripts on a page of the house: there is none.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from fadeout.core.errors import BadInput

MOST_BYTES = 1_000_000
MOST_PIXELS = 4_000_000
#: Twice what is shown, for sharp screens.
LARGEST = (720, 160)
KINDS = ("PNG", "JPEG")
UNREADABLE = (
    OSError, ValueError, SyntaxError, struct.error, Warning, Image.DecompressionBombError,
)  # fmt: skip


class NotALogo(BadInput):
    """A file that cannot be used."""


@dataclass(frozen=True)
class Logo:
    """A PNG, and how large it is."""

    content: bytes
    width: int
    height: int


def drawn(content: bytes) -> Logo:
    """The logo in a file, drawn anew.

    Raises:
        NotALogo: it is too large, or no PNG or JPEG.
    """
    if len(content) > MOST_BYTES:
        raise NotALogo(
            _("This file is larger than 1 MB. Nothing was changed."),
            way_out=_("Make the picture smaller."),
        )
    picture = _opened(content)
    picture.thumbnail(LARGEST)
    drawing = io.BytesIO()
    picture.save(drawing, "PNG", optimize=True)
    return Logo(drawing.getvalue(), picture.width, picture.height)


def _pixels(picture: Image.Image) -> Image.Image:
    """The picture upright, in eight bits a colour, and nothing that came with it."""
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda depth: depth / 256, "L")
    pixels = ImageOps.exif_transpose(picture).convert("RGBA")
    pixels.info.clear()  # a colour profile would be written along, whatever stands in it
    return pixels


def _opened(content: bytes) -> Image.Image:
    refused = NotALogo(
        _("This is no PNG and no JPEG. Nothing was changed."), way_out=_("Save the picture as PNG.")
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of pictures that unfold
            picture = Image.open(io.BytesIO(content), formats=KINDS)
            if picture.width * picture.height > MOST_PIXELS:
                raise NotALogo(
                    _("This picture has more than 4 million pixels. Nothing was changed."),
                    way_out=_("Make the picture smaller."),
                )
            picture.load()
            return _pixels(picture)
    except UNREADABLE as error:
        if isinstance(error, NotALogo):
            raise
        raise refused from error
