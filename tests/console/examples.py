"""Something that is there for every route whose address asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fadeout.accounts.permissions import Role
from fadeout.batches import operations as batches
from fadeout.contacts.models import Hold, Note
from tests import support
from tests.console import house_of_plans
from tests.console.contacts import house as contacts
from tests.console.visitors import somebody

Examples = Callable[[str, str], dict[str, Any] | None]


def examples(folder: Path) -> Examples:
    """A house in which every page has something to show; what the address of a route asks for."""
    house_of_plans.furnished(folder / "plans")
    run, later = house_of_plans.done(), house_of_plans.fresh()
    contacts.imported(folder / "contacts")
    contact = {"public_id": contacts.public_id("R")}
    eve = somebody(Role.SUPPORT, name="Eve").operator
    batch = batches.create(schedule="0 3 1 * *", told=[eve], by=eve, now=support.NOW)
    by_name: dict[str, dict[str, Any]] = {
        "hold": {**contact, "hold": Hold.objects.get().pk},
        "note": {**contact, "note": Note.objects.get().pk},
        "forgetting": {"plan": support.forgotten("1002").pk},
    }
    by_room: dict[str, dict[str, Any]] = {
        "plans": {"number": later.pk},
        "runs": {"number": run.pk},
        "contacts": contact,
        "batches": {"public_id": batch.public_id},
        "settings": {"public_id": eve.public_id},
    }

    def of(place: str, name: str) -> dict[str, Any] | None:
        if "<" not in place:
            return None
        return by_name.get(name) or by_room[place.split("/", maxsplit=1)[0]]

    return of
