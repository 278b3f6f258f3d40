"""The console speaks every language that it offers, whole."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.functional import Promise

from docs import messages
from fadeout.accounts.permissions import Role
from fadeout.batches import operations as batches
from fadeout.contacts import refusals as refusals_of_contacts
from fadeout.core.errors import FadeoutError
from tests import support
from tests.console.visitors import signed_in, somebody

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


#: What makes a text out of a message in the language of whoever looks.
MAKERS = {
    "_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy", "number_format",
}  # fmt: skip
#: Commands and the start of servers alone tell these as they are.
OF_COMMANDS = {"cli", "connectors", "core", "demo"}
#: And these, by module and function: only a command or the worker asks (pages tell codes of that), or the
#: page that asks answers by itself.
NEVER_ON_A_PAGE = {
    "accounts/queries": {"by_email", "by_public_id"},
    "institution/operations": {"found", "operator", "_check"},
    "institution/queries": {"current"},
    "keys/run_files": {"_unreadable", "_refusing"},
    "ledger/operations": {"empty_texts"},
    "plans/forgetting": {"__init__", "_contacts"},
    "plans/operations": {"_store_rows", "_question"},
    "plans/queries": {"by_number"},
    "recency/queries": {"explain", "explain_contact"},
    "runs/housekeeping": {
        "_require_all", "_rewrite_tables", "_wait_for_older_transactions", "_write_over_journal",
    },
    "runs/lock": {"only_one", "no_chunk_under_way", "require_still_held"},
    "runs/queries": {"by_number"},
    "runs/remains": {"search"},
    "vault/keyring": {"open", "set_recipient", "identities_in", "_parsed"},
    "vault/operations": {"record_recovery"},
    "vault/recovery": {"typed", "unwrapped"},
}  # fmt: skip


def refusals() -> set[str]:
    """Every class of refusals, and what makes one, by name; but for those that have a code alone."""

    def under(kind: type) -> Iterator[str]:
        yield kind.__name__
        for narrower in kind.__subclasses__():
            yield from under(narrower)

    import_module("fadeout.console.urls")  # and with it whatever a page can come to
    made = {"does_not_hold", "cannot_be_written", "refusal", "Finding", "__init__"}
    return {*under(FadeoutError), *made} - {"Refused", "BatchRefused"}


def untold(function: ast.AST, kinds: set[str]) -> Iterator[list[str]]:
    """Of each refusal in a function the English that a page would show; of its ways out, the page's."""
    values = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and named(call.func) in kinds:
            ways = {word.arg: word.value for word in call.keywords}
            shown = [*call.args, ways.get("on_page", ways.get("way_out"))]
            yield [words for one in shown if one is not None for words in raw(one, values)]


def raw(node: ast.AST, values: dict[str, ast.expr]) -> Iterator[str]:
    """Words in an expression that are English in every language; of a name, those of what it was given."""
    if isinstance(node, ast.Call) and named(node.func) in MAKERS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if re.search(r"[^\W\d_]{2,}", node.value):
            yield node.value
        return
    if isinstance(node, ast.Name) and node.id in values:
        yield from raw(values[node.id], {})
    places = node.keys if isinstance(node, ast.Dict) else [getattr(node, "slice", None)]
    for part in ast.iter_child_nodes(node):
        if part not in places:
            yield from raw(part, values)


def named(function: ast.expr) -> str:
    """What is called; of ``super().__init__`` the last name."""
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def test_no_refusal_reaches_a_page_in_english() -> None:
    kinds, english, looked_at = refusals(), {}, 0
    for path in sorted(messages.SOURCE.rglob("*.py")):
        module = path.relative_to(messages.SOURCE).with_suffix("").as_posix()
        if module.partition("/")[0] in OF_COMMANDS or "/" not in module:
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                found = list(untold(function, kinds))
                looked_at += len(found)
                if any(found):
                    english.setdefault(module, {})[function.name] = found
    assert looked_at > 80
    told = {module: set(functions) for module, functions in english.items()}
    assert told == NEVER_ON_A_PAGE, english


def test_refusals_by_code_have_sentences_in_every_language() -> None:
    for sentences in (refusals_of_contacts._SENTENCES, batches.WORDS):
        assert len(sentences) > 8
        for said, way_out in sentences.values():
            assert isinstance(said, Promise), said
            assert isinstance(way_out, Promise) or way_out == "", way_out


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ('BadInput("No such thing.")', 1),
        ('BadInput(f"No thing {number}.", way_out=_("Look."))', 1),
        ('BadInput(_("No thing."), way_out="Look again.")', 1),
        ('BadInput(" ".join(["Nothing", why]))', 1),
        ('so = "So it is."\nBadInput(_("No thing."), so)', 1),
        ('BadInput(_("No %(what)s.") % {"what": what}, way_out="fadeout x", on_page=_("Look."))', 0),
        ('BadInput(because[how] % {"path": path})', 0),
    ],
)  # fmt: skip
def test_english_in_a_refusal_is_found(refusal: str, words: int) -> None:
    [found] = untold(ast.parse(refusal), {"BadInput"})
    assert len(found) == words


@pytest.fixture
def founded(database: str) -> None:
    support.founded()


@pytest.mark.parametrize(
    ("language", "headline", "said"),
    [
        ("fr", "Cela n’a pas été fait.", "n’est pas celui qui a servi à cette maison. Réglez FADEOUT_KEYS"),
        ("de", "Das wurde nicht getan.", "ist nicht der, mit dem dieses Haus benutzt wurde. Setzen Sie"),
    ],
    ids=["fr", "de"],
)  # fmt: skip
def test_a_page_refuses_in_the_language_of_whoever_looks(
    founded: None, monkeypatch: pytest.MonkeyPatch, language: str, headline: str, said: str
) -> None:
    client = signed_in(somebody(Role.SUPPORT, language=language))
    assert client.get("/vault/").status_code == 200
    monkeypatch.setenv("FADEOUT_KEYS", f"{os.environ['FADEOUT_KEYS']} of another house")
    answer = client.get("/vault/")
    page = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    assert answer.status_code == 400
    assert headline in page
    assert said in page


def templates() -> list[Path]:
    return sorted(messages.SOURCE.rglob("templates/**/*.html"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_template_speaks_without_translation(path: Path) -> None:
    text = path.read_text()
    outside = NO_TEXT.sub(" ", text)
    spoken = " ".join(NO_TEXT.sub(" ", found) for found in SPOKEN.findall(text))
    words = set(re.findall(r"[^\W\d_]{2,}", f"{outside} {spoken}")) - NAMES
    assert words == set()
