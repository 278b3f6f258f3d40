"""What the house of the tests offers its contacts."""

from __future__ import annotations

from fadeout.contacts import offering
from fadeout.contacts.offering import (
    Choice,
    OfferedAuthorisation,
    OfferedCriterion,
    Offering,
    Words,
)
from tests import support

LETTER = OfferedAuthorisation(
    "institution", "email",
    {
        "en": Words("News by e-mail", "The theatre may write to me by e-mail."),
        "fr": Words("Nouvelles par e-mail", "Le théâtre peut m'écrire par e-mail."),
    },
)  # fmt: skip
PARTNERS = OfferedAuthorisation(
    "partners", "email", {"en": Words("Partners", "Partners may write to me.")}
)
INTEREST = OfferedCriterion(
    "likes", {"en": "I like", "de": "Ich mag"},
    (Choice("opera", {"en": "Opera", "de": "Oper"}), Choice("dance", {"en": "Dance"})),
)  # fmt: skip


def offered() -> Offering:
    """Three versions on: two authorisations and a criterion."""
    by, now = support.operator(), support.NOW
    seen = offering.in_force().number
    offering.offer_authorisation(LETTER, seen=seen, by=by, now=now)
    offering.offer_authorisation(PARTNERS, seen=seen + 1, by=by, now=now)
    return offering.offer_criterion(INTEREST, seen=seen + 2, by=by, now=now)
