"""A house with tracked links, and what people and programs send when they open one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from fadeout.contacts.models import Contact
from fadeout.core import paths
from fadeout.links import clicks, operations
from fadeout.links.clicks import Clicked, Opened
from fadeout.links.human import Asked
from fadeout.links.models import Click, TrackedLink
from fadeout.links.tokens import LinkKeys
from tests import support
from tests.plans.house import contact, house, sale

NOW = support.NOW
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BY_HAND = Asked(method="GET", user_agent=FIREFOX)
BY_A_SCANNER = Asked(method="GET", user_agent="Mozilla/5.0 (compatible; Barracuda Sentinel)")


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Mailed:
    """Two links of one mailing, issued to contacts A and B, of whom B bought."""

    stay: TrackedLink
    season: TrackedLink
    mailing: uuid.UUID
    contacts: dict[str, int]
    tokens: dict[tuple[str, str], str]

    def handle(self, number: str, name: str = "stay") -> int:
        found = keys().handle(self.tokens[number, name])
        assert found is not None
        return found


def keys() -> LinkKeys:
    return LinkKeys(paths.keys())


def link(name: str, destination: str = "https://www.example.org/") -> TrackedLink:
    return operations.add(name=name, destination=destination, by=support.operator(), now=NOW)


def mailed(folder: Path, *, expires_at: datetime | None = None) -> Mailed:
    """A house in which a mailing went out."""
    people = house(
        contact("A"), contact("B", last_name="Quillfeather"), contact("C"), *sale("O1", "B")
    )
    support.imported(people, folder)
    contacts = dict(Contact.objects.values_list("contact_number", "pk"))
    mailing = uuid.uuid4()
    made = {name: link(name, f"https://www.example.org/{name}") for name in ("stay", "season")}
    tokens = {
        (number, name): token
        for name, each in made.items()
        for number, token in issued(each, contacts, mailing, expires_at).items()
    }
    return Mailed(made["stay"], made["season"], mailing, contacts, tokens)


def issued(
    of: TrackedLink,
    contacts: dict[str, int],
    mailing: uuid.UUID,
    expires_at: datetime | None = None,
) -> dict[str, str]:
    """A link for A and B; C gets none."""
    wanted = [contacts["A"], contacts["B"]]
    found = operations.issue(
        of, contacts=wanted, issued_for=mailing, expires_at=expires_at, keys=keys(), now=NOW
    )
    return {number: found[key] for number, key in contacts.items() if key in found}


def opened(web: psycopg.Connection[Any], what: int | str, asked: Asked, now: datetime) -> Clicked:
    """Somebody opens a link alone: what became of it."""
    named = {"code": what} if isinstance(what, str) else {"handle": what}
    [found] = clicks.write(web, [Opened(asked, now, **named)], waits=True)  # type: ignore[arg-type]
    assert found is not None
    return found


@contextmanager
def line(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the web server has it."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def on_file(number: str) -> list[tuple[str, bool]]:
    """What is on file of a contact's clicks: the link, and whether it was a program."""
    found = Click.objects.filter(contact__contact_number=number).order_by("clicked_at", "pk")
    return list(found.values_list("link", "automated"))
