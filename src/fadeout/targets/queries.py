"""Reads of targets: who is in one, how many, a few of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from fadeout.contacts.models import Contact
from fadeout.contacts.records import ON_FILE
from fadeout.core import clock, sql
from fadeout.institution import queries as institution
from fadeout.policy.outcomes import Activity
from fadeout.recency import operations as recency
from fadeout.sales.models import Organisation, Product
from fadeout.targets import compiling
from fadeout.targets.compiling import Ground, Others
from fadeout.targets.conditions import Ask, Condition, Group, Node, On, Value, conditions_of, read
from fadeout.targets.models import Target
from fadeout.targets.refusals import Refusal, TargetRefused
from fadeout.targets.words import Names

SAMPLE = 10


@dataclass(frozen=True)
class Sampled:
    """One of a target: who it is, and what somebody may see who must not find contacts."""

    contact: Contact
    recency_on: date | None
    activity: Activity | None


def all_targets() -> list[Target]:
    """Every target, by name."""
    return list(Target.objects.select_related("changed_by").order_by("name"))


def by_public_id(public_id: UUID) -> Target:
    """The target of this id.

    Raises:
        TargetRefused: UNKNOWN.
    """
    return _one(Target.objects.filter(public_id=public_id))


def by_name(name: str) -> Target:
    """The target of this name.

    Raises:
        TargetRefused: UNKNOWN.
    """
    return _one(Target.objects.filter(name=name))


def _one(found: QuerySet[Target]) -> Target:
    target = found.select_related("changed_by").first()
    if target is None:
        raise TargetRefused(Refusal.UNKNOWN)
    return target


def tree_of(target: Target) -> Group:
    """What a target asks."""
    tree, mistakes = read(target.conditions)
    if tree is None:
        raise ValueError(f"target {target.pk} holds conditions that cannot be read: {mistakes}")
    return tree


def ground(now: datetime, time_zone: str) -> Ground:
    """What questions rest on at this instant."""
    return Ground(
        today=clock.local_day(now, time_zone),
        time_zone=time_zone,
        months=institution.policy_in_force().months,
    )


def contacts(target: Target, now: datetime, time_zone: str) -> QuerySet[Contact]:
    """Who is in a target at this instant; nobody anonymised ever is.

    Recency is as it was decided last (``recency_as_of``): who must not be wrong about it decides anew.
    """
    node: Node = Condition(On.TARGET, Ask.IS, str(target.public_id))
    return compiling.contacts(node, ground(now, time_zone), others(node))


def asked(tree: Node, now: datetime, time_zone: str) -> QuerySet[Contact]:
    """The same for conditions that are not, or not yet, a target."""
    return compiling.contacts(tree, ground(now, time_zone), others(tree))


def others(*nodes: Node) -> Others:
    """The targets that these conditions ask about, and those that they ask about in turn."""
    found: dict[str, Node | int] = {}
    wanted = _named(nodes)
    while wanted:
        for target in Target.objects.filter(public_id__in=wanted):
            tree = target.pk if target.is_static else tree_of(target)
            found[str(target.public_id)] = tree
        if wanted - set(found):
            raise TargetRefused(Refusal.UNKNOWN)
        wanted = _named(node for node in found.values() if not isinstance(node, int)) - set(found)
    return found


def _named(nodes: Iterable[Node]) -> set[str]:
    return {c.value for node in nodes for c in conditions_of(node) if c.on is On.TARGET}


def count(found: QuerySet[Contact]) -> int:
    """How many there are."""
    with transaction.atomic():
        sql.plan_large_queries()
        return found.count()


def sample(found: QuerySet[Contact], size: int = SAMPLE) -> list[Sampled]:
    """A few of them: the same ones each time, in an order that says nothing."""
    with transaction.atomic():
        sql.plan_large_queries()
        rows = list(found.select_related("indicator").order_by("public_id")[:size])
    return [_sampled(contact) for contact in rows]


def _sampled(contact: Contact) -> Sampled:
    indicator = getattr(contact, "indicator", None)
    if indicator is None:
        return Sampled(contact, None, None)
    return Sampled(contact, indicator.recency_on, Activity(indicator.activity))


def names(*nodes: Node) -> Names:
    """What the organisations, products and targets of these conditions are called."""
    codes: dict[Value, set[str]] = {}
    for node in nodes:
        for condition in conditions_of(node):
            if condition.value_kind is not None:
                codes.setdefault(condition.value_kind, set()).add(condition.value)
    organisations, products = codes.get(Value.ORGANISATION), codes.get(Value.PRODUCT)
    targets = codes.get(Value.TARGET)
    return Names(
        organisations=dict(
            Organisation.objects.filter(code__in=organisations).values_list("code", "name")
        ) if organisations else {},
        products=dict(
            Product.objects.filter(code__in=products).values_list("code", "name")
        ) if products else {},
        targets={
            str(public_id): name
            for public_id, name in Target.objects.filter(public_id__in=targets).values_list(
                "public_id", "name"
            )
        } if targets else {},
    )  # fmt: skip


def organisations() -> list[tuple[str, str]]:
    """All organisations, by name: code and name."""
    return list(Organisation.objects.order_by("name", "code").values_list("code", "name"))


def products(most: int) -> list[tuple[str, str]]:
    """The first products by name: code and name."""
    return list(Product.objects.order_by("name", "code").values_list("code", "name")[:most])


def asked_by(target: Target) -> list[Target]:
    """The targets that ask about this one."""
    wanted = str(target.public_id)
    return [
        other
        for other in all_targets()
        if not other.is_static and any(
            c.on is On.TARGET and c.value == wanted for c in conditions_of(tree_of(other))
        )
    ]  # fmt: skip


def on_file(contact_number: str) -> Contact | None:
    """The contact of this number, if it is on file."""
    return ON_FILE.filter(contact_number=contact_number).first()


def recency_as_of() -> datetime | None:
    """When the recency of all contacts was last decided; nothing if it never was."""
    return recency.as_of()
