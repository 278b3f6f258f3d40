"""Where operators get mail."""

from __future__ import annotations

from fadeout.batches.notices import Address
from fadeout.institution.models import Operator


def find(operator: Operator) -> Address | None:  # noqa: ARG001 - nobody has one yet
    """The address and language of an operator; None if they have none, or left."""
    return None
