"""By hand: what forbids keeps a contact, what only warns is told, and nothing else is planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from fadeout.core import sql
from fadeout.core.errors import BadInput
from fadeout.institution import operations as institution
from fadeout.plans import fingerprint, forgetting
from fadeout.plans.models import Plan, PlanRow
from fadeout.runs import brakes, queries
from tests import support
from tests.plans.by_hand import FORBIDDEN, WARNED, both_and_more, forbidden, warned
from tests.plans.house import RECENT, contact, contact_ids, everything, house, three


def told(plan: Plan) -> dict[str, tuple[str, str | None]]:
    """Contact number -> outcome and reasons."""
    names = {number: name for name, number in contact_ids().items()}
    return {
        names[row.contact_id]: (row.outcome, row.reasons)
        for row in PlanRow.objects.filter(plan=plan)
    }


def test_each_reason_that_forbids_keeps_the_contact(database: str, tmp_path: Path) -> None:
    support.imported(forbidden(), tmp_path / "in")
    plan = support.forgotten(*FORBIDDEN)
    assert told(plan) == {reason: ("keep", reason) for reason in FORBIDDEN}
    assert plan.totals["outcomes"] == {"delete": 0, "anonymise": 0, "keep": len(FORBIDDEN)}
    assert plan.totals["removals"] == {}


def test_each_reason_that_warns_is_told_and_keeps_nobody(database: str, tmp_path: Path) -> None:
    support.imported(warned(), tmp_path / "in")
    plan = support.forgotten(*WARNED)
    assert told(plan) == {reason: (outcome, reason) for reason, (outcome, _) in WARNED.items()}


def test_what_it_would_remove_is_what_it_removes_and_old_tickets_are_not_its_matter(
    database: str, tmp_path: Path
) -> None:
    support.imported(both_and_more(), tmp_path / "in")
    plan = support.forgotten("prospect", "buyer", "active", *FORBIDDEN)
    assert plan.totals["outcomes"] == {"delete": 2, "anonymise": 1, "keep": len(FORBIDDEN)}
    run = support.run(support.approved(plan))
    assert run.state == "done"
    assert queries.removed(run) == plan.totals["removals"]
    assert run.audits is not None
    assert not [audit for audit in run.audits if "ticket" in audit]
    assert sql.rows("SELECT count(*) FROM sales_order WHERE remark IS NOT NULL") == [(1,)]
    left = contact_ids()
    assert not left.keys() & {"prospect", "buyer", "active"}
    assert left.keys() > {*FORBIDDEN, "structure", "role", "kept"}
    assert support.tokens().count() == 6


def test_a_contact_given_twice_is_planned_once(database: str, tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    assert support.forgotten("buyer", "buyer", "prospect").totals["contacts"] == 2


def test_numbers_not_on_file_are_told_by_place_and_shape_and_then_nothing_is_planned(
    database: str, tmp_path: Path
) -> None:
    support.imported(three(), tmp_path / "in")
    support.run(support.approved(support.forgotten("buyer")))
    [(anonymous,)] = sql.rows(
        "SELECT contact_number FROM contacts_contact WHERE anonymised_on IS NOT NULL"
    )
    before = everything("institution_operator")
    odd = ["Nobody-17", "buyer", anonymous, "", "a\0b", "\udcff", "x" * 10_000, "prospect "]
    with pytest.raises(BadInput) as refused:
        support.forgotten("prospect", *odd)
    said = str(refused.value)
    assert "argument 2: no such contact, value xxxxxx-99" in said
    assert [f"argument {n + 2}: no such contact" in said for n in range(len(odd))] == [True] * 8
    assert "argument 1:" not in said
    for number in odd:
        assert not number or number not in said
    assert "Nothing was changed." in said
    assert everything("institution_operator") == before


def test_of_many_wrong_numbers_the_first_are_told_and_all_are_counted(
    database: str, tmp_path: Path
) -> None:
    support.imported(three(), tmp_path / "in")
    with pytest.raises(BadInput, match="and 80 more"):
        support.forgotten(*(f"nobody {n}" for n in range(100)))


def test_nobody_named_is_bad_input(database: str) -> None:
    support.founded()
    with pytest.raises(BadInput, match="No contact number"):
        support.forgotten()


def test_more_than_fit_at_once_are_planned_in_pieces(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.imported(both_and_more(), tmp_path / "in")
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    plan = support.forgotten(*FORBIDDEN, *WARNED)
    assert told(plan).keys() == {*FORBIDDEN, *WARNED}


# -- What kind a plan is ------------------------------------------------------------------------


def test_what_a_plan_is_for_cannot_be_changed_unnoticed(database: str, tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    for plan in (support.simulated(), support.forgotten("buyer")):
        digest = fingerprint.digest_rows(plan.pk)
        seen = {plan.kind: plan.fingerprint}
        for kind in {"inactivity", "forget", "replay"} - {plan.kind}:
            plan.kind = kind
            seen[kind] = fingerprint.fingerprint(plan, digest)
        assert len(set(seen.values())) == 3


def test_brakes_on_size_are_for_the_rule_alone(database: str, tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    policy = support.institution_queries.policy_in_force()
    policy.largest_share = policy.largest_growth = 1
    policy.save()
    by_hand = support.approved(support.forgotten("buyer"))
    assert brakes.why_not(by_hand, now=support.NOW) == []
    assert support.run(by_hand).state == "done"
    assert queries.struck_by_last_run() == 0
    by_rule = support.approved(support.simulated())
    assert [held.brake for held in brakes.why_not(by_rule, now=support.NOW)] == [
        "too_large_a_share"
    ]


def test_a_plan_by_hand_too_says_how_to_make_it_anew(database: str, tmp_path: Path) -> None:
    support.imported(three(), tmp_path / "in")
    plan = support.approved(support.forgotten("buyer"))
    [held] = brakes.why_not(plan, now=support.NOW.replace(month=8))
    assert (held.brake, "fadeout forget" in held.way_out) == ("too_old", True)


def test_a_house_of_other_policy_keeps_its_period(database: str, tmp_path: Path) -> None:
    """The cutoff of the policy says who is active, and so whom the operator is warned of."""
    support.imported(house(contact("active", created_at=RECENT)), tmp_path / "in")
    assert told(support.forgotten("active")) == {"active": ("delete", "active")}
    institution.change_policy(changes={"months": 1}, by=support.operator(), now=support.NOW)
    assert told(support.forgotten("active")) == {"active": ("delete", None)}
