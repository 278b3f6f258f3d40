"""The console speaks every language that it offers, whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from docs import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>")
#: What a template holds besides texts for people: tags, comments, HTML's own words.
NO_TEXT = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}|{#.*?#}"
    r"|<script.*?</script>|<style.*?</style>|<code.*?</code>|<!--.*?-->|<[^>]*>|&\w+;",
    re.DOTALL,
)
#: Words that are the same everywhere.
NAMES = {"Fadeout", "CSV", "XLSX", "JSON", "HTML"}
#: Attributes whose words people see or hear.
SPOKEN = re.compile(r'\b(?:title|alt|aria-label|placeholder|data-busy)="([^"]*)"')


def test_what_the_menu_offers_is_what_is_translated() -> None:
    assert {code for code, _ in settings.LANGUAGES} == {"en", *messages.LANGUAGES}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_text_has_its_translation(language: str) -> None:
    catalog = messages.merged(language)
    assert len(catalog) > 100
    assert messages.missing(catalog) == [], "translate these, then: make messages"
    assert messages.as_po(catalog) == messages.file_of(language).read_bytes(), "make messages"
    assert messages.as_mo(catalog) == messages.file_of(language, "mo").read_bytes(), "make messages"


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_translation_says_what_the_text_says(language: str) -> None:
    """The same places for values, the same marks; another number of them and a page would fail."""
    compared = 0
    for message in messages.translated(language):
        if not message.id:
            continue
        singular, *more = [message.id] if isinstance(message.id, str) else message.id
        strings = [message.string] if isinstance(message.string, str) else message.string
        for number, string in enumerate(strings):
            expected = [singular, *more][min(number, len(more))]
            # One in words has no figure, in any language.
            assert set(PLACEHOLDER.findall(string)) <= set(
                PLACEHOLDER.findall(more[-1] if more else singular)
            )
            if number or not more:
                assert sorted(PLACEHOLDER.findall(string)) == sorted(
                    PLACEHOLDER.findall(expected)
                ), string
            compared += 1
    assert compared > 100


def templates() -> list[Path]:
    return sorted(messages.SOURCE.rglob("templates/**/*.html"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_template_speaks_without_translation(path: Path) -> None:
    text = path.read_text()
    outside = NO_TEXT.sub(" ", text)
    spoken = " ".join(NO_TEXT.sub(" ", found) for found in SPOKEN.findall(text))
    words = set(re.findall(r"[^\W\d_]{2,}", f"{outside} {spoken}")) - NAMES
    assert words == set()
