"""What conditions mean, in plain Python over the rows of a house: who is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.model import rules
from tests.model.house import Contact, House, OrderLine


@dataclass(frozen=True)
class Asking:
    """A house, on a day, with the trees or members of its targets by id."""

    house: House = field(repr=False)
    today: date
    months: int
    time_zone: str
    targets: Mapping[str, Any]

    def members(self, tree: Any) -> set[str]:
        return {c.contact_number for c in self.house.contacts if self.holds(tree, c)}

    def holds(self, tree: Any, contact: Contact) -> bool:
        for how, joined in (("all", all), ("any", any), ("none", lambda parts: not any(parts))):
            if how in tree:
                return bool(joined([self.holds(part, contact) for part in tree[how]]))
        return bool(ASKED[tree["on"]](self, contact, tree))

    def recency(self, contact: Contact, asked: Any) -> bool:
        found = rules.recency(self.house, contact.contact_number, self.time_zone)
        if asked["test"] == "never":
            return found.activity == "created"
        if asked["test"] == "due_within":
            year, month = divmod(
                self.today.year * 12 + self.today.month - 1 + int(asked["value"]), 12
            )
            then = min(self.today.day, rules.monthrange(year, month + 1)[1])
            return found.on < rules.cutoff(date(year, month + 1, then), self.months)
        day = date.fromisoformat(asked["value"])
        return found.on < day if asked["test"] == "before" else found.on >= day

    def created(self, contact: Contact, asked: Any) -> bool:
        on, day = (
            rules.local_day(contact.created_at, self.time_zone),
            date.fromisoformat(asked["value"]),
        )
        return on < day if asked["test"] == "before" else on >= day

    def criterion(self, contact: Contact, asked: Any) -> bool:
        history = [
            row for row in self.house.criteria
            if (row.contact_number, row.criterion) == (contact.contact_number, asked["name"])
        ]  # fmt: skip
        value = max(history, key=lambda row: row.changed_at).value if history else None
        return self.text(value, asked)

    def authorisation(self, contact: Contact, asked: Any) -> bool:
        history = [
            row for row in self.house.authorisations
            if (row.contact_number, row.purpose, row.channel)
            == (contact.contact_number, asked["purpose"], asked["channel"])
        ]  # fmt: skip
        answer = max(history, key=lambda row: row.changed_at).value if history else "unanswered"
        return bool(answer == asked["value"])

    def text(self, value: str | None, asked: Any) -> bool:
        if asked["test"] in ("set", "not_set"):
            return (value is not None) == (asked["test"] == "set")
        if value is None:
            return False
        if asked["test"] == "begins":
            return value.startswith(asked["value"])
        if asked["test"] == "between":
            return asked["value"] <= value <= asked["until"] and len(value) == len(asked["value"])
        return bool(value == asked["value"])

    def language(self, contact: Contact, asked: Any) -> bool:
        if asked["test"] != "is" or contact.language is None:
            return self.text(contact.language, asked)
        return f"{contact.language}-".startswith(f"{asked['value']}-")

    def column(self, contact: Contact, asked: Any) -> bool:
        return self.text(getattr(contact, asked["on"]), asked)

    def bought(self, contact: Contact, asked: Any) -> bool:
        return any(
            line.kind == "sale"
            and order.purchase_contact == contact.contact_number
            and self.is_asked(order.organisation, line, asked)
            for order, line in rules.lines_with_orders(self.house)
        )

    def is_asked(self, organisation: str, line: OrderLine, asked: Any) -> bool:
        if asked["on"] == "organisation":
            return bool(organisation == asked["value"])
        if asked["test"] == "is":
            return bool(line.product == asked["value"])
        return rules.is_dated(self.house, line) == (asked["test"] == "dated")

    def target(self, contact: Contact, asked: Any) -> bool:
        other = self.targets[asked["value"]]
        if isinstance(other, set):
            return contact.contact_number in other
        return self.holds(other, contact)


ASKED: Mapping[str, Callable[[Asking, Contact, Any], bool]] = {
    "recency": Asking.recency,
    "created": Asking.created,
    "criterion": Asking.criterion,
    "authorisation": Asking.authorisation,
    "language": Asking.language,
    "kind": Asking.column,
    "country": Asking.column,
    "postcode": Asking.column,
    "email": Asking.column,
    "organisation": Asking.bought,
    "product": Asking.bought,
    "target": Asking.target,
}
