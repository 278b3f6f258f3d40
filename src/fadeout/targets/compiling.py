"""Turns a tree of conditions into a query of the ORM over the contacts on file.

What could go wrong, and what prevents it:

- Somebody who was anonymised is in: every query begins with the contacts on file.
- Values reach SQL: all of them go through the ORM, as parameters.
- Nothing and something compare as "perhaps": each condition is true or false of each contact; what is not on
  file is not so.
- "Due" says something else than a plan would: the cutoff comes from the policy's own months, computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import reduce
from operator import and_, or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Collate, Length
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from fadeout.contacts.models import Answer, Authorisation, Contact, Criterion
from fadeout.contacts.records import ON_FILE
from fadeout.policy import periods
from fadeout.policy.outcomes import Activity
from fadeout.sales.models import LineKind, Order, OrderLine
from fadeout.targets.conditions import Ask, Condition, How, Node, On
from fadeout.targets.models import Member

#: What is known of another target: its tree, or the key of one that is frozen.
Others = Mapping[str, Node | int]
EVERYBODY, NOBODY = Q(pk__isnull=False), Q(pk__isnull=True)


@dataclass(frozen=True)
class Ground:
    """What a question rests on: the institution's day, its time zone, the policy's period."""

    today: date
    time_zone: str
    months: int

    def cutoff_in(self, months: int) -> date:
        """Before which day recency must lie to be inactive so many months from today."""
        return periods.cutoff(periods.months_after(self.today, months), self.months)

    def begins(self, day: date) -> datetime:
        """The first instant of a day in the time zone, also where clocks change at midnight."""
        zone = ZoneInfo(self.time_zone)
        first = datetime.combine(day, time.min, zone).astimezone(UTC)
        if first.astimezone(zone).date() < day:
            first = datetime.combine(day, time.min, zone).replace(fold=1).astimezone(UTC)
        return first


def contacts(tree: Node, ground: Ground, others: Others) -> QuerySet[Contact]:
    """The contacts on file of whom the tree is true."""
    return ON_FILE.filter(of(tree, ground, others))


def of(node: Node, ground: Ground, others: Others) -> Q:
    """What a part of a tree asks, of each contact true or false."""
    if isinstance(node, Condition):
        if node.on is On.TARGET:
            return _of_target(others[node.value], ground, others)
        return _COMPILERS[node.on](node, ground)
    parts = [of(part, ground, others) for part in node.parts]
    if not parts:
        return EVERYBODY if node.how is How.ALL else NOBODY
    joined = reduce(and_ if node.how is How.ALL else or_, parts)
    return ~joined if node.how is How.NONE else joined


def _of_target(other: Node | int, ground: Ground, others: Others) -> Q:
    if isinstance(other, int):
        return Q(Exists(Member.objects.filter(target=other, contact=OuterRef("pk"))))
    return of(other, ground, others)


def _recency(asked: Condition, ground: Ground) -> Q:
    if asked.test is Ask.BEFORE:
        return Q(indicator__recency_on__lt=asked.day)
    if asked.test is Ask.FROM:
        return Q(indicator__recency_on__gte=asked.day)
    if asked.test is Ask.DUE_WITHIN:
        return Q(indicator__recency_on__lt=ground.cutoff_in(asked.months))
    return Q(indicator__activity=Activity.CREATED)


def _created(asked: Condition, ground: Ground) -> Q:
    begins = ground.begins(asked.day)
    return Q(created_at__lt=begins) if asked.test is Ask.BEFORE else Q(created_at__gte=begins)


def _criterion(asked: Condition, _ground: Ground) -> Q:
    changes = Criterion.objects.filter(criterion=asked.name)
    given = {"value": asked.value} if asked.test is Ask.IS else {"value__isnull": False}
    is_set = _in_force(changes, changes.filter(**given))
    return ~is_set if asked.test is Ask.NOT_SET else is_set


def _authorisation(asked: Condition, _ground: Ground) -> Q:
    answers = Authorisation.objects.filter(purpose=asked.purpose, channel=asked.channel)
    if asked.value == Answer.UNANSWERED:
        return ~_in_force(answers, answers.filter(value__in=[Answer.YES, Answer.NO]))
    return _in_force(answers, answers.filter(value=asked.value))


def _in_force(history: QuerySet[Any], wanted: QuerySet[Any]) -> Q:
    """Whether one of the wanted rows is the latest of its contact's history."""
    newer = history.filter(contact=OuterRef("contact"), changed_at__gt=OuterRef("changed_at"))
    return Q(Exists(wanted.filter(~Exists(newer), contact=OuterRef("pk"))))


def _bought(asked: Condition, _ground: Ground) -> Q:
    """Orders first, then their lines: half the time of both at once, where many bought."""
    orders = Order.objects.filter(purchase_contact=OuterRef("pk"))
    sales = OrderLine.objects.filter(kind=LineKind.SALE, order=OuterRef("pk"))
    if asked.on is On.ORGANISATION:
        orders = orders.filter(organisation__code=asked.value)
    elif asked.test is Ask.IS:
        sales = sales.filter(product__code=asked.value)
    else:
        sales = sales.filter(product__dated=asked.test is Ask.DATED)
    return Q(Exists(orders.filter(Exists(sales))))


def _postcode(asked: Condition, ground: Ground) -> Q:
    if asked.test is Ask.BEGINS:
        return Q(postcode__startswith=asked.value)
    if asked.test is Ask.BETWEEN:
        bytewise = Collate("postcode", "C")
        return Q(
            GreaterThanOrEqual(bytewise, asked.value),
            LessThanOrEqual(bytewise, asked.until),
            Exact(Length("postcode"), len(asked.value)),
            postcode__isnull=False,
        )
    return _column(asked, ground)


def _language(asked: Condition, ground: Ground) -> Q:
    """A language with all its regions, "de-CH" within "de"."""
    if asked.test is not Ask.IS:
        return _column(asked, ground)
    return Q(language=asked.value) | Q(language__startswith=f"{asked.value}-")


def _column(asked: Condition, _ground: Ground) -> Q:
    if asked.test is Ask.IS:
        return Q(**{str(asked.on): asked.value})
    return Q(**{f"{asked.on}__isnull": asked.test is Ask.NOT_SET})


_COMPILERS: Mapping[On, Callable[[Condition, Ground], Q]] = {
    On.RECENCY: _recency,
    On.CREATED: _created,
    On.CRITERION: _criterion,
    On.AUTHORISATION: _authorisation,
    On.ORGANISATION: _bought,
    On.PRODUCT: _bought,
    On.POSTCODE: _postcode,
    On.LANGUAGE: _language,
    On.KIND: _column,
    On.COUNTRY: _column,
    On.EMAIL: _column,
}
