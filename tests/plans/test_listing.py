"""The list of a plan: filtered, sorted, searched, paged; and compared with the plan before."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fadeout.contacts.search import Place
from fadeout.core import sql
from fadeout.plans import comparison, listing
from fadeout.plans.comparison import Change
from fadeout.plans.listing import STRUCK, Asked, Look, Sort
from fadeout.plans.models import Plan, PlanRow, RowState
from fadeout.policy.outcomes import Outcome
from tests import support
from tests.model.house import Hold, at
from tests.plans.house import RECENT, contact, house, sale

DAYS = [at(f"2019-0{month}-1{day}T12:00:00Z") for month in range(1, 8) for day in range(5)]
HELD = {"c03", "c11", "c20"}


@pytest.fixture
def plan(database: str, tmp_path: Path) -> Plan:
    """35 contacts that fell silent on 35 days: every third bought, three are held; two are active."""
    days = DAYS[::2] + DAYS[1::2]
    people = [
        contact(f"c{n:02}", created_at=day, last_name=f"Name {n % 5}", first_name=f"F{n:02}")
        for n, day in enumerate(days)
    ]
    sold = [row for n in range(0, 35, 3) for row in sale(f"O{n}", f"c{n:02}", ordered_at=days[n])]
    holds = [Hold(contact_number=number, reason="x") for number in HELD]
    active = [contact(f"a{n}", created_at=RECENT) for n in range(2)]
    of = house(*people, *active, *sold, *holds, contact("h", created_at=RECENT, roles=("guide",)))
    support.imported(of, tmp_path / "in")
    return support.simulated()


def expected(plan: Plan, asked: Asked, *order: str) -> list[str]:
    rows = PlanRow.objects.filter(plan=plan, outcome__in=asked.outcomes, contact__isnull=False)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return [
        row.contact.contact_number
        for row in rows.select_related("contact").order_by(*order)
        if row.contact and (asked.reason is None or asked.reason in (row.reasons or "").split("|"))
    ]


def walked(plan: Plan, asked: Asked, look: Look) -> tuple[list[str], list[str]]:
    """All pages to the end, and back from there."""
    forth, back = [], []
    place: Place | None = look.place
    last = listing.page(plan, asked, look, today=support.AS_OF)
    while place is not None:
        last = listing.page(
            plan, asked, Look(look.typed, look.sort, place, look.limit), today=support.AS_OF
        )
        forth += [row.contact.contact_number for row in last.rows]
        place = last.following
    back = [row.contact.contact_number for row in last.rows]
    while last.preceding is not None:
        last = listing.page(
            plan, asked, Look(look.typed, look.sort, last.preceding, look.limit),
            today=support.AS_OF,
        )  # fmt: skip
        back = [row.contact.contact_number for row in last.rows] + back
    return forth, back


ASKED = {
    "all": Asked(),
    "struck": Asked(outcomes=STRUCK),
    "anonymised": Asked(outcomes=(Outcome.ANONYMISE,)),
    "held": Asked(reason="hold"),
    "active": Asked(reason="active"),
    "waiting": Asked(state=RowState.PENDING),
    "none": Asked(outcomes=(Outcome.DELETE,), reason="debtor"),
}
ORDERS = {
    Sort.RECENCY: ("recency_on", "pk"),
    Sort.LATEST: ("-recency_on", "-pk"),
    Sort.NUMBER: ("contact__contact_number",),
    Sort.NAME: ("contact__last_name", "contact__first_name", "contact__pk"),
}


@pytest.mark.parametrize("few", [0, 2_000])
def test_every_filter_in_every_order_forth_and_back(
    plan: Plan, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FEW", few)
    sizes = set()
    for asked in ASKED.values():
        for sort, order in ORDERS.items():
            wanted = expected(plan, asked, *order)
            if sort is Sort.NAME:  # those without a name come first
                wanted.sort(key=lambda number: not number.startswith(("a", "h")))
            forth, back = walked(plan, asked, Look(sort=sort, limit=4))
            assert forth == wanted, (asked, sort)
            assert back == wanted, (asked, sort)
            sizes.add(len(wanted))
    assert sizes >= {0, 3, len(DAYS) - 3, len(DAYS) + 3}


@pytest.mark.parametrize("few", [0, 2_000])
def test_a_search_finds_those_of_the_filter_alone(
    plan: Plan, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FEW", few)
    forth, back = walked(plan, Asked(outcomes=STRUCK), Look("name 1", limit=2))
    assert forth == back == ["c01", "c06", "c16", "c21", "c26", "c31"]  # c11 is held
    assert walked(plan, Asked(reason="hold"), Look("name 1"))[0] == ["c11"]
    assert walked(plan, Asked(), Look("C02"))[0] == ["c02"]


def test_a_line_says_what_the_plan_says(plan: Plan) -> None:
    [held] = listing.page(plan, Asked(), Look("c03"), today=support.AS_OF).rows
    assert (held.outcome, held.reasons, held.state) == ("keep", ("hold",), "kept")
    assert (held.activity, held.contact.first_name) == ("sale", "F03")
    [role] = listing.page(plan, Asked(reason="role"), today=support.AS_OF).rows
    assert role.reasons == ("active", "role")


def test_a_list_goes_on_while_its_plan_is_run(plan: Plan) -> None:
    asked = Asked(outcomes=STRUCK)
    first = listing.page(plan, asked, Look(limit=5), today=support.AS_OF)
    last = next(row.contact for row in first.rows[::-1] if row.outcome == Outcome.DELETE)
    kept = last.contact_number
    sql.execute(
        "UPDATE contacts_contact SET created_at = now() WHERE contact_number = %(n)s", {"n": kept}
    )
    assert support.run(support.approved(plan)).state == "done"
    behind = Look(place=Place(after=last.public_id))
    on = listing.page(plan, asked, behind, today=support.AS_OF)
    assert not on.rows  # behind the last one who is still there
    again = listing.page(plan, asked, today=support.AS_OF)
    assert [(r.contact.contact_number, r.state, r.kept_because) for r in again.rows] == [
        (kept, "requalified", ("active",))
    ]
    requalified = Asked(state=RowState.REQUALIFIED)
    for sort in Sort:
        assert walked(plan, requalified, Look(sort=sort))[0] == [kept]
    gone = Place(after=next(r.contact for r in first.rows if r.contact != last).public_id)
    anew = listing.page(plan, asked, Look(place=gone), today=support.AS_OF)
    assert (anew.began_anew, len(anew.rows)) == (True, 1)


def test_pages_cost_the_same_few_statements(plan: Plan) -> None:
    counted = {}
    for sort in Sort:
        for limit in (2, 30):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                listing.page(plan, Asked(), Look(sort=sort, limit=limit), today=support.AS_OF)
            counted[sort, limit] = len(asked)
    assert all(counted[sort, 2] == counted[sort, 30] for sort in Sort), counted
    assert counted[Sort.RECENCY, 30] == 3


def test_who_came_who_went_and_who_is_another_outcome(plan: Plan, tmp_path: Path) -> None:
    assert comparison.before(plan) is None
    gone, held, bought = "c01", "c02", "c04"
    sql.execute(
        "UPDATE contacts_contact SET created_at = now() WHERE contact_number = %(n)s", {"n": gone}
    )
    more = house(
        contact("c03"), contact(held), contact(bought), contact("new", created_at=DAYS[0]),
        Hold(contact_number=held, reason="x"), *sale("OX", bought, ordered_at=DAYS[3]),
    )  # fmt: skip
    support.import_folder(more.write_csv(tmp_path / "more"))
    sql.execute("DELETE FROM contacts_hold WHERE contact_id = (SELECT id FROM contacts_contact"
                " WHERE contact_number = 'c03')")  # fmt: skip
    now = support.simulated()
    earlier = comparison.before(now)
    assert earlier == plan
    counts = comparison.counts(now, plan)
    assert (counts.came, counts.went, counts.changed) == (2, 2, 1)
    assert (counts.same, counts.struck_since) == (32 - 2 - 1, 0)

    def told(change: Change) -> dict[str, tuple[str, object]]:
        page = comparison.page(now, plan, change, today=support.AS_OF)
        return {r.line.contact.contact_number: (r.line.outcome, r.other) for r in page.rows}

    came, went, changed = map(told, (Change.CAME, Change.WENT, Change.CHANGED))
    assert came == {
        "c03": ("anonymise", comparison.OtherRow("keep", ("hold",))),
        "new": ("delete", None),
    }
    assert went == {
        gone: ("delete", comparison.OtherRow("keep", ("active",))),
        held: ("delete", comparison.OtherRow("keep", ("hold",))),
    }
    assert changed == {bought: ("anonymise", comparison.OtherRow("delete", ()))}


@pytest.mark.parametrize("walk", [7, 10_000])
def test_a_comparison_is_paged_forth_and_back(
    plan: Plan, walk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the first plan went once their period is longer; pages that look at a part go on."""
    later = support.simulated(months=1_200)
    monkeypatch.setattr(comparison, "PAGE", 3)
    monkeypatch.setattr(comparison, "WALK", walk)
    forth: list[str] = []
    place: Place | None = Place()
    page = None
    while place is not None:
        page = comparison.page(later, plan, Change.WENT, today=support.AS_OF, place=place)
        forth += [row.line.contact.contact_number for row in page.rows]
        place = page.following
    wanted = expected(plan, Asked(outcomes=STRUCK), "-recency_on", "-pk")
    assert forth == wanted
    assert page is not None
    back = [row.line.contact.contact_number for row in page.rows]
    while page.preceding is not None:
        page = comparison.page(later, plan, Change.WENT, today=support.AS_OF, place=page.preceding)
        back = [row.line.contact.contact_number for row in page.rows] + back
    assert back == wanted
    assert not comparison.page(later, plan, Change.CAME, today=support.AS_OF).rows
