from decimal import Decimal
import psycopg, pytest
from fadeout.core import sql
from fadeout.core.errors import DidNotHold, FadeoutError
from fadeout.plans.models import Plan
from fadeout.runs import queries
from tests import support
from tests.model.house import Note
from tests.plans.house import RECENT, contact, contact_ids, house, line, order, sale, states, three

@pytest.fixture
def plan(database, tmp_path):
    support.imported(house(contact("prospect"), *sale("O1", "buyer"), contact("buyer"), contact("kept", created_at=RECENT), Note(note_number="1", contact_number="kept")), tmp_path / "in")
    return support.approved(support.simulated())

def test_bug1_a_kept_row_set_to_pending_is_refused(plan):
    sql.execute("UPDATE plans_plan_row SET state = 'pending' WHERE outcome = 'keep'")
    with pytest.raises(DidNotHold):
        support.run(Plan.objects.get())
    assert sql.rows("SELECT count(*) FROM contacts_note") == [(1,)]

def test_bug2_a_row_set_to_kept_is_refused(plan):
    sql.execute("UPDATE plans_plan_row SET state = 'kept' WHERE outcome = 'delete'")
    with pytest.raises(DidNotHold):
        support.run(Plan.objects.get())

def test_bug3_tampered_totals_are_refused(database, tmp_path):
    support.imported(three(), tmp_path / "in"); support.simulated()
    sql.execute("UPDATE plans_plan SET totals = jsonb_set(totals, '{outcomes,delete}', '0')")
    with pytest.raises(FadeoutError):
        support.approved(Plan.objects.get())  # types 1; 2 would be struck

@pytest.mark.parametrize("who", ["prospect", "buyer"])
def test_bug4_somebody_who_is_buying_is_safe(plan, database, who):
    names = {n: name for name, n in contact_ids().items()}
    with psycopg.connect(database) as box_office:
        box_office.execute("INSERT INTO sales_order (order_number, organisation_id, purchase_contact_id, ordered_at, currency, is_emptied) SELECT 'new', o.id, c.id, '2026-05-31T12:00Z', 'CHF', FALSE FROM sales_organisation o, contacts_contact c WHERE o.code = 'opera' AND c.contact_number = %s", [who])
        support.run(plan)  # should leave `who` for a later try
        box_office.commit()
    assert who in contact_ids()

def test_bug5_an_order_locked_for_long_makes_the_run_incomplete(plan, database):
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM sales_order FOR UPDATE")
        run = support.run(plan)
    assert run.state == "incomplete" and queries.standing(run).struck == 1

def test_bug6_the_ticket_part_waits_and_tries_again(database, tmp_path):
    support.imported(house(order("O1", None), line("O1", beneficiary_first_name="Zoë")), tmp_path / "in")
    plan = support.approved(support.simulated())
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM sales_order_line FOR UPDATE")
        assert support.run(plan).state == "incomplete"

def test_bug7_a_correction_between_two_starts_does_not_block_the_run_for_ever(plan, database):
    with psycopg.connect(database) as other:
        other.execute("SELECT 1 FROM contacts_contact WHERE contact_number = 'prospect' FOR UPDATE")
        assert support.run(plan).state == "incomplete"
    sql.execute("UPDATE sales_payment SET amount = amount + 1")  # or an import does
    sql.execute("UPDATE sales_order_line SET price = price + 1")
    assert support.run(plan).state == "done"

def test_bug8_simulation_counts_contacts_as_the_run_does(database, tmp_path):
    support.imported(house(contact("a"), contact("b", created_by="a"), contact("c", created_by="b")), tmp_path / "in")
    plan = support.approved(support.simulated())
    run = support.run(plan); run.refresh_from_db()
    assert plan.totals["removals"]["contacts_contact"] == run.removed["contacts_contact"]
