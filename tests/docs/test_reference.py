"""The documentation says what the code says: generated pages, links, commands, columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.generate import documents, root

from fadeout.connectors.exchange.format import FILES, File
from tests.docs.pages import DOCS, PAGES, ROOT, Shown, prose, shown_commands

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COLUMN = re.compile(r"^\| (\**)`(\w+)`(\**)(\\\*)? \|", re.MULTILINE)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("path", sorted(documents()), ids=lambda path: path.name)
def test_generated_pages_are_those_of_the_code(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == documents()[path], "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{target} is not there"
        assert not anchor or anchor in _anchors(path), f"{target}: no such heading"


def _anchors(page: Path) -> set[str]:
    headings = HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_exist(page: Path) -> None:
    for shown in shown_commands(page):
        words = shown.words()
        if words and Path(words[0]).name == "fadeout":
            _check(shown, words[1:])


def _check(shown: Shown, words: list[str]) -> None:
    """Follow the words of a command line: subcommands, options and their values, arguments."""
    command = root()
    arguments = 0
    while words:
        word = words.pop(0)
        below = getattr(command, "commands", {})
        if word.startswith("-") and word != "-":
            name, _, value = word.partition("=")
            options = {o: p for p in command.params for o in (*p.opts, *p.secondary_opts)}
            assert name in options or name == "--help", f"{shown.command}: no option {name}"
            if name in options and not options[name].is_flag and not value:
                assert words, f"{shown.command}: {name} wants a value"
                words.pop(0)
        elif below:
            assert word in below, f"{shown.command}: no command {word}"
            command = below[word]
            if command.context_settings.get("ignore_unknown_options"):
                return
        else:
            arguments += 1
    taken = [p.nargs for p in command.params if p.param_type_name == "argument"]
    assert -1 in taken or arguments <= len(taken), f"{shown.command}: too many arguments"


def test_a_command_that_does_not_exist_is_noticed() -> None:
    for line in ("forget --all", "simulate --never", "run 1 2", "database vanish", "run --by"):
        with pytest.raises(AssertionError):
            _check(Shown(DOCS, line), line.split())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_column_of_the_exchange_format_is_described(file: File) -> None:
    page = (DOCS / "reference" / "exchange-format.md").read_text(encoding="utf-8")
    found = re.search(rf"^### {file.name}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"{file.name} is not described"
    described = [(name, bool(bold), bool(star)) for bold, name, _, star in COLUMN.findall(found[1])]
    assert described == [(c.name, c.is_key, c.is_optional) for c in file.columns]


def test_the_picture_fetches_nothing() -> None:
    picture = (DOCS / "images" / "simulation.svg").read_text(encoding="utf-8")
    assert re.findall(r"\w+://[^\s\"']+", picture) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"url\((?!#)|@import|@font-face|<script|href", picture)


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(prose(page)))
        waiting += [(page.parent / t).resolve() for t in targets if t and "://" not in t]
    assert set(PAGES) <= reached, sorted(set(PAGES) - reached)
