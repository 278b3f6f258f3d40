"""What is struck is in no table any more: sentinels planted, seen in a raw dump, then searched."""

from __future__ import annotations

import re
import subprocess
import uuid
from pathlib import Path

from fadeout.campaigns.models import Message
from fadeout.contacts.models import Contact
from fadeout.core.catalogue import declaration
from fadeout.core.postgres.binaries import program
from fadeout.links import operations
from tests import support
from tests.campaigns import house as campaigns
from tests.links import house as links
from tests.sentinels import GONE_EXACT, STRUCK, sentinel_house


def dumped(url: str) -> str:
    return subprocess.run(
        [str(program("pg_dump")), "--data-only", "--dbname", url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def sentinels(dump: str) -> set[str]:
    return set(re.findall(r"sentinel-[a-z0-9_-]+", dump))


def linked(url: str) -> dict[str, str]:
    """A link of their own for all, opened by a scanner; what their tokens stand for, as a dump has it."""
    made, mailing = links.link("Poster"), uuid.uuid4()
    whose = {
        number.split("-")[1]: key
        for number, key in Contact.objects.values_list("contact_number", "pk")
    }
    tokens = operations.issue(
        made,
        contacts=whose.values(),
        issued_for=mailing,
        expires_at=None,
        keys=links.keys(),
        now=support.NOW,
    )
    operations.delivered(mailing, contacts=whose.values(), at=support.NOW)
    handles = {who: links.keys().handle(tokens[whose[who]]) for who in (*STRUCK, "kept")}
    with links.line(url) as line:
        for handle in handles.values():
            links.opened(line, handle or 0, links.BY_A_SCANNER, support.NOW)
    return {who: str(handle) for who, handle in handles.items()}


def mailed() -> dict[str, str]:
    """A mail of a campaign to each of them: the id that it went out under."""
    campaign = campaigns.draft()
    found = Contact.objects.in_bulk(
        [f"sentinel-{who}-number" for who in (*STRUCK, "kept")], field_name="contact_number"
    )
    return {
        number.split("-")[1]: str(
            Message.objects.create(
                campaign=campaign, contact=contact, state="bounced", code="bounce_5.1.1",
                next_try_at=support.NOW, ended_at=support.NOW, unsubscribed_at=support.NOW,
                public_id=uuid.uuid4(), provider_id=f"provider-{number}",
                returned_from=f"{number}@example.org",
            ).public_id
        )
        for number, contact in found.items()
    }  # fmt: skip


def test_no_sentinel_of_the_struck_or_of_old_tickets_survives_a_run(
    database: str, tmp_path: Path
) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    handles, mails = linked(database), mailed()
    before = dumped(database)
    for known in (handles, mails):
        assert [who for who, handle in known.items() if handle in before] == [*STRUCK, "kept"]
    planted = sentinels(before)
    assert len(planted) > 100
    assert all(value in before for value in GONE_EXACT)
    plan = support.approved(support.simulated())
    assert plan.totals["outcomes"] == {"delete": 1, "anonymise": 1, "keep": 1}

    assert support.run(plan).state == "done"

    after = dumped(database)
    stays = {s for s in planted if s.startswith("sentinel-kept-")}
    assert len(stays) > 30
    assert sentinels(after) == stays
    # The birth date typed on the kept contact's recent ticket stays; the other copies went.
    assert after.count("1941-08-23") == 1
    assert not [value for value in GONE_EXACT[:-1] if value in after]
    for known in (handles, mails):
        assert [who for who, handle in known.items() if handle in after] == ["kept"]


def test_every_personal_column_of_the_catalogue_is_planted(database: str, tmp_path: Path) -> None:
    support.imported(sentinel_house(), tmp_path / "in")
    linked(database)
    mailed()
    support.simulated()
    import_cannot_fill = {
        ("contacts_contact", "photo"),
        ("contacts_contact", "preferences"),
        ("contacts_contact", "coarse_origin"),  # made by anonymisation
        ("contacts_contact", "structure_id"),
        ("contacts_role", "role"),  # a role keeps its contact: never struck by a plan
        ("plans_plan_row", "kept_because"),
        ("runs_override", "reason"),  # typed by whoever lifts a brake
        ("ledger_text", "text"),  # the same
        ("sales_waiting_list_entry", "product_id"),
        ("sales_order_line", "confirmed_at"),
        ("sales_order_line", "valid_from"),
        ("contacts_hold", "created_at"),
        # Asked for on pages: tests/rights, tests/public.
        *(("rights_request", c) for c in ("kind", "opened_at", "due_on", "refusal")),
        ("contacts_linksended", "at"),
        ("targets_member", "target_id"),  # made by operators, as targets are
        ("targets_target", "name"),
        ("targets_target", "conditions"),
    }
    from fadeout.core import sql  # noqa: PLC0415

    empty = {
        (table.name, column.name)
        for table in declaration.tables().values()
        for column in table.columns.values()
        if column.data_class.is_personal
        and table.room != "accounts"  # those who sign in: no import, no run
        and not sql.rows(f'SELECT 1 FROM "{table.name}" WHERE "{column.name}" IS NOT NULL LIMIT 1')
    }
    assert empty <= import_cannot_fill
