"""A box office that sells on while a run is under way: eight clients, each with its own connection.

``python -m bench.box_office URL SECONDS OUT [CLIENTS] [PAUSE]`` works for so many seconds, or until a
file named like OUT with ``.stop`` is there, and writes what every client saw: kind, when, how long,
what came of it. It also looks afterwards whether all that was sold is there, and whether anybody who
became active was struck. Loopback only, and it ends by itself.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

CLIENTS = 8
PAUSE_SECONDS = 0.1  # on average, between two doings of one client: some 80 a second in all
CONTESTED = 0.3  # share of doings that go to somebody who is on a plan to be struck

SAMPLES = {
    "contacts": "SELECT id FROM contacts_contact WHERE anonymised_on IS NULL"
    " ORDER BY random() LIMIT 20000",
    "due": "SELECT contact_id FROM plans_plan_row WHERE state = 'pending' AND contact_id IS NOT NULL"
    " ORDER BY random() LIMIT 20000",
    "options": "SELECT l.id FROM sales_order_line AS l JOIN sales_order AS o ON o.id = l.order_id"
    " WHERE l.kind = 'option' AND l.confirmed_at IS NULL AND o.purchase_contact_id IS NOT NULL"
    # Elsewhere a confirmation counts by the end of the validity, not by the day it happened.
    " AND (l.state <> 'standing' OR l.valid_until IS NULL"
    " OR l.product_id IN (SELECT id FROM sales_product WHERE NOT dated))"
    " ORDER BY random() LIMIT 5000",
    "orders": "SELECT id FROM sales_order WHERE purchase_contact_id IS NOT NULL"
    " ORDER BY random() LIMIT 20000",
    "products": "SELECT id FROM sales_product WHERE dated",
    "organisations": "SELECT id FROM sales_organisation",
}
ALIVE = "SELECT id FROM contacts_contact WHERE id = %s AND anonymised_on IS NULL"
BUYER = (
    "SELECT c.id FROM sales_order AS o JOIN contacts_contact AS c ON c.id = o.purchase_contact_id"
    " WHERE o.id = %s AND c.anonymised_on IS NULL"
)
NEW_ORDER = (
    "INSERT INTO sales_order (order_number, organisation_id, purchase_contact_id, ordered_at,"
    " currency) VALUES (%s, %s, %s, now(), 'EUR') RETURNING id"
)
NEW_LINE = (
    "INSERT INTO sales_order_line (order_id, line, product_id, kind, state, price, valid_until)"
    " VALUES (%s, %s, %s, 'sale', 'standing', 20, now() + interval '1 month') RETURNING id"
)
NEW_PAYMENT = (
    "INSERT INTO sales_payment (payment_number, order_id, paid_at, amount)"
    " VALUES (%s, %s, now(), 40)"
)
NEW_CLICK = (
    "INSERT INTO links_click (click_number, contact_id, link, clicked_at, automated)"
    " VALUES (%s, %s, 'renew', now(), FALSE)"
)


@dataclass
class Seen:
    """What one client saw of one doing; ``active`` is who became active by it."""

    kind: str
    at: float
    seconds: float
    outcome: str
    active: int | None = None


@dataclass
class Client:
    """One till: buys, confirms options, adds lines, clicks; one transaction each."""

    url: str
    sample: dict[str, list[int]]
    pause: float
    seed: int
    seen: list[Seen] = field(default_factory=list)
    sold: list[str] = field(default_factory=list)

    def work(self, stops: Callable[[], bool]) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - which till does what
        doings = [self._buy, self._buy, self._confirm, self._add_line, self._click]
        with psycopg.connect(self.url) as self._connection:
            while not stops():
                time.sleep(self._random.expovariate(1 / self.pause))
                self._do(self._random.choice(doings))

    def _do(self, doing: Callable[[], int | None]) -> None:
        at, began = time.time(), time.perf_counter()
        try:
            active = doing()
            self._connection.commit()
            outcome = "done" if active is not None else "gone"
        except psycopg.Error as error:
            self._connection.rollback()
            active, outcome = None, error.sqlstate or "connection lost"
        kind = doing.__name__.strip("_")
        self.seen.append(Seen(kind, at, time.perf_counter() - began, outcome, active))

    def _buy(self) -> int | None:
        contact = self._somebody()
        if self._one(ALIVE + " FOR KEY SHARE", contact) is None:
            return None
        number = str(uuid.uuid4())
        order = self._one(NEW_ORDER, number, self._any("organisations"), contact)
        for line in (1, 2):
            self._one(NEW_LINE, order, line, self._any("products"))
        self._connection.execute(NEW_PAYMENT, (number, order))
        self._connection.commit()
        self.sold.append(number)
        return contact

    def _confirm(self) -> int | None:
        line = self._any("options")
        order = self._one(
            "UPDATE sales_order_line SET confirmed_at = now() WHERE id = %s RETURNING order_id",
            line,
        )
        return self._buyer_of(order)

    def _add_line(self) -> int | None:
        order = self._any("orders")
        number = self._random.randrange(1_000, 1_000_000_000)
        self._one(NEW_LINE, order, number, self._any("products"))
        return self._buyer_of(order)

    def _click(self) -> int | None:
        contact = self._somebody()
        if self._one(ALIVE + " FOR KEY SHARE", contact) is None:
            return None
        self._connection.execute(NEW_CLICK, (str(uuid.uuid4()), contact))
        return contact

    def _somebody(self) -> int:
        contested = self.sample["due"] and self._random.random() < CONTESTED
        return self._any("due" if contested else "contacts")

    def _buyer_of(self, order: int) -> int | None:
        buyer: int | None = self._one(BUYER, order)
        return buyer

    def _any(self, name: str) -> int:
        return self._random.choice(self.sample[name])

    def _one(self, statement: str, *values: Any) -> Any:
        row = self._connection.execute(statement, values).fetchone()
        return row[0] if row else None


def work(url: str, *, seconds: float, stop: Path, clients: int, pause: float) -> dict[str, Any]:
    """Let the clients work, then look what became of what they did."""
    with psycopg.connect(url) as connection:
        sample = {
            name: [row[0] for row in connection.execute(query)] for name, query in SAMPLES.items()
        }
    Path(f"{stop}.ready").touch()
    give_up = time.monotonic() + seconds
    tills = [Client(url, sample, pause, seed) for seed in range(clients)]

    def stops() -> bool:
        return time.monotonic() > give_up or stop.exists()

    threads = [threading.Thread(target=till.work, args=[stops]) for till in tills]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = [one for till in tills for one in till.seen]
    with psycopg.connect(url) as connection:
        return {
            "seen": [vars(one) for one in seen],
            "lost": _lost(connection, [number for till in tills for number in till.sold]),
            "struck_though_active": _struck(connection, {s.active for s in seen if s.active}),
        }


def _lost(connection: psycopg.Connection, sold: list[str]) -> int:
    """Orders sold that are not there, or not whole."""
    row = connection.execute(
        "SELECT count(*) FROM sales_order AS o JOIN sales_payment AS p ON p.order_id = o.id"
        " WHERE o.order_number = ANY(%s) AND (SELECT count(*) FROM sales_order_line AS l"
        " WHERE l.order_id = o.id) >= 2 AND o.purchase_contact_id IS NOT NULL",
        [sold],
    ).fetchone()
    return len(sold) - (row[0] if row else 0)


def _struck(connection: psycopg.Connection, active: set[int]) -> int:
    """Contacts that became active and were struck all the same."""
    row = connection.execute(
        "SELECT count(*) FROM contacts_contact WHERE id = ANY(%s) AND anonymised_on IS NULL",
        [list(active)],
    ).fetchone()
    return len(active) - (row[0] if row else 0)


def main() -> None:
    url, seconds, out = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    clients = int(sys.argv[4]) if len(sys.argv) > 4 else CLIENTS
    pause = float(sys.argv[5]) if len(sys.argv) > 5 else PAUSE_SECONDS
    told = work(url, seconds=seconds, stop=out.with_suffix(".stop"), clients=clients, pause=pause)
    out.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
