"""Reads of the institution, its policy and its operators."""

from __future__ import annotations

from django.db import ProgrammingError

from fadeout.core.errors import BadInput
from fadeout.institution.models import Institution, PolicyVersion

POLICY_FIELDS = (
    "months", "largest_share", "largest_growth", "plan_days", "two_people", "backup_months",
)  # fmt: skip
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


def policy_versions() -> list[PolicyVersion]:
    """Every version of the policy, the newest first, with who made it."""
    return list(PolicyVersion.objects.select_related("created_by").order_by("-number"))


def policy_values(version: PolicyVersion) -> dict[str, int]:
    """A version of the policy in figures: its number and what it says."""
    return {name: getattr(version, name) for name in ("number", *POLICY_FIELDS)}
