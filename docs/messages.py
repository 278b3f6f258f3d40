"""Keeps the translations beside the texts that they translate: ``python -m docs.messages``.

Takes every text that people see out of code and templates, merges it into ``src/fadeout/locale`` (a text that
is new comes untranslated, one that is gone goes) and writes what the program reads. Tests compare
both with the code, so that a page cannot be half English.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from fadeout.core.catalogue import declaration

SOURCE = Path(__file__).resolve().parents[1] / "src" / "fadeout"
LOCALE = SOURCE / "locale"
#: Those the console offers besides English, in which everything is written.
LANGUAGES = {"fr": "nplurals=2; plural=(n > 1);", "de": "nplurals=2; plural=(n != 1);"}
#: Where the texts stand in each call; c is the context.
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

#: The same translations are the same bytes, whenever they are written.
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)

Message = str | tuple[str, str]


def file_of(language: str, kind: str = "po") -> Path:
    """Where the translations into a language lie, as written by people or as the program reads them."""
    return LOCALE / language / "LC_MESSAGES" / f"django.{kind}"


def texts() -> Iterator[tuple[Message, str | None]]:
    """Every text of the program that people see, and its context."""
    yield from ((text, None) for text in _catalogue_texts())
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
            continue
        code = path.read_text()
        if path.suffix != ".py":
            code = templatize(code, origin=path.name)
        for _, message, _, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
            if message and not isinstance(message, tuple | list):
                yield message, context
            elif message and message[0]:
                yield (message[0], message[1]), context


def _catalogue_texts() -> Iterator[str]:
    """What the catalogue says about tables, why columns stay, and what it cannot promise."""
    yield declaration.HONEST_WORDS
    for table in declaration.tables().values():
        yield table.about
        yield from (column.why for column in table.columns.values() if column.why)


def from_code() -> Catalog:
    """All texts, without translations."""
    template = Catalog(fuzzy=False)
    for message, context in texts():
        template.add(message, context=context)
    return template


def empty(language: str) -> Catalog:
    """No translations yet; the head says how many numbers the language tells apart."""
    return read_po(io.BytesIO(_head(language).encode()), locale=language)


def translated(language: str) -> Catalog:
    """The translations as they stand in the repository."""
    path = file_of(language)
    return (
        read_po(io.BytesIO(path.read_bytes()), locale=language)
        if path.exists()
        else empty(language)
    )


def merged(language: str) -> Catalog:
    """The translations with exactly the texts of the code; nothing is guessed from what looks alike."""
    known = translated(language)
    fresh = empty(language)
    for message in from_code():
        if message.id:
            before = known.get(_singular(message.id), context=message.context)
            kept = before.string if before and before.id == message.id else None
            fresh.add(message.id, kept or "", context=message.context)
    return fresh


def as_po(catalog: Catalog) -> bytes:
    """What people edit: in the order of the alphabet, without dates and places, which only change."""
    written = io.BytesIO()
    write_po(written, catalog, width=110, no_location=True, omit_header=True, sort_output=True)
    return _head(str(catalog.locale)).encode() + written.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """What the program reads."""
    readable = read_po(io.BytesIO(as_po(catalog)), locale=str(catalog.locale))
    readable.creation_date = UNDATED
    written = io.BytesIO()
    write_mo(written, readable)
    return written.getvalue()


def missing(catalog: Catalog) -> list[Message]:
    """Texts that are not translated, or not in every number."""
    return [m.id for m in catalog if m.id and not all(_strings(m.string))]


def _head(language: str) -> str:
    lines = (
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {LANGUAGES[language]}",
    )
    told = "".join(f'"{line}\\n"\n' for line in lines)
    return f'msgid ""\nmsgstr ""\n{told}\n'


def _singular(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def _strings(translation: str | tuple[str, ...]) -> tuple[str, ...]:
    return (translation,) if isinstance(translation, str) else translation


def main() -> None:
    """Write all files; say what is not translated."""
    for language in LANGUAGES:
        catalog = merged(language)
        file_of(language).parent.mkdir(parents=True, exist_ok=True)
        file_of(language).write_bytes(as_po(catalog))
        file_of(language, "mo").write_bytes(as_mo(catalog))
        print(f"{language}: {len(catalog)} texts, {len(missing(catalog))} not translated")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "fadeout.core.settings"
    django.setup()
    main()
