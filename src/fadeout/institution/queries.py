"""Reads of the institution, its policy and its operators."""

from __future__ import annotations

from django.db import ProgrammingError

from fadeout.core.errors import BadInput
from fadeout.institution.models import Institution, PolicyVersion

SET_UP_FIRST = "Run fadeout init --name NAME --time-zone ZONE --currency CODE first."


def current() -> Institution:
    """The institution of this database.

    Raises:
        BadInput: there is none yet.
    """
    try:
        house = Institution.objects.first()
    except ProgrammingError:
        house = None
    if house is None:
        raise BadInput("This database holds no house yet.", way_out=SET_UP_FIRST)
    return house


def policy_in_force() -> PolicyVersion:
    """The latest version of the policy."""
    return PolicyVersion.objects.latest("number")
