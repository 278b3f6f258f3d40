"""``fadeout link`` makes tracked links, tells what was counted, writes QR codes, retires."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from fadeout.core import clock, paths
from fadeout.links import queries
from tests import support
from tests.cli.conftest import Command
from tests.links import house as links
from tests.links.house import BY_A_SCANNER, BY_HAND, line, mailed, on_file, opened


def test_a_link_is_made_counted_drawn_and_retired(
    database: str, command: Command, tmp_path: Path
) -> None:
    support.founded()
    assert json.loads(command("link", "list", "--json").out) == {"links": []}
    made = command(
        "link",
        "add",
        "Poster",
        "https://www.example.org/?a=1",
        "--utm-source",
        "foyer",
        "--by",
        "Bo",
    )
    link = queries.named("Poster")
    assert made.out == f"/r/{link.code} leads to https://www.example.org/?a=1&utm_source=foyer\n"
    with line(database) as web:
        for asked in (BY_HAND, BY_HAND, BY_A_SCANNER):
            opened(web, link.code, asked, clock.now())
    shown = json.loads(command("link", "show", link.code.upper(), "--json").out)
    assert shown["clicks"] == {"people": 2, "programs": 1, "contacts": 0}
    assert [(day["people"], day["programs"]) for day in shown["days"]] == [(2, 1)]
    assert "Clicks by people: 2. By programs: 1." in command("link", "show", "Poster").out
    assert "https://www.example.org/?a=1&utm_source=foyer" in command("link", "list").out
    drawn = command("link", "qr", "Poster", tmp_path / "code.svg")
    assert (drawn.code, "FADEOUT_URL is not set" in drawn.err) == (2, True)
    unasked = command("link", "retire", "Poster")
    assert (unasked.code, "--yes" in unasked.err) == (2, True)
    assert command("link", "retire", "Poster", "--yes").out == "The link is retired.\n"
    assert "It was retired on " in command("link", "show", "Poster").out
    assert command("link", "retire", "Poster", "--yes").out == "The link was retired already.\n"
    assert command("link", "restore", "Poster").out == "The link leads on again.\n"
    assert command("link", "restore", "Poster").out == "The link leads on already.\n"


@pytest.mark.parametrize("ending", ["svg", "PNG"])
def test_the_code_of_the_address_of_the_house_is_written(
    ending: str, database: str, command: Command, tmp_path: Path, settings_of_house: str
) -> None:
    support.founded()
    links.link("Poster")
    file = tmp_path / f"code.{ending}"
    answer = command("link", "qr", "Poster", file)
    assert (answer.code, settings_of_house in answer.out) == (0, True), answer.err
    assert file.read_bytes()[:5] in (b"<?xml", b"\x89PNG\r")
    assert command("link", "qr", "Poster", tmp_path / "code.gif").code == 2
    assert command("link", "qr", "Flyer", file).code == 2


@pytest.fixture
def settings_of_house() -> Iterator[str]:
    with override_settings(PUBLIC_URL="https://tickets.example.org"):
        yield "https://tickets.example.org/r/"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("Poster", "https://www.example.org/"), "There is a link of this name already"),
        (("Flyer", "javascript:alert(1)"), "begins with https://"),
        (("Flyer", "https://ada:secret@www.example.org/"), "carries a user name or a password"),
        (("", "https://www.example.org/"), "Give the link a name"),
    ],
)
def test_what_cannot_be_is_refused(
    given: tuple[str, str], said: str, database: str, command: Command
) -> None:
    support.founded()
    links.link("Poster")
    answer = command("link", "add", *given)
    assert (answer.code, said in answer.err, "secret" in answer.err) == (2, True, False), answer.err
    assert len(queries.all_links()) == 1


def test_another_key_leaves_links_that_are_out_open(
    database: str, command: Command, tmp_path: Path
) -> None:
    house = mailed(tmp_path / "in")
    assert command("link", "renew-key").code == 2
    assert "links-2.key" in command("link", "renew-key", "--yes").out
    assert (paths.keys() / "links-2.key").exists()
    with line(database) as web:
        opened(web, house.handle("A"), BY_HAND, support.NOW)
    assert on_file("A") == [("stay", False)]
    assert links.issued(house.stay, house.contacts, house.mailing)["A"].startswith("2")
