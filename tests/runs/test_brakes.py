"""Why a plan may not run: each brake holds before the first change, at its limit and not before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fadeout.core.errors import BadInput, DidNotHold, FadeoutError
from fadeout.institution import operations as institution
from fadeout.institution import queries as institution_queries
from fadeout.plans import operations as plans
from fadeout.plans import queries as plan_queries
from fadeout.plans.models import Plan
from fadeout.runs import brakes
from fadeout.runs.brakes import Brake, Lifting
from fadeout.runs.control import Control
from fadeout.runs.models import Override, Run
from tests import support
from tests.plans.house import RECENT, contact, contact_ids, everything, house

#: Who asked is remembered first, with the name of the key.
NOT_A_CHANGE = ("institution_operator", "institution_institution")
DAYS = 30


def people(*, due: int, active: int, name: str = "c") -> Any:
    return house(
        *(contact(f"{name} due {n}") for n in range(due)),
        *(contact(f"{name} active {n}", created_at=RECENT) for n in range(active)),
    )


def policy(**changes: int | bool) -> None:
    institution.change_policy(changes=changes, by=support.operator("Head"), now=support.NOW)


def planned(folder: Path, *, due: int, active: int, name: str = "c", **changes: int | bool) -> Plan:
    """A house with this policy, and an approved plan for it."""
    support.founded()
    support.import_folder(people(due=due, active=active, name=name).write_csv(folder))
    if changes:
        policy(**changes)
    return support.approved(support.simulated())


def approve(plan: Plan, name: str) -> None:
    plans.approve(
        plan=plan, by=support.operator(name), typed=plan_queries.struck_by(plan),
        today=support.AS_OF, now=support.NOW,
    )  # fmt: skip


def lifting(reason: str = "The first run of many years.") -> Lifting:
    return Lifting(reason=reason, by=support.operator("Ruth"))


def held(plan: Plan, **more: Any) -> list[Brake]:
    return [h.brake for h in brakes.why_not(plan, **{"now": support.NOW} | more)]


def assert_refused(plan: Plan, match: str, error: type[FadeoutError], **more: Any) -> None:
    before = everything(*NOT_A_CHANGE)
    with pytest.raises(error, match=match) as refused:
        support.run(plan, **more)
    assert "Nothing was changed." in str(refused.value)
    assert refused.value.way_out
    assert " due " not in str(refused.value)
    assert everything(*NOT_A_CHANGE) == before
    assert not Run.objects.exists()


def test_a_plan_that_nothing_holds_runs(database: str, tmp_path: Path) -> None:
    plan = planned(tmp_path / "in", due=1, active=4, largest_share=20)
    assert held(plan) == []
    assert support.run(plan).state == "done"


def test_a_share_at_the_limit_runs_and_one_contact_more_is_held(
    database: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "in", due=3, active=11, largest_share=21)  # 21.4 %
    assert held(plan) == [Brake.TOO_LARGE_A_SHARE]
    assert_refused(plan, "strikes 3 of 14 contacts, more than 21 %", DidNotHold)
    support.import_folder(people(due=0, active=1, name="more").write_csv(tmp_path / "more"))
    policy(largest_share=20)
    assert support.run(support.approved(support.simulated())).state == "done"  # 3 of 15: 20 %


def test_a_house_as_it_is_set_up_holds_a_run_that_strikes_more_than_a_fifth(
    database: str, tmp_path: Path
) -> None:
    institution.found(name="T", time_zone="Europe/Zurich", currency="CHF", now=support.NOW)
    support.import_folder(people(due=2, active=7).write_csv(tmp_path / "in"))
    assert_refused(support.approved(support.simulated()), "more than 20 %", DidNotHold)


def test_growth_is_measured_by_the_last_run_that_struck_somebody(
    database: str, tmp_path: Path
) -> None:
    first = planned(tmp_path / "one", due=2, active=9, name="one", largest_growth=3)
    assert support.run(first).state == "done"
    nobody = support.approved(support.simulated())
    assert plan_queries.struck_by(nobody) == 0
    assert support.run(nobody).state == "done"

    support.import_folder(people(due=6, active=0, name="six").write_csv(tmp_path / "six"))
    assert held(support.approved(support.simulated())) == []
    support.import_folder(people(due=1, active=0, name="seven").write_csv(tmp_path / "seven"))
    plan = support.approved(support.simulated())
    assert held(plan) == [Brake.TOO_MUCH_GROWTH]
    with pytest.raises(DidNotHold, match="strikes 7 contacts, more than 3 times the 2 of the last"):
        support.run(plan)
    assert len(contact_ids()) == 9 + 7
    assert support.run(plan, lifting=lifting()).state == "done"


def test_a_plan_is_good_on_its_last_day_and_not_a_second_longer(
    database: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "in", due=1, active=9)
    last = support.NOW + timedelta(days=DAYS)
    assert held(plan, now=last) == []
    late = last + timedelta(seconds=1)
    assert_refused(plan, "older than 30 days", DidNotHold, now=late)
    assert_refused(plan, "older than 30 days", DidNotHold, now=late, lifting=lifting())
    assert support.run(plan, now=last).state == "done"


def test_a_plan_of_an_earlier_policy_is_held_even_if_the_policy_says_the_same_again(
    database: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "in", due=1, active=9)
    policy(months=12)
    policy(months=36)
    assert_refused(plan, r"version 2, now 4", DidNotHold)
    assert_refused(plan, r"version 2, now 4", DidNotHold, lifting=lifting())


def test_where_two_people_are_asked_for_the_author_alone_is_not_enough(
    database: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "in", due=1, active=9, two_people=True)
    assert held(plan) == [Brake.APPROVED_BY_AUTHOR]
    assert_refused(plan, "asks for two people", DidNotHold)
    assert_refused(plan, "asks for two people", DidNotHold, lifting=lifting())
    approve(plan, " Ada ")  # the author again
    assert_refused(plan, "asks for two people", DidNotHold)
    approve(plan, "Bo")
    assert support.run(plan).state == "done"


def test_where_two_people_are_asked_for_the_approval_of_another_is_enough(
    database: str, tmp_path: Path
) -> None:
    support.founded()
    support.import_folder(people(due=1, active=9).write_csv(tmp_path / "in"))
    policy(two_people=True)
    plan = support.simulated()
    approve(plan, "Bo")
    assert support.run(plan).state == "done"


def test_every_reason_is_told_at_once(database: str, tmp_path: Path) -> None:
    support.founded()
    support.import_folder(people(due=2, active=0).write_csv(tmp_path / "in"))
    plan = support.simulated()
    policy(largest_share=50)
    late = support.NOW + timedelta(days=DAYS + 1)
    assert held(plan, now=late) == [
        Brake.NOT_APPROVED, Brake.TOO_OLD, Brake.POLICY_CHANGED, Brake.TOO_LARGE_A_SHARE,
    ]  # fmt: skip
    told = "not approved.*older than.*policy has changed.*2 of 2 contacts"
    assert_refused(plan, told, BadInput, now=late)


def test_lifting_is_kept_with_who_why_and_what(database: str, tmp_path: Path) -> None:
    plan = planned(tmp_path / "in", due=5, active=5, largest_share=49)
    assert_refused(plan, "5 of 10 contacts", DidNotHold)
    for blank in ("", "  ", "\n"):
        assert_refused_for_want_of_a_reason(plan, blank)
    assert support.run(plan, lifting=lifting("  Years at once. ")).state == "done"
    kept = Override.objects.get()
    assert (kept.plan_id, kept.overridden_by.name, kept.reason) == (
        plan.pk,
        "Ruth",
        "Years at once.",
    )
    assert (kept.brakes, kept.overridden_at) == (["too_large_a_share"], support.NOW)


def assert_refused_for_want_of_a_reason(plan: Plan, reason: str) -> None:
    with pytest.raises(BadInput, match="needs a reason"):
        support.run(plan, lifting=lifting(reason))
    assert not Override.objects.exists()
    assert len(contact_ids()) == 10


def test_both_brakes_on_size_are_lifted_at_once(database: str, tmp_path: Path) -> None:
    first = planned(tmp_path / "one", due=1, active=9, name="one", largest_growth=1)
    assert support.run(first).state == "done"
    support.import_folder(people(due=2, active=0, name="two").write_csv(tmp_path / "two"))
    policy(largest_share=1)
    plan = support.approved(support.simulated())
    assert held(plan) == [Brake.TOO_LARGE_A_SHARE, Brake.TOO_MUCH_GROWTH]
    assert support.run(plan, lifting=lifting()).state == "done"
    assert Override.objects.get().brakes == ["too_large_a_share", "too_much_growth"]


def test_nothing_is_recorded_of_an_override_that_lifted_nothing(
    database: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "in", due=1, active=9)
    assert support.run(plan, lifting=lifting()).state == "done"
    assert not Override.objects.exists()


def test_nothing_is_recorded_of_an_override_of_a_plan_that_is_refused_all_the_same(
    database: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "in", due=5, active=5, largest_share=10)
    plan.rows.filter(outcome="delete").first().delete()
    assert_refused(plan, "not those that were approved", DidNotHold, lifting=lifting())


HOLDING: dict[str, tuple[Callable[[], None], timedelta]] = {
    "too old": (lambda: None, timedelta(days=DAYS + 1)),
    "policy changed": (lambda: policy(months=24), timedelta()),
}


@pytest.mark.parametrize("name", HOLDING)
def test_a_run_that_goes_on_is_held_by_age_and_policy(
    database: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens, later = HOLDING[name]
    run = half_done(tmp_path, monkeypatch)
    happens()
    before = everything(*NOT_A_CHANGE)
    with pytest.raises(DidNotHold, match="may not run"):
        support.run(run.plan, now=support.NOW + later, lifting=lifting())
    assert everything(*NOT_A_CHANGE) == before


def test_a_run_that_goes_on_was_looked_at_for_its_size_when_it_began(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = half_done(tmp_path, monkeypatch)
    assert Brake.TOO_LARGE_A_SHARE in held(run.plan)
    assert support.run(run.plan).state == "done"
    assert Override.objects.count() == 1


def half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of more than the policy lets it, lifted, paused after a chunk of each lane or so."""
    monkeypatch.setattr("fadeout.runs.lanes.FIRST_CHUNK", 1)
    monkeypatch.setattr("fadeout.runs.lanes.LARGEST_CHUNK", 1)
    plan = planned(tmp_path / "in", due=9, active=9, largest_share=10)
    listening = Control()

    def stop_after_one(progress: Any) -> None:
        listening.interrupted |= progress.stage == "striking" and progress.done > 0

    run = support.run(plan, lifting=lifting(), control=listening, progress=stop_after_one)
    assert run.state == "paused"
    assert 9 < len(contact_ids()) < 18
    return run


def test_a_changed_policy_is_a_new_version_and_the_old_ones_stay(database: str) -> None:
    support.founded()
    policy(months=24, two_people=True)
    new = institution_queries.policy_in_force()
    assert (new.number, new.months, new.two_people, new.plan_days) == (3, 24, True, 30)
    assert new.created_by is not None
    assert new.created_by.name == "Head"
    old = type(new).objects.get(number=1)
    assert (old.months, old.two_people, old.created_by) == (36, False, None)
