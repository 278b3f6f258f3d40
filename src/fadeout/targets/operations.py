"""Makes targets, changes them, freezes and removes them.

What could go wrong, and what prevents it:

- A target asks about itself, by way of others: the whole way is followed before anything is kept, by one at a
  time, and the error names the loop.
- Targets that ask about each other ask more than any database answers: what they ask in all is limited.
- Targets that ask about each other ask more than any database answers: what they ask in all is limited.
- Two people change one: whoever saw another than there is now is refused.
- A target is removed that another one needs: refused, with the names of those that do.
- Somebody is erased while a target is frozen: contacts are locked before they become members, and whoever is
  gone by then is none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, QuerySet

from fadeout.contacts.models import Authorisation, Contact
from fadeout.contacts.words import CHANNELS, PURPOSES
from fadeout.core import sql
from fadeout.institution.models import Operator
from fadeout.ledger import operations as ledger
from fadeout.ledger.models import Kind
from fadeout.sales.models import Organisation, Product
from fadeout.targets import queries, sizes
from fadeout.targets.conditions import (
    Condition,
    Fault,
    Group,
    Mistake,
    Node,
    On,
    Path,
    Value,
    conditions_of,
    read,
)
from fadeout.targets.models import Target
from fadeout.targets.refusals import ConditionsRefused, Refusal, TargetRefused

LONGEST_NAME = 120
#: Stands for the id of a target that is not kept yet.
NEW = "new"
LOCK_ID = 0x666164746172  # "fadtar": any fixed number will do


def check(data: Any, *, of: Target | None = None) -> Group:
    """The tree that some data holds, with everything that it names on file.

    Args:
        data: as it came, from a form or a file.
        of: the target that it is for, if there is one already.

    Raises:
        ConditionsRefused: every mistake, with its place.
    """
    tree, mistakes = read(data)
    if tree is not None:
        mistakes = _unknown(tree, of)
    if tree is None or mistakes:
        raise ConditionsRefused(mistakes, data)
    return tree


@transaction.atomic
def add(
    *, name: str, conditions: Any, by: Operator, now: datetime, public_id: UUID | None = None
) -> Target:
    """A new target, asked anew each time.

    Args:
        name: what it is called.
        conditions: the tree, as data.
        by: who makes it.
        now: this instant.
        public_id: what it is known by, so that what is sent twice makes one; chosen if left out.

    Raises:
        ConditionsRefused: every mistake, with its place.
        TargetRefused: NAME_MISSING, NAME_TOO_LONG, NAME_TAKEN, MADE_ALREADY.
    """
    tree = check(conditions)
    return _kept(Target(
        public_id=public_id or uuid4(), name=_name(name), conditions=tree.data(),
        created_at=now, changed_at=now, changed_by=by,
    ))  # fmt: skip


@transaction.atomic
def change(  # noqa: PLR0913 - what a target is made of
    target: Target, *, name: str, conditions: Any, seen: str, by: Operator, now: datetime
) -> Target:
    """Another name, other conditions; of one that is frozen, the name alone.

    Raises:
        ConditionsRefused: every mistake, with its place.
        TargetRefused: UNKNOWN, NAME_MISSING, NAME_TOO_LONG, NAME_TAKEN, CHANGED_MEANWHILE, FROZEN.
    """
    _one_at_a_time()
    found = _locked(target)
    if found.stamp != seen:
        raise TargetRefused(Refusal.CHANGED_MEANWHILE)
    if found.is_static and conditions != found.conditions:
        raise TargetRefused(Refusal.FROZEN)
    found.name = _name(name)
    if not found.is_static:
        found.conditions = check(conditions, of=found).data()
    found.changed_at, found.changed_by = now, by
    return _kept(found)


@transaction.atomic
def freeze(  # noqa: PLR0913 - what a target is made of
    target: Target, *, name: str, by: Operator, now: datetime, time_zone: str,
    public_id: UUID | None = None,
) -> Target:  # fmt: skip
    """A new target of whoever is in this one at this instant; only erasure takes anybody out.

    Raises:
        TargetRefused: UNKNOWN, NAME_MISSING, NAME_TOO_LONG, NAME_TAKEN, MADE_ALREADY.
    """
    target = _locked(target)
    frozen = _kept(Target(
        public_id=public_id or uuid4(), name=_name(name), conditions=target.conditions,
        created_at=now, changed_at=now, changed_by=by, frozen_at=now,
    ))  # fmt: skip
    _fill(frozen, queries.contacts(target, now, time_zone), by=by, now=now)
    return frozen


@transaction.atomic
def add_frozen(
    *, name: str, conditions: Any, by: Operator, now: datetime, time_zone: str
) -> Target:
    """A new target of whoever these conditions hold of at this instant; as :func:`freeze`.

    Raises:
        ConditionsRefused: every mistake, with its place.
        TargetRefused: NAME_MISSING, NAME_TOO_LONG, NAME_TAKEN.
    """
    tree = check(conditions)
    frozen = _kept(Target(
        public_id=uuid4(), name=_name(name), conditions=tree.data(),
        created_at=now, changed_at=now, changed_by=by, frozen_at=now,
    ))  # fmt: skip
    _fill(frozen, queries.asked(tree, now, time_zone), by=by, now=now)
    return frozen


def _fill(frozen: Target, found: QuerySet[Contact], *, by: Operator, now: datetime) -> None:
    """Make these contacts its members, as far as they are still on file once they are locked."""
    sql.plan_large_queries()
    ids, parameters = found.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO targets_member (target_id, contact_id)"  # noqa: S608 - compiled by the ORM
            f" SELECT %s, c.id FROM contacts_contact AS c WHERE c.id IN ({ids})"
            " AND c.anonymised_on IS NULL ORDER BY c.id FOR KEY SHARE OF c",
            [frozen.pk, *parameters],
        )
        _record(frozen, "frozen", by=by, now=now, contacts=cursor.rowcount)


@transaction.atomic
def remove(target: Target, *, by: Operator, now: datetime) -> None:
    """Remove a target that nothing needs; contacts stay as they are.

    Raises:
        TargetRefused: UNKNOWN, NEEDED.
    """
    _one_at_a_time()
    found = _locked(target)
    if needing := queries.asked_by(found):
        raise TargetRefused(Refusal.NEEDED, needed_by=[other.name for other in needing])
    _record(found, "removed", by=by, now=now)
    try:
        found.delete()
    except ProtectedError:
        raise TargetRefused(Refusal.NEEDED) from None


def record_export(target: Target, count: int, *, by: Operator, now: datetime) -> None:
    """Put on record who took the list of a target, and how many contacts were on it."""
    with transaction.atomic():
        _record(target, "exported", by=by, now=now, contacts=count)


def _record(target: Target, done: str, *, by: Operator, now: datetime, **figures: int) -> None:
    facts = {"target": target.public_id, "done": done, **figures}
    ledger.record(Kind.TARGET, by=by, now=now, facts=facts)


def _one_at_a_time() -> None:
    """Two changes, each sound, must not close a loop between them."""
    sql.rows("SELECT pg_advisory_xact_lock(%(id)s)", {"id": LOCK_ID})


def _locked(target: Target) -> Target:
    found = Target.objects.select_for_update().filter(pk=target.pk).first()
    if found is None:
        raise TargetRefused(Refusal.UNKNOWN)
    return found


def _kept(target: Target) -> Target:
    try:
        with transaction.atomic():
            target.save()
    except IntegrityError:
        made = Target.objects.filter(public_id=target.public_id).exclude(pk=target.pk).exists()
        raise TargetRefused(Refusal.MADE_ALREADY if made else Refusal.NAME_TAKEN) from None
    return target


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or any(unicodedata.category(c) in ("Cs", "Cc") for c in name):
        raise TargetRefused(Refusal.NAME_MISSING)
    if len(name) > LONGEST_NAME:
        raise TargetRefused(Refusal.NAME_TOO_LONG)
    return name


def _unknown(tree: Group, of: Target | None) -> list[Mistake]:
    """What the conditions name that is not on file, and targets that lead back to this one."""
    known = {
        Value.ORGANISATION: set(Organisation.objects.values_list("code", flat=True)),
        Value.PRODUCT: set(_codes(tree)),
    }
    targets = {str(one.public_id): one for one in queries.all_targets()}
    mistakes = []
    for path, condition in _placed(tree, ()):
        kind, value = condition.value_kind, condition.value
        if kind in known and value not in known[kind]:
            mistakes.append(Mistake(path, "value", Fault.UNKNOWN_CODE))
        elif kind is Value.ANSWER:
            mistakes += [Mistake(path, e, Fault.UNKNOWN_CODE) for e in _unknown_codes(condition)]
        elif kind is Value.TARGET and value not in targets:
            mistakes.append(Mistake(path, "value", Fault.UNKNOWN_TARGET))
        elif kind is Value.TARGET and of and (loop := _loop(value, str(of.public_id), targets)):
            named = " → ".join(f"“{targets[one].name}”" for one in (str(of.public_id), *loop))
            mistakes.append(Mistake(path, "value", Fault.LOOP, named))
    return mistakes or _too_much(tree, of, targets)


def _too_much(tree: Group, of: Target | None, targets: Mapping[str, Target]) -> list[Mistake]:
    """Whether it asks too much with the targets that it asks about; or those that ask about it then do."""
    if of is None and all(condition.on is not On.TARGET for condition in conditions_of(tree)):
        return []
    trees: dict[str, Node] = {
        key: queries.tree_of(one) for key, one in targets.items() if not one.is_static
    }
    trees[str(of.public_id) if of else NEW] = tree
    is_too_much = sizes.largest(trees).is_too_much
    return [Mistake((), "", Fault.TOO_MUCH)] if is_too_much else []


def _codes(tree: Group) -> list[str]:
    """Of products there may be many: only those that are asked about."""
    asked = {c.value for c in conditions_of(tree) if c.value_kind is Value.PRODUCT}
    return (
        list(Product.objects.filter(code__in=asked).values_list("code", flat=True)) if asked else []
    )


def _unknown_codes(asked: Condition) -> list[str]:
    """Which of purpose and channel are misspelt: of such a one everybody never answered."""
    return [
        entry
        for entry, known in (("purpose", PURPOSES), ("channel", CHANNELS))
        if (code := getattr(asked, entry)) not in known
        and not Authorisation.objects.filter(**{entry: code}).exists()
    ]


def _placed(node: Node, path: Path) -> list[tuple[Path, Condition]]:
    if isinstance(node, Condition):
        return [(path, node)]
    return [placed for n, part in enumerate(node.parts) for placed in _placed(part, (*path, n))]


def _loop(start: str, home: str, targets: dict[str, Target]) -> list[str]:
    """The way from one target back to another, if there is one."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop()
        if way[-1] == home:
            return way
        target = targets[way[-1]]
        if target.is_static:
            continue
        for condition in conditions_of(queries.tree_of(target)):
            if condition.on is On.TARGET and condition.value not in seen:
                seen.add(condition.value)
                ways.append([*way, condition.value])
    return []
