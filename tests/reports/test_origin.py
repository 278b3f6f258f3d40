"""The report by origin is the same before and after a run, whoever was struck."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from fadeout.core import sql
from fadeout.reports.queries import ORIGIN_COLUMNS, origin
from tests import support
from tests.cli.conftest import Command
from tests.model.house import House, at
from tests.plans.house import OLD, RECENT, contact, house, line, order, sale


def audience() -> House:
    geneva = {"country": "CH", "town": "Genève", "postcode": "1200"}
    return house(
        contact("anonymised", **geneva), *sale("O1", "anonymised", "99.95"),
        contact("anonymised too", **geneva), *sale("O2", "anonymised too", "0.05"),
        contact("for whom", country="FR", town="Lyon"),
        order("O3", None, cultural_contact="for whom"), line("O3"), line("O3", line=2),
        contact("deleted", country="LI", town="Vaduz"),
        order("O4", "deleted"), line("O4", kind="option", price=Decimal(20)),
        contact("kept", country="CH", town="Bern", created_at=RECENT),
        *sale("O5", "kept", "7.00", cultural_contact="for whom", ordered_at=RECENT),
        *sale("walk-up", None, "5.00"),
        order("mixed", "anonymised"), line("mixed", state="returned"),
        line("mixed", line=2, kind="reservation", price=Decimal(3)),
        order("new year", None, ordered_at=at("2014-12-31T23:30:00Z"), currency="EUR"), line("new year"),
        order("without lines", "kept", ordered_at=OLD),
    )  # fmt: skip


EXPECTED = [
    (2015, None, None, None, "CHF", 1, 1, Decimal("5.00")),
    (2015, None, None, None, "EUR", 1, 1, Decimal("0.00")),
    (2015, "CH", "Genève", "1200", "CHF", 3, 2, Decimal("100.00")),
    (2015, "FR", "Lyon", None, "CHF", 1, 2, Decimal("0.00")),
    (2026, "CH", "Bern", None, "CHF", 1, 1, Decimal("7.00")),
]


def test_orders_tickets_and_amounts_by_year_and_origin_outlive_a_run(
    database: str, tmp_path: Path
) -> None:
    support.imported(audience(), tmp_path / "in")
    before = origin(time_zone=support.TIME_ZONE)
    assert before == EXPECTED
    plan = support.approved(support.simulated())
    assert plan.totals["outcomes"] == {"delete": 1, "anonymise": 2, "keep": 2}
    assert support.run(plan).state == "done"
    assert sql.rows("SELECT count(*) FROM contacts_contact WHERE country = 'LI'") == [(0,)]
    assert origin(time_zone=support.TIME_ZONE) == before


def test_everybody_gone_leaves_the_report_as_it_was(database: str, tmp_path: Path) -> None:
    rows = [
        (contact(f"c{n}", country="CH", town=f"Town {n % 3}"), *sale(f"O{n}", f"c{n}", f"{n}.10"))
        for n in range(12)
    ]
    support.imported(house(*(row for each in rows for row in each)), tmp_path / "in")
    before = origin(time_zone=support.TIME_ZONE)
    assert [row[3:] for row in before] == [
        (None, "CHF", 4, 4, Decimal("18.40")),
        (None, "CHF", 4, 4, Decimal("22.40")),
        (None, "CHF", 4, 4, Decimal("26.40")),
    ]
    plan = support.approved(support.simulated())
    assert plan.totals["outcomes"]["anonymise"] == 12
    assert support.run(plan).state == "done"
    assert origin(time_zone=support.TIME_ZONE) == before


def test_the_command_writes_the_same_rows(database: str, tmp_path: Path, command: Command) -> None:
    support.imported(audience(), tmp_path / "in")
    assert command("report", "origin", "--csv", tmp_path / "origin.csv").code == 0
    written = (tmp_path / "origin.csv").read_text(encoding="utf-8").splitlines()
    assert written[0] == ",".join(ORIGIN_COLUMNS)
    assert written[3] == "2015,CH,Genève,1200,CHF,3,2,100.00"
    assert len(written) == 1 + len(EXPECTED)
    shown = command("report", "origin")
    assert shown.code == 0
    assert "Genève" in shown.out
    assert "\x1b" not in shown.text


def test_an_empty_house_has_an_empty_report(
    database: str, tmp_path: Path, command: Command
) -> None:
    support.imported(house(), tmp_path / "in")
    assert command("report", "origin", "--csv", tmp_path / "origin.csv").code == 0
    assert (tmp_path / "origin.csv").read_text() == ",".join(ORIGIN_COLUMNS) + "\n"
