"""A house in which people differ in everything that can be asked about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from tests.model.house import (
    Authorisation,
    Click,
    Criterion,
    House,
)
from tests.plans.house import contact, house, line, order

LANGUAGES = (None, "fr", "de", "de-CH", "den")
COUNTRIES = (None, "CH", "FR")
POSTCODES = (None, "1200", "1205", "12050", "8001", "SW1A 1AA")
CRITERIA, VALUES = ("likes", "segment"), ("jazz", "opera", None)
PURPOSES, CHANNELS = ("institution", "partners"), ("email", "sms")
ANSWERS = ("yes", "no", "unanswered")
KINDS = ("individual", "relay", "structure")
ORGANISATIONS, PRODUCTS = ("opera", "shop"), ("play", "voucher")
#: Around midnight in Zurich, on days that conditions name too.
INSTANTS = tuple(
    datetime(2023, 6, 1, tzinfo=UTC) + timedelta(days=days, hours=hours)
    for days in (-1000, -400, -1, 0, 1, 300)
    for hours in (21.5, 22.5, 12)
)


def town(seed: int, people: int = 30) -> House:
    """So many people, different with each seed."""
    dice = Random(seed)  # noqa: S311 - no secret
    rows: list[object] = [contact("S", kind="structure")]
    for number in range(people):
        name = f"P{number:02}"
        kind = dice.choice(KINDS)
        rows.append(contact(
            name, kind=kind, structure="S" if kind == "relay" else None, first_name="Ann",
            last_name=f"Ace{number}", language=dice.choice(LANGUAGES), country=dice.choice(COUNTRIES),
            postcode=dice.choice(POSTCODES), created_at=dice.choice(INSTANTS),
            email=f"{name}@example.org" if dice.random() < 0.5 else None,
        ))  # fmt: skip
        rows += _labels(dice, name)
        if dice.random() < 0.6:
            rows.append(order(
                name, name, organisation=dice.choice(ORGANISATIONS), ordered_at=dice.choice(INSTANTS)
            ))  # fmt: skip
            rows += [
                line(
                    name, line=n + 1, product=dice.choice(PRODUCTS),
                    kind=dice.choice(("sale", "sale", "option")), valid_until=dice.choice(INSTANTS),
                )
                for n in range(dice.randrange(3))
            ]  # fmt: skip
        if dice.random() < 0.3:
            rows.append(
                Click(click_number=name, contact_number=name, clicked_at=dice.choice(INSTANTS))
            )
    return house(*rows)


def _labels(dice: Random, name: str) -> list[object]:
    return [
        *(
            Criterion(
                contact_number=name, criterion=criterion, changed_at=instant, value=dice.choice(VALUES),
                origin=dice.choice(("operator", "import")),
            )
            for criterion in CRITERIA
            for instant in dice.sample(INSTANTS, dice.randrange(3))
        ),
        *(
            Authorisation(
                contact_number=name, purpose=purpose, channel=channel, changed_at=instant,
                value=dice.choice(ANSWERS), origin=dice.choice(("contact", "import")),
            )
            for purpose in PURPOSES
            for channel in CHANNELS
            for instant in dice.sample(INSTANTS, dice.randrange(3))
        ),
    ]  # fmt: skip
