"""Why a contact is in a target or not: each condition, whether it holds, and what is on file.

What could go wrong: the explanation says something else than the target does. So whether a condition holds is
asked of the database by the very query that finds the members, for this one contact, and all conditions in
one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, When
from django.db.models import Value as Literal
from django.utils.translation import gettext as _

from fadeout.contacts.models import Answer, Authorisation, Contact, Criterion
from fadeout.contacts.records import ON_FILE
from fadeout.contacts.words import ANSWERS, KINDS
from fadeout.core import dates
from fadeout.core.places import country_name, language_name
from fadeout.recency.words import ACTIVITIES
from fadeout.sales.models import LineKind, OrderLine
from fadeout.targets import compiling, queries, words
from fadeout.targets.conditions import Ask, Condition, Group, How, Node, On
from fadeout.targets.models import Target

MOST_NAMED = 5


@dataclass(frozen=True)
class Why:
    """One part of a tree: what it asks, whether it holds of the contact, what was found.

    ``parts`` tell the rest of a group, and of a target that is asked about.
    """

    says: str
    holds: bool
    found: str = ""
    how: How | None = None
    parts: tuple[Why, ...] = ()


def why(target: Target, contact: Contact, now: datetime, time_zone: str) -> Why | None:
    """Why a contact is in a target at this instant, or not; nothing if it is not on file any more."""
    root = Condition(On.TARGET, Ask.IS, str(target.public_id))
    ground, others = queries.ground(now, time_zone), queries.others(root)
    nodes = [
        root,
        *(n for tree in others.values() if not isinstance(tree, int) for n in _all(tree)),
    ]
    asked = {f"n{number}": compiling.of(node, ground, others) for number, node in enumerate(nodes)}
    found = (
        ON_FILE.filter(pk=contact.pk)
        .select_related("indicator")
        .annotate(**{
            name: Case(When(q, then=Literal(True)), default=Literal(False), output_field=BooleanField())
            for name, q in asked.items()
        })
        .first()
    )  # fmt: skip
    if found is None:
        return None
    holds = {node: bool(getattr(found, f"n{number}")) for number, node in enumerate(nodes)}
    names = queries.names(*nodes)
    return _Telling(found, time_zone, holds, others, names).of(root)


def _all(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Group):
        for part in node.parts:
            yield from _all(part)


@dataclass(frozen=True)
class _Telling:
    contact: Contact
    time_zone: str
    holds: Mapping[Node, bool]
    others: compiling.Others
    names: words.Names

    def of(self, node: Node) -> Why:
        if isinstance(node, Group):
            parts = tuple(self.of(part) for part in node.parts)
            return Why(str(words.HOWS[node.how]), self.holds[node], how=node.how, parts=parts)
        says, holds = words.condition(node, self.names), self.holds[node]
        if node.on is On.TARGET:
            other = self.others[node.value]
            parts = () if isinstance(other, int) else (self.of(other),)
            return Why(says, holds, self.membership(other, holds=holds), parts=parts)
        return Why(says, holds, _FINDERS[node.on](self, node))

    def membership(self, other: Node | int, *, holds: bool) -> str:
        if not isinstance(other, int):
            return ""
        return _("was in when it was frozen") if holds else _("was not in when it was frozen")

    def recency(self, _asked: Condition) -> str:
        indicator = getattr(self.contact, "indicator", None)
        if indicator is None:
            return _("not decided yet")
        return _("%(day)s (%(activity)s)") % {
            "day": dates.written(indicator.recency_on),
            "activity": ACTIVITIES[indicator.activity],
        }

    def created(self, _asked: Condition) -> str:
        return dates.written(self.contact.created_at.astimezone(ZoneInfo(self.time_zone)).date())

    def criterion(self, asked: Condition) -> str:
        history = Criterion.objects.filter(contact=self.contact, criterion=asked.name)
        latest = history.order_by("-changed_at").values_list("value", flat=True).first()
        return latest or _("not set")

    def authorisation(self, asked: Condition) -> str:
        history = Authorisation.objects.filter(
            contact=self.contact, purpose=asked.purpose, channel=asked.channel
        )
        latest = history.order_by("-changed_at").values_list("value", flat=True).first()
        return str(ANSWERS[latest or Answer.UNANSWERED])

    def organisation(self, _asked: Condition) -> str:
        return self._bought("order__organisation__name")

    def product(self, _asked: Condition) -> str:
        return self._bought("product__name")

    def _bought(self, column: str) -> str:
        sales = OrderLine.objects.filter(kind=LineKind.SALE, order__purchase_contact=self.contact)
        found = list(
            sales.order_by(column).values_list(column, flat=True).distinct()[: MOST_NAMED + 1]
        )
        if len(found) > MOST_NAMED:
            found[-1] = "…"
        return ", ".join(found) or _("nothing bought")

    def kind(self, _asked: Condition) -> str:
        return str(KINDS[self.contact.kind])

    def language(self, _asked: Condition) -> str:
        return language_name(self.contact.language) if self.contact.language else _("not on file")

    def country(self, _asked: Condition) -> str:
        return country_name(self.contact.country) if self.contact.country else _("not on file")

    def postcode(self, _asked: Condition) -> str:
        return self.contact.postcode or _("not on file")

    def email(self, _asked: Condition) -> str:
        return _("on file") if self.contact.email is not None else _("not on file")


_FINDERS: Mapping[On, Callable[[_Telling, Condition], str]] = {
    On.RECENCY: _Telling.recency,
    On.CREATED: _Telling.created,
    On.CRITERION: _Telling.criterion,
    On.AUTHORISATION: _Telling.authorisation,
    On.ORGANISATION: _Telling.organisation,
    On.PRODUCT: _Telling.product,
    On.KIND: _Telling.kind,
    On.LANGUAGE: _Telling.language,
    On.COUNTRY: _Telling.country,
    On.POSTCODE: _Telling.postcode,
    On.EMAIL: _Telling.email,
}
