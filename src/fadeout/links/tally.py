"""What clicks of one contact on one mailing add to what is counted, and what is taken back again: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from fadeout.links.human import Earlier


def changes(
    before: Sequence[Earlier], after: Sequence[Earlier], *, turned: Collection[Earlier] = ()
) -> dict[str, list[Any]]:
    """Column by column, what to add: people, programs, and contacts who clicked for the first time.

    Args:
        before: what was on file.
        after: what is on file from now on, without those that were turned.
        turned: what was a human's before, and is a program's from now on.
    """
    known, lost = set(before), set(turned)
    people = {click: _human(click) for click in after if click not in known}
    people |= dict.fromkeys(lost, -1)
    programs = {click: int(click.automated) for click in after if click not in known}
    programs |= dict.fromkeys(lost, 1)
    had, has = _firsts(before), _firsts(after)
    contacts = {click: (click in has) - (click in had) for click in had ^ has}
    clicks = sorted(people.keys() | contacts.keys(), key=_order)
    return {
        "links": [click.link for click in clicks],
        "instants": [click.at for click in clicks],
        "humans": [people.get(click, 0) for click in clicks],
        "automats": [programs.get(click, 0) for click in clicks],
        "contacts": [contacts.get(click, 0) for click in clicks],
    }


def _human(click: Earlier) -> int:
    return int(not click.automated)


def _firsts(clicks: Iterable[Earlier]) -> set[Earlier]:
    """Of each link the first click of a human: by it the contact is counted."""
    found: dict[int, Earlier] = {}
    for click in sorted(clicks, key=_order, reverse=True):
        if not click.automated:
            found[click.link] = click
    return set(found.values())


def _order(click: Earlier) -> tuple[Any, int]:
    return click.at, click.key
