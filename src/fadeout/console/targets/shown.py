"""Turns targets into what their pages show. Names are for those who may find contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fadeout.accounts.permissions import Permission
from fadeout.contacts.words import KINDS
from fadeout.core.places import country_name, language_name
from fadeout.recency.words import ACTIVITIES
from fadeout.targets import queries, words
from fadeout.targets.conditions import Group, Node
from fadeout.targets.words import Names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from fadeout.console.frame.desk import Request
    from fadeout.contacts.models import Contact
    from fadeout.targets.models import Target
    from fadeout.targets.queries import Sampled


def listed(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Each target with what it asks, on one line."""
    trees = [queries.tree_of(target) for target in targets]
    names = queries.names(*trees)
    return [
        {"target": target, "asks": words.in_words(tree, names)}
        for target, tree in zip(targets, trees, strict=True)
    ]


def asks(target: Target) -> dict[str, Any]:
    """What a target asks, part by part."""
    return tree(queries.tree_of(target))


def tree(node: Node) -> dict[str, Any]:
    """A tree of conditions in words."""
    return _told(node, queries.names(node))


def _told(node: Node, names: Names) -> dict[str, Any]:
    if isinstance(node, Group):
        if not node.parts:
            return {"says": words.in_words(node, names), "parts": []}
        return {"says": words.HOWS[node.how], "parts": [_told(part, names) for part in node.parts]}
    return {"says": words.condition(node, names), "parts": []}


def found(asked: QuerySet[Contact], request: Request) -> dict[str, Any]:
    """How many there are, and a few of them."""
    names = request.user.may(Permission.FIND_CONTACTS)
    return {
        "count": queries.count(asked),
        "sample": [_one(sampled, names=names) for sampled in queries.sample(asked)],
        "names": names,
        "recency_as_of": queries.recency_as_of(),
    }


def _one(sampled: Sampled, *, names: bool) -> dict[str, Any]:
    contact = sampled.contact
    told: dict[str, Any] = {
        "kind": KINDS[contact.kind],
        "language": language_name(contact.language) if contact.language else "",
        "country": country_name(contact.country) if contact.country else "",
        "has_email": contact.email is not None,
        "recency_on": sampled.recency_on,
        "activity": ACTIVITIES[sampled.activity] if sampled.activity else "",
    }
    if names:
        told |= {
            "public_id": contact.public_id,
            "number": contact.contact_number,
            "name": " ".join(filter(None, (contact.first_name, contact.last_name))),
        }
    return told
