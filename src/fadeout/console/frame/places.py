"""Where pages of other rooms are, if they are there at all."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def link(route: str, *arguments: object) -> str | None:
    """The address of a route; None where this console has no such page."""
    try:
        return reverse(route, args=arguments)
    except NoReverseMatch:
        return None
