"""How public pages look: colours that can be read, and pictures that are nothing but pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from fadeout.institution import brand, colours, logos
from fadeout.institution.brand import BadBrand, Look
from tests import support

NOW = support.NOW
GOOD = Look("Opéra", "#0b4f75", "#e8a72c", "https://www.example.org/privacy")


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 300), **more: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#a3162b").save(file, kind, **more)
    return file.getvalue()


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    # Figures of the standard's own techniques.
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert colours.contrast(one, other) == colours.contrast(other, one)


def test_text_on_any_ground_can_be_read() -> None:
    for number in range(0, 256, 5):
        ground = f"#{number:02x}{(number * 7) % 256:02x}{(number * 13) % 256:02x}"
        assert colours.contrast(colours.text_on(ground), ground) >= colours.READABLE


def test_a_brand_is_kept(database: str) -> None:
    assert brand.current().name == ""
    assert brand.logo() is None
    brand.change(GOOD, now=NOW)
    drawn = logos.drawn(picture())
    brand.change_logo(drawn, now=NOW)
    brand.change(Look(name="Opera"), now=NOW)
    found = brand.current()
    assert (found.name, found.accent, found.logo_width, found.logo_height) == (
        "Opera",
        "",
        640,
        160,
    )
    assert brand.logo() == drawn.content
    brand.change_logo(None, now=NOW)
    assert brand.logo() is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "#e8a72c"),  # too light
        ("accent", "blue"),
        ("band", "#12345"),
        ("band", "#123456; } * { display: none"),
        ("privacy_url", "javascript:alert(1)"),
        ("privacy_url", "https://user@example.org/"),
        ("privacy_url", "/privacy"),
        ("privacy_url", "https://example.org/\n"),
    ],
)
def test_what_cannot_be_shown_is_refused(database: str, field: str, value: str) -> None:
    brand.change(GOOD, now=NOW)
    with pytest.raises(BadBrand, check=lambda error: error.field == field):
        brand.change(Look(**{**vars(GOOD), field: value}), now=NOW)
    assert brand.current().accent == GOOD.accent


def test_a_logo_is_drawn_anew() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "Zephyrine Quillfeather")
    given = picture(pnginfo=told) + b"<script>alert(1)</script>"
    assert b"Zephyrine" in given
    drawn = logos.drawn(given)
    assert drawn.content.startswith(b"\x89PNG")
    assert (drawn.width, drawn.height) == (640, 160)
    assert b"Zephyrine" not in drawn.content
    assert b"script" not in drawn.content
    assert logos.drawn(picture("JPEG")).content.startswith(b"\x89PNG")


def test_a_logo_is_upright_and_its_colour_profile_is_left_behind() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # as a camera held upright notes it
    given = picture("JPEG", exif=turned, icc_profile=b"a profile of " + b"anything" * 20)
    assert "icc_profile" in Image.open(io.BytesIO(given)).info
    drawn = logos.drawn(given)
    assert drawn.height > drawn.width
    assert not Image.open(io.BytesIO(drawn.content)).info


@pytest.mark.parametrize(("depth", "shown"), [(0, 0), (0x8000, 128), (0xFFFF, 255)])
def test_a_logo_of_sixteen_bits_is_drawn_in_eight(depth: int, shown: int) -> None:
    given = io.BytesIO()
    Image.new("I;16", (30, 10), depth).save(given, "PNG")
    drawn = Image.open(io.BytesIO(logos.drawn(given.getvalue()).content))
    assert drawn.getpixel((0, 0)) == (shown, shown, shown, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("GIF"), picture("BMP"),
        picture()[:200], b"\x89PNG\r\n\x1a\n" + bytes(100), picture(size=(2100, 2100)),
        b"\x89PNG" + bytes(1_000_001),
    ],
    ids=["nothing", "text", "svg", "gif", "bmp", "cut", "empty", "pixels", "bytes"],
)  # fmt: skip
def test_what_is_no_logo_is_refused(content: bytes) -> None:
    with pytest.raises(logos.NotALogo):
        logos.drawn(content)
