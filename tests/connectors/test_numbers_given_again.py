"""A contact number given to somebody new does not inherit what an erased contact left."""

from __future__ import annotations

from pathlib import Path

from fadeout.core import sql
from tests import support
from tests.model.house import Contact, House, at
from tests.plans.house import contact, house, sale


def test_an_old_file_of_orders_does_not_give_them_to_whoever_has_the_number_now(
    database: str, tmp_path: Path
) -> None:
    support.imported(house(*sale("O1", "X"), contact("X")), tmp_path / "old")
    support.run(support.approved(support.simulated()))
    [(anonymous,)] = sql.rows("SELECT purchase_contact_id FROM sales_order")
    assert anonymous is not None
    newcomer = Contact(contact_number="X", created_at=at("2026-05-20T10:00:00Z"))
    support.imported(House(contacts=(newcomer,)), tmp_path / "new")
    (tmp_path / "old" / "contacts.csv").unlink()

    support.import_folder(tmp_path / "old")

    assert sql.rows("SELECT purchase_contact_id FROM sales_order") == [(anonymous,)]
    plan = support.simulated()
    assert plan.totals["outcomes"]["keep"] == 1
