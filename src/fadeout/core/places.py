"""What countries and languages are called in the language of whoever looks."""

from __future__ import annotations

import gettext
from functools import cache

import pycountry
from django.utils.translation import get_language

#: Not in the standard, but on file.
KOSOVO = "XK"


def country_name(code: str) -> str:
    """The country of a code of ISO 3166-1; the code itself where nobody knows it."""
    if code == KOSOVO:
        return "Kosovo"
    country = pycountry.countries.get(alpha_2=code)
    if country is None:
        return code
    return _named("iso3166-1", getattr(country, "common_name", country.name))


def language_name(tag: str) -> str:
    """The language of a tag such as "de" or "de-CH"; the tag itself where nobody knows it."""
    code, _, region = tag.replace("_", "-").partition("-")
    language = pycountry.languages.get(**{"alpha_2" if len(code) == 2 else "alpha_3": code.lower()})
    if language is None:
        return tag
    name = _named("iso639-3", getattr(language, "common_name", language.name))
    return f"{name} ({country_name(region)})" if len(region) == 2 and region.isupper() else name


def _named(domain: str, name: str) -> str:
    return _translations(domain, (get_language() or "en").partition("-")[0]).gettext(name)


@cache
def _translations(domain: str, language: str) -> gettext.NullTranslations:
    return gettext.translation(domain, pycountry.LOCALES_DIR, [language], fallback=True)
