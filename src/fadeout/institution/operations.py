"""Founds the institution; remembers its operators and its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pycountry
from django.db import connection, transaction
from django.utils.translation import gettext as _

from fadeout.core.errors import BadInput, DidNotHold
from fadeout.institution import queries, signals
from fadeout.institution.models import Institution, Operator, PolicyVersion
from fadeout.keys import folder as key_folder
from fadeout.keys.tokens import ErasedTokens

#: What the fields of a policy can be: months, per cent, times, days, months.
POLICY_LIMITS = {
    "months": (1, 1_200),
    "largest_share": (1, 100),
    "largest_growth": (1, 10_000),
    "plan_days": (1, 3_650),
    "backup_months": (1, 1_200),
}


class PolicyChangedMeanwhile(DidNotHold):
    """Somebody else changed the policy that was looked at."""


def found(*, name: str, time_zone: str, currency: str, now: datetime) -> Institution:
    """Set up the one institution of this database, with the first version of its policy.

    Doing it again with the same values changes nothing.

    Raises:
        BadInput: an unknown time zone or currency, an empty name, or another house is here.
    """
    _check(name, time_zone, currency)
    with transaction.atomic():
        house = Institution.objects.first()
        if house is None:
            version = PolicyVersion.objects.create(number=1, created_at=now)
            house = Institution.objects.create(
                name=name, time_zone=time_zone, currency=currency, created_at=now
            )
            signals.founded.send(Institution, version=version, now=now)
    if (house.name, house.time_zone, house.currency) != (name, time_zone, currency):
        raise BadInput(
            f"This database already holds {house.name} ({house.time_zone}, {house.currency}).",
            way_out="One database holds one institution: use another FADEOUT_HOME or "
            "FADEOUT_DATABASE_URL for another house.",
        )
    return house


def change_policy(
    *, changes: Mapping[str, int | bool], by: Operator, now: datetime, seen: int | None = None
) -> PolicyVersion:
    """A new version of the policy, with these fields changed; the old ones stay with their plans.

    Args:
        seen: the number of the version that they looked at; any if left out.

    Raises:
        BadInput: a value lies outside what the field can mean; or nothing would change.
        PolicyChangedMeanwhile: another version is in force than they looked at.
    """
    with transaction.atomic():
        # One at a time, so that numbers follow one another: whoever comes second sees the new one.
        Institution.objects.select_for_update().get()
        latest = PolicyVersion.objects.latest("number")
        if seen not in (None, latest.number):
            raise PolicyChangedMeanwhile(
                _("The policy has changed meanwhile (version %(number)s). Nothing was changed.")
                % {"number": latest.number},
                way_out=_("Look at it as it is now."),
            )
        changed = {name: value for name, value in changes.items() if getattr(latest, name) != value}
        if not changed:
            already = _("The policy says that already (version %(number)s).")
            raise BadInput(already % {"number": latest.number})
        for name, value in changed.items():
            low, high = POLICY_LIMITS.get(name, (0, 1))
            if not low <= value <= high:
                between = _("%(name)s must lie between %(low)s and %(high)s.")
                raise BadInput(between % {"name": name.replace("_", " "), "low": low, "high": high})
            setattr(latest, name, value)
        latest.number += 1
        latest.created_at, latest.created_by = now, by
        latest.save(force_insert=True)
        signals.policy_changed.send(PolicyVersion, version=latest, by=by, now=now)
    return latest


def operator(*, name: str, now: datetime) -> Operator:
    """The operator of this name, known by an opaque id everywhere else."""
    if not name.strip():
        raise BadInput("An operator needs a name.", way_out="Give one with --by NAME.")
    known, _ = Operator.objects.get_or_create(name=name.strip(), defaults={"created_at": now})
    return known


def erased_tokens(house: Institution, folder: Path) -> ErasedTokens:
    """The tokens of the key folder, once it is sure that it is this house's own.

    Raises:
        BadInput: the house was used with another key folder.
    """
    found_id = key_folder.key_id(folder)
    if house.key_id is None:
        house.key_id = found_id
        house.save(update_fields=["key_id"])
    if house.key_id != found_id:
        raise BadInput(
            _("The key folder %(folder)s is not the one that this house was used with.")
            % {"folder": folder},
            way_out=_(
                "Set FADEOUT_KEYS to that folder, or put it back from its backup: without it, contacts "
                "that were erased would not be recognised."
            ),
        )
    return ErasedTokens(folder)


def known_tokens(folder: Path) -> ErasedTokens | None:
    """The tokens of this database's house, if the key folder is its own and there are any.

    Raises:
        BadInput: there is no house here.
    """
    house = queries.current()
    if not (folder / ErasedTokens.FILE).exists() or house.key_id != key_folder.key_id(folder):
        return None
    return ErasedTokens(folder)


def _check(name: str, time_zone: str, currency: str) -> None:
    if not name.strip():
        raise BadInput("The house needs a name.", way_out="Give one with --name.")
    if not _known_time_zone(time_zone):
        raise BadInput(
            f"{time_zone} is not a time zone that both Python and PostgreSQL know.",
            way_out="Give one of the IANA names, such as Europe/Zurich, with --time-zone.",
        )
    if pycountry.currencies.get(alpha_3=currency) is None or not currency.isupper():
        raise BadInput(
            f"{currency} is not a currency of ISO 4217.",
            way_out="Give three capital letters, such as CHF or EUR, with --currency.",
        )


def _known_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_timezone_names WHERE name = %s", [name])
        return cursor.fetchone() is not None
