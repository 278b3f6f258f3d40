"""A replay seals again what was sealed, until the same day; and records what the restore lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fadeout.certificates import agreement
from fadeout.ledger import queries as ledger
from fadeout.ledger.models import Entry, Kind, Text
from fadeout.policy.periods import months_after
from fadeout.runs import queries
from fadeout.runs.brakes import Lifting
from fadeout.runs.models import Override, Run
from fadeout.vault import operations as vault
from fadeout.vault.models import VaultRecord
from fadeout.vault.recovery import Wanted
from tests import support
from tests.ledger import book
from tests.model.house import House, Note, at
from tests.plans.house import RECENT, contact, house
from tests.runs.test_replay import backup, replayed, restore
from tests.vault import opened

A_MONTH_LATER = at("2026-07-02T12:00:00Z")
FIRST_EXPIRY = months_after(support.AS_OF, 12)


def two() -> House:
    return house(contact("A", email="a@example.org"), contact("B", email="b@example.org"))


def records_of(number: str) -> list[str]:
    return [record.expires_on for record in opened.records(Wanted(number=number))]


def test_a_replay_seals_again_until_the_day_of_then(database: str, tmp_path: Path) -> None:
    support.imported(two(), tmp_path / "in")
    dump = backup(database, tmp_path)
    support.run(support.approved(support.simulated()))
    assert records_of("A") == [str(FIRST_EXPIRY)]
    restore(database, dump)
    assert not VaultRecord.objects.exists()

    run = replayed(now=A_MONTH_LATER)

    assert (run.state, queries.standing(run).struck) == ("done", 2)
    assert records_of("A") == records_of("B") == [str(FIRST_EXPIRY)]


@pytest.mark.parametrize("as_of", [FIRST_EXPIRY, date(2030, 1, 1)])
def test_what_has_expired_is_not_sealed_again(database: str, tmp_path: Path, as_of: date) -> None:
    support.imported(two(), tmp_path / "in")
    dump = backup(database, tmp_path)
    support.run(support.approved(support.simulated()))
    expired = vault.expire(
        support.keyring(), as_of=as_of, today=support.AS_OF, by=support.operator(), now=support.NOW
    )
    assert (expired.keys, expired.records, expired.missing) == (1, 2, 0)
    restore(database, dump)

    assert queries.standing(replayed()).struck == 2
    assert not VaultRecord.objects.exists()
    assert not opened.records()

    support.import_folder(house(contact("C")).write_csv(tmp_path / "more"))
    run = support.run(support.approved(support.simulated()))
    assert run.has_recovery
    assert records_of("C") == [str(FIRST_EXPIRY)], "a later run is sealed all the same"


def test_what_was_not_sealed_is_not_sealed_by_a_replay(database: str, tmp_path: Path) -> None:
    support.imported(two(), tmp_path / "in")
    dump = backup(database, tmp_path)
    support.run(support.approved(support.simulated()), without_recovery=True)
    restore(database, dump)
    assert queries.standing(replayed()).struck == 2
    assert not VaultRecord.objects.exists()


def test_a_replay_acknowledges_what_the_restore_lost(database: str, tmp_path: Path) -> None:
    support.imported(two(), tmp_path / "in")
    dump = backup(database, tmp_path)
    support.run(support.approved(support.simulated()))
    restore(database, dump)
    assert book.findings()
    replayed()
    assert book.findings() == []
    assert list(agreement.findings()) == []
    assert Entry.objects.filter(kind=Kind.RESTORE).count() == 1
    assert ledger.require_whole().kind == Kind.RUN_ENDED


def test_who_is_struck_goes_from_what_was_typed_for_the_ledger_too(
    database: str, tmp_path: Path
) -> None:
    kept = contact("kept", created_at=RECENT)
    note = Note(note_number="1", contact_number="kept", text="Ask a@example.org first.")
    support.imported(house(contact("A", email="a@example.org"), kept, note), tmp_path / "in")
    support.institution.change_policy(
        changes={"largest_share": 1}, by=support.operator(), now=support.NOW
    )
    lifting = Lifting(reason="As a@example.org asked.", by=support.operator("Ruth"))
    plan = support.approved(support.simulated())

    def typed() -> list[str | None]:
        texts = Text.objects.filter(entry__kind=Kind.OVERRIDE, name="reason").values_list(
            "text", flat=True
        )
        return [*texts, *Override.objects.values_list("reason", flat=True)]

    seen: list[list[str | None]] = []
    run = support.run(plan, lifting=lifting, progress=lambda _: seen.append(typed()))

    assert [lifting.reason, lifting.reason] in seen
    assert run.state == "done"
    assert Run.objects.get().audits == dict.fromkeys(run.audits or (), 0)
    assert typed() == [None, "As [removed] asked."]
    assert book.findings() == []
    assert list(agreement.findings()) == []
