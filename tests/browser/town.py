"""A small house of which every contact is known by name, for stories: who is due, who stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fadeout.core import clock
from tests import support
from tests.model.house import Authorisation, at
from tests.plans.house import contact, house, sale

#: Two of them are due, and two stay.
DUE, KEPT = 2, 2


def settled(folder: Path) -> None:
    """Found the house and import it."""
    yesterday = clock.now() - timedelta(days=1)
    support.imported(
        house(
            contact("1001", first_name="Ada", last_name="Prospect", town="Genève", country="CH"),
            contact("1002", first_name="Bruno", last_name="Buyer", town="Genève", country="CH"),
            *sale("O1", "1002"),
            contact("1003", first_name="Clara", last_name="Müller", email="clara@example.org",
                    created_at=yesterday),
            contact("1004", kind="structure", last_name="Lake School"),
            Authorisation(contact_number="1003", value="no", changed_at=at("2020-01-01T12:00Z")),
        ),
        folder,
    )  # fmt: skip
