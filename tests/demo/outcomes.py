"""What would become of the contacts of a house: the rule book in a few lines, for the mix alone.

The exact model that stands against the SQL lives elsewhere; this one tells whether an invented
house is worth showing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from fadeout.policy.periods import cutoff, due_on
from tests.demo.contract import House, Row

ZONE = ZoneInfo("Europe/Berlin")


def day(text: str) -> date:
    """The local day of a moment."""
    return datetime.fromisoformat(text).astimezone(ZONE).date()


@dataclass
class Standing:
    """What decides about one contact."""

    recency: date = date.min
    activity: str = ""
    prospect: bool = True
    reasons: list[str] = field(default_factory=list)
    outcome: str = ""
    due: date | None = None

    def active(self, on: date, activity: str) -> None:
        """The contact did something."""
        if on > self.recency:
            self.recency, self.activity = on, activity


class Decision:
    """The standing of every contact as of a day."""

    def __init__(self, house: House, today: date, months: int = 36) -> None:
        self.house = house
        self.today = today
        self.cutoff = cutoff(today, months)
        self.contacts: dict[str, Standing] = {
            row["contact_number"]: Standing() for row in house.tables["contacts"]
        }
        self.orders = {row["order_number"]: row for row in house.tables["orders"]}
        self.dated = {row["code"]: row["dated"] == "true" for row in house.tables["products"]}
        self.open_orders: set[str] = set()
        self._lines()
        self._other_activities()
        self._authorisations()
        for row in house.tables["contacts"]:
            one = self.contacts[row["contact_number"]]
            if not one.activity:
                one.active(day(row["created_at"]), "created")
        self._reasons(months)

    def of(self, outcome: str) -> list[Standing]:
        """The contacts with an outcome."""
        return [one for one in self.contacts.values() if one.outcome == outcome]

    def _lines(self) -> None:
        for line in self.house.tables["order_lines"]:
            order = self.orders[line["order_number"]]
            numbers = {
                order["purchase_contact"],
                order["cultural_contact"],
                line["beneficiary_contact"],
            } - {""}
            ordered = day(order["ordered_at"])
            runs = line["state"] == "standing" and self.dated[line["product"]]
            until = day(line["valid_until"]) if runs and line["valid_until"] else None
            name = {"option": "option_acquired"}.get(line["kind"], line["kind"])
            for number in numbers:
                one = self.contacts[number]
                one.active(until or ordered, name)
                if line["confirmed_at"] and line["kind"] == "option":
                    confirmed = until or max(ordered, day(line["confirmed_at"]))
                    one.active(confirmed, "option_confirmed")
                one.prospect = one.prospect and line["kind"] != "sale"
            if line["kind"] != "sale" and self._is_open(line, ordered):
                self.open_orders |= numbers

    def _is_open(self, line: Row, ordered: date) -> bool:
        if line["state"] != "standing":
            return False
        if line["valid_until"]:
            return day(line["valid_until"]) >= self.today
        return ordered >= self.cutoff

    def _other_activities(self) -> None:
        for row in self.house.tables["waiting_list"]:
            self.contacts[row["contact_number"]].active(day(row["added_at"]), "waiting_list")
        for row in self.house.tables["clicks"]:
            if row["automated"] == "false":
                self.contacts[row["contact_number"]].active(day(row["clicked_at"]), "click")
        for row in self.house.tables["criteria"]:
            if row["origin"] in ("contact", "operator"):
                self.contacts[row["contact_number"]].active(day(row["changed_at"]), "criterion")

    def _authorisations(self) -> None:
        histories = defaultdict(list)
        for row in self.house.tables["authorisations"]:
            histories[row["contact_number"]].append(row)
        for number, rows in histories.items():
            in_force: dict[tuple[str, str], str] = {}
            for row in sorted(rows, key=lambda row: row["changed_at"]):
                in_force[row["purpose"], row["channel"]] = row["value"]
                if row["origin"] in ("contact", "operator") and "yes" in in_force.values():
                    self.contacts[number].active(day(row["changed_at"]), "authorisation")

    def _balances(self) -> dict[tuple[str, str, str], Decimal]:
        balances: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)

        def account(order: Row) -> tuple[str, str, str]:
            return order["purchase_contact"], order["organisation"], order["currency"]

        for row in self.house.tables["payments"]:
            balances[account(self.orders[row["order_number"]])] += Decimal(row["amount"])
        for row in self.house.tables["order_lines"]:
            if row["kind"] == "sale" and row["state"] == "standing":
                balances[account(self.orders[row["order_number"]])] -= Decimal(row["price"])
        for row in self.house.tables["account_entries"]:
            key = row["contact_number"], row["organisation"], row["currency"]
            balances[key] += Decimal(row["amount"])
        return balances

    def _reasons(self, months: int) -> None:
        for one in self.contacts.values():
            if one.recency >= self.cutoff:
                one.reasons.append("active")
        for (number, _, _), balance in self._balances().items():
            if balance and number:
                self.contacts[number].reasons.append("debtor" if balance < 0 else "creditor")
        for row in self.house.tables["contacts"]:
            one = self.contacts[row["contact_number"]]
            one.reasons += ["structure"] * (row["kind"] == "structure")
            one.reasons += ["role"] * bool(row["roles"])
            one.reasons += ["open_order"] * (row["contact_number"] in self.open_orders)
        for row in self.house.tables["holds"]:
            if not row["until"] or date.fromisoformat(row["until"]) >= self.today:
                named = row["reason"] in ("restriction", "request")
                self.contacts[row["contact_number"]].reasons.append(
                    row["reason"] if named else "hold"
                )
        for one in self.contacts.values():
            one.outcome = "keep" if one.reasons else "delete" if one.prospect else "anonymise"
            if set(one.reasons) == {"active"}:
                one.due = due_on(one.recency, months)
