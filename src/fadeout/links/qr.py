"""The QR code of an address: for a poster as a drawing (SVG), for a letter as a picture (PNG)."""

from __future__ import annotations

import io
from collections.abc import Callable
from enum import StrEnum

import segno

#: White around the code, in squares: readers ask for four.
BORDER = 4
#: Dots of a square in a picture: a code of our length is then some eight hundred wide.
SCALE = 20


class Form(StrEnum):
    """In which form it is had."""

    SVG = "svg"
    PNG = "png"


CONTENT_TYPES = {Form.SVG: "image/svg+xml", Form.PNG: "image/png"}


def drawn(address: str, form: Form) -> bytes:
    """The code, black on white, readable with a quarter of it torn off."""
    code = segno.make_qr(address, error="q")
    out = io.BytesIO()
    save: Callable[..., None] = code.save
    if form is Form.SVG:
        save(
            out,
            kind="svg",
            border=BORDER,
            light="#fff",
            omitsize=True,
            svgclass=None,
            lineclass=None,
        )
    else:
        save(out, kind="png", border=BORDER, scale=SCALE, light="white")
    return out.getvalue()
