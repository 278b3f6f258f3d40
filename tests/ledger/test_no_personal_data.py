"""Nothing that says who somebody is stands in the ledger or in its files in the key folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fadeout.core import clock, paths, sql
from fadeout.institution import operations as institution
from fadeout.ledger.models import Entry
from fadeout.runs.brakes import Lifting
from tests import support
from tests.plans.house import everything
from tests.sentinels import sentinel_house

SENTINEL = re.compile(r"sentinel-[a-z-]+")
OPERATORS = ("Ada Operator", "Ruth Operator")


@pytest.mark.usefixtures("database")
def test_nothing_of_contacts_or_operators_is_in_the_ledger(tmp_path: Path) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    by = support.operator()
    institution.change_policy(changes={"largest_share": 20}, by=by, now=support.NOW)
    numbers = {number for (number,) in sql.rows("SELECT contact_number FROM contacts_contact")}
    before = everything()
    plan = support.approved(support.simulated(now=clock.now()))
    ada, ruth = map(support.operator, OPERATORS)
    assert (
        support.run(plan, by=ada, now=clock.now(), lifting=Lifting(reason="Why.", by=ruth)).state
        == "done"
    )

    values = {found for rows in before.values() for row in rows for found in SENTINEL.findall(row)}
    assert len(values) > 60
    assert len(numbers) == 3
    assert {"plan", "approval", "override", "run_started", "run_ended"} <= set(
        Entry.objects.values_list("kind", flat=True)
    )
    after = everything()
    assert any(OPERATORS[0] in row for row in after["institution_operator"])

    texts = "\n".join(after["ledger_text"])
    assert all(name in texts for name in OPERATORS)  # apart from the chain, and can be emptied
    told = "\n".join(after["ledger_entry"])
    files = b"".join(path.read_bytes() for path in paths.keys().rglob("*") if path.is_file())
    assert str(ada.public_id) in told
    for value in {*values, *numbers, *OPERATORS, "Ada", "sentinel", "1941-08-23"}:
        assert value not in told, value
        assert value.encode() not in files, value
    for value in {*values, *numbers, "sentinel", "1941-08-23"}:
        assert value not in texts, value
