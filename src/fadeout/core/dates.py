"""Days as people write them in their language, beyond what Django's formats can say."""

from __future__ import annotations

from datetime import date

from django.utils import formats
from django.utils.translation import get_language


def written(day: date, named: str = "DATE_FORMAT") -> str:
    """A day, or a moment, in one of the named formats."""
    return with_ordinal(formats.date_format(day, named))


def with_ordinal(text: str) -> str:
    """In French the first of a month is "1er", every other day a bare number."""
    is_french = (get_language() or "").startswith("fr")
    return f"1er{text[1:]}" if is_french and text.startswith("1 ") else text
