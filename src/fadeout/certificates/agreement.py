"""Whether the tables say of plans, approvals, overrides and runs what the ledger says of them.

What could go wrong: the ledger is whole, and somebody changed what it tells of: a plan, an approval, the
state of a run, the rows it struck. So the facts are made from the rows again and compared, and rows
that the ledger does not know are told.

Rows of a plan move for good reasons: a later run empties what it strikes, in older plans too. So
their fingerprint is compared for plans that nobody else has struck since; for the others the counts by
outcome and state are, which no stroke changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from fadeout.certificates import told
from fadeout.core import sql
from fadeout.core.digest import RowDigest
from fadeout.institution import queries as institution
from fadeout.institution.models import PolicyVersion
from fadeout.ledger import chain
from fadeout.ledger import operations as records
from fadeout.ledger import queries as ledger
from fadeout.ledger.check import Finding
from fadeout.ledger.models import NAME, Entry, Kind, Text
from fadeout.plans import record as of_plans
from fadeout.plans.models import Approval, Plan
from fadeout.runs import queries as run_queries
from fadeout.runs import record as of_runs
from fadeout.runs.models import Override, Run, RunState
from fadeout.vault import queries as vault
from fadeout.vault.models import VaultKey

ENDS = (RunState.DONE, RunState.INCOMPLETE)
NOBODY = UUID(int=0)


def findings() -> Iterator[Finding]:
    """Everything in which tables and ledger differ, entry by entry, at one moment."""
    with ledger.one_moment():
        for entry, texts in ledger.listed():
            yield from of_entry(entry, texts)
        for (number,) in sql.rows(sql.load("certificates", "latest_of_runs")):
            yield from _of_standing(Entry.objects.get(number=number))
        for plan in Plan.objects.order_by("pk").iterator():
            yield from _of_rows(plan)
        yield from _of_names(Text.objects.filter(name=NAME).order_by("entry"))
        yield from _of_destruction(VaultKey.objects.all())
        yield from _unrecorded()


def of_run(run: Run) -> Iterator[Finding]:
    """Everything in which tables and ledger differ about one run and its plan."""
    with ledger.one_moment():
        entries = list(about(run))
        for entry in entries:
            yield from of_entry(entry, list(entry.texts.all()))
        standing = [
            e for e in entries if e.kind in (Kind.RUN_STARTED, Kind.RUN_STOPPED, Kind.RUN_ENDED)
        ]
        if standing:
            yield from _of_standing(standing[-1])
        yield from _of_rows(run.plan)
        yield from _of_names(records.names_of({e.actor for e in entries if e.actor}))
        yield from _of_keys(run)
        for what, number, _made_at in sql.rows(sql.load("certificates", "select_unrecorded")):
            if (what, number) == ("run", run.pk) or (
                what.endswith("plan") and number == run.plan_id
            ):
                yield told.not_recorded(what, number)


def about(run: Run) -> Iterator[Entry]:
    """The entries about a run, its plan, its approvals and overrides, in order."""
    of_plan = Entry.objects.filter(
        kind__in=[Kind.PLAN, Kind.APPROVAL, Kind.OVERRIDE], facts__plan=run.plan_id
    )
    return iter((of_plan | Entry.objects.filter(facts__run=run.pk)).order_by("number"))


def of_entry(entry: Entry, texts: list[Text]) -> Iterator[Finding]:
    """In what the row that an entry tells of differs from it."""
    compare = {
        Kind.PLAN: _of_plan,
        Kind.APPROVAL: _of_approval,
        Kind.OVERRIDE: _of_override,
        Kind.RUN_STARTED: _of_start,
        Kind.HOUSE: _of_house,
        Kind.POLICY: _of_policy,
        Kind.VAULT_KEY: _of_vault_key,
    }.get(entry.kind)  # type: ignore[call-overload]
    if compare is None:
        return
    for what in compare(entry, {text.name: text.text for text in texts}):
        yield told.at(entry, what)


def _of_plan(entry: Entry, _texts: Mapping[str, Any]) -> Iterator[str]:
    plan = (
        Plan.objects.filter(pk=entry.facts["plan"]).select_related("policy", "created_by").first()
    )
    if plan is None:
        yield _("Plan %(plan)s is in the ledger and not in the database") % entry.facts
        return
    said = {
        "simulated by": plan.created_by.public_id,
        "at": plan.created_at,
        **of_plans.of_plan(plan),
    }
    differing = _("Of plan %(plan)s the database says something else than the ledger: %(names)s")
    yield from told.differing(differing, {"plan": plan.pk}, entry, "simulated by", said)


def _of_approval(entry: Entry, _texts: Mapping[str, Any]) -> Iterator[str]:
    number = entry.facts["plan"]
    approvals = Approval.objects.filter(plan=number, approved_by__public_id=entry.actor or NOBODY)
    approval = approvals.select_related("plan").first()
    if approval is None:
        gone = _("An approval of plan %(plan)s is in the ledger and not in the database")
        yield gone % {"plan": number}
        return
    said = {
        "approved by": entry.actor,
        "at": approval.approved_at,
        **of_plans.of_approval(approval),
    }
    differing = _(
        "Of the approval of plan %(plan)s the database says something else than the ledger: %(names)s"
    )
    yield from told.differing(differing, {"plan": number}, entry, "approved by", said)


def _of_override(entry: Entry, texts: Mapping[str, str | None]) -> Iterator[str]:
    number = entry.facts["plan"]
    override = Override.objects.filter(
        plan=number, overridden_by__public_id=entry.actor or NOBODY, overridden_at=entry.at
    ).first()
    if override is None:
        gone = _("An override of plan %(plan)s is in the ledger and not in the database")
        yield gone % {"plan": number}
        return
    said = {"by": entry.actor, "at": entry.at, **of_runs.of_override(override)}
    differing = _(
        "Of the override of plan %(plan)s the database says something else than the ledger: %(names)s"
    )
    yield from told.differing(differing, {"plan": number}, entry, "by", said)
    if texts.get("reason") is not None and override.reason != texts["reason"]:
        another = _("The reason of the override of plan %(plan)s is another one in the database")
        yield another % {"plan": number}


def _of_start(entry: Entry, _texts: Mapping[str, Any]) -> Iterator[str]:
    run = Run.objects.filter(pk=entry.facts["run"]).select_related("plan", "started_by").first()
    if run is None:
        yield _("Run %(run)s is in the ledger and not in the database") % entry.facts
        return
    said: dict[str, Any] = {"by": entry.actor, "at": entry.at, **of_runs.of_start(run)}
    if _is_first_start(entry):
        said |= {"by": run.started_by.public_id, "at": run.started_at}
    yield from told.differing(told.of_a_run(), {"run": run.pk}, entry, "by", said)


def _is_first_start(entry: Entry) -> bool:
    starts = Entry.objects.filter(kind=Kind.RUN_STARTED, facts__run=entry.facts["run"])
    return bool(starts.aggregate(first=Min("number"))["first"] == entry.number)


def _of_house(entry: Entry, texts: Mapping[str, Any]) -> Iterator[str]:
    yield from _of_policy(entry, texts)
    house = institution.current()
    names = [
        name for name in ("time_zone", "currency") if getattr(house, name) != entry.facts[name]
    ]
    if names:
        differing = _("Of the house the database says something else than the ledger: %(names)s")
        yield differing % {"names": ", ".join(names)}


def _of_policy(entry: Entry, _texts: Mapping[str, Any]) -> Iterator[str]:
    number = entry.facts["policy"]["number"]
    version = PolicyVersion.objects.filter(number=number).first()
    if version is None:
        gone = _("Version %(number)s of the policy is in the ledger and not in the database")
        yield gone % {"number": number}
        return
    recorded = {"by": entry.actor, "at": entry.at, "policy": entry.facts["policy"]}
    said = {
        "by": version.created_by.public_id if version.created_by else None,
        "at": version.created_at,
        "policy": institution.policy_values(version),
    }
    differing = _(
        "Of version %(number)s of the policy the database says something else than the ledger: %(names)s"
    )
    yield from told.differences(
        differing, {"number": number}, chain.plain(recorded), chain.plain(said)
    )


def _of_vault_key(entry: Entry, _texts: Mapping[str, Any]) -> Iterator[str]:
    key = VaultKey.objects.filter(pk=entry.facts["key"]).first()
    if key is None:
        yield _("Key %(key)s of the vault is in the ledger and not in the database") % entry.facts
        return
    said = {"at": key.made_at, **vault.facts_of(key)}
    differing = _(
        "Of key %(key)s of the vault the database says something else than the ledger: %(names)s"
    )
    recorded = {"at": entry.at, **entry.facts}
    yield from told.differences(
        differing, {"key": key.pk}, chain.plain(recorded), chain.plain(said)
    )


def _of_names(names: QuerySet[Text]) -> Iterator[Finding]:
    """What operators were called when they first did something against what they are called now."""
    now = ledger.names()
    for text in names.select_related("entry"):
        operator = text.entry.actor
        if operator is None or operator not in now or now[operator] != text.text:
            another = _("The name of operator %(operator)s is another one in the database")
            yield told.at(text.entry, another % {"operator": operator})


def _of_keys(run: Run) -> Iterator[Finding]:
    """The keys that a run sealed under: whether it can be recovered is read off them."""
    keys = list(run_queries.sealed(run))
    made = Entry.objects.filter(kind=Kind.VAULT_KEY, facts__key__in=keys).order_by("number")
    for entry in made:
        yield from of_entry(entry, [])
    rows = VaultKey.objects.filter(pk__in=keys)
    yield from _of_destruction(rows)
    yield from _unrecorded_keys(rows)


def _of_destruction(keys: QuerySet[VaultKey]) -> Iterator[Finding]:
    """Keys that count as destroyed against what the ledger says of expiries, and the other way round."""
    destroyed, until = _expired()
    for key in keys.order_by("made_at", "pk"):
        if key.destroyed_at is None:
            if str(key.pk) in destroyed:
                still = _("Key %(key)s of the vault was destroyed, and in the database it was not.")
                yield Finding(0, still % {"key": key.pk})
        elif str(key.pk) not in destroyed and key.expires_on.isoformat() > until:
            gone = _(
                "Key %(key)s of the vault is destroyed in the database, and not in the ledger."
            )
            yield Finding(0, gone % {"key": key.pk})


def _expired() -> tuple[set[str], str]:
    """Keys that were destroyed by name; and the last day up to which all were, where none is named."""
    destroyed: set[str] = set()
    until = ""
    for facts in Entry.objects.filter(kind=Kind.EXPIRY).values_list("facts", flat=True):
        if "destroyed" in facts:
            destroyed.update(facts["destroyed"])
        else:
            until = max(until, facts.get("as_of", ""))
    return destroyed, until


def _of_standing(entry: Entry) -> Iterator[Finding]:
    """The last entry about a run against where it stands now."""
    run = Run.objects.filter(pk=entry.facts["run"]).select_related("plan").first()
    if run is None:
        return  # told of its start already
    if entry.kind == Kind.RUN_STARTED:
        expected: dict[str, Any] = {"state": RunState.RUNNING.value}
        said: dict[str, Any] = {"state": run.state}
    else:
        expected, said = entry.facts, chain.plain(of_runs.of_end(run))
        if entry.kind == Kind.RUN_STOPPED and entry.actor is None:
            said |= _less_what_came_after(expected, said)
    earlier, said_of_earlier = _earlier_audits(run)
    expected, said = (
        expected | {"earlier audits": earlier},
        said | {"earlier audits": said_of_earlier},
    )
    for what in told.differences(told.of_a_run(), {"run": run.pk}, expected, chain.plain(said)):
        yield told.at(entry, what)


def _less_what_came_after(recorded: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What the database says, less what a last chunk added, whose command was dead by then."""
    removed, sealed = recorded.get("removed", {}), recorded.get("sealed", {})
    by_key = said["sealed"]
    return {
        **{n: min(said[n], recorded[n]) for n in ("deleted", "anonymised", "requalified")},
        "left": max(said["left"], recorded["left"]),
        "removed": {t: min(rows, said["removed"].get(t, 0)) for t, rows in removed.items()},
        "sealed": {
            key: digest if _rows_in(by_key.get(key)) > _rows_in(digest) else by_key.get(key)
            for key, digest in sealed.items()
        },
        **{name: recorded.get(name) for name in ("residue", "last_change_at")},
    }


def _rows_in(digest: Sequence[str] | None) -> int:
    return RowDigest.from_list(digest).rows if digest else 0


def _earlier_audits(run: Run) -> tuple[list[Any], list[Any]]:
    """The audits of all ends of a run but its last: by the ledger, and by the database."""
    ends = Entry.objects.filter(kind=Kind.RUN_ENDED, facts__run=run.pk).order_by("number")
    recorded = list(ends.values_list("facts__audits", flat=True))
    if run.audits is not None:
        recorded = recorded[:-1]
    said = list(run.earlier_audits)
    if _is_from_before(run.started_at):  # it may have ended before there was a ledger
        said = said[len(said) - len(recorded) :]
    return recorded, said


def _of_rows(plan: Plan) -> Iterator[Finding]:
    """The rows of a plan against its totals, and against its fingerprint as long as nobody else struck."""
    counted: Counter[str] = Counter(dict.fromkeys(plan.totals["outcomes"], 0))
    for outcome, _state, count in sql.rows(sql.load("plans", "count_rows"), {"plan": plan.pk}):
        counted[outcome] += count
    if dict(counted) != plan.totals["outcomes"]:
        counts = _("The rows of plan %(plan)s are not as many of each outcome as it says.")
        yield Finding(0, counts % {"plan": plan.pk})
        return
    run = run_queries.of_plan(plan)
    if not _struck_since(plan) and not run_queries.rows_are_those_approved(plan, run):
        others = _("The rows of plan %(plan)s are not those that were simulated.")
        yield Finding(0, others % {"plan": plan.pk})


def _struck_since(plan: Plan) -> bool:
    """Whether something else than its own run struck contacts after the plan was recorded."""
    recorded = Entry.objects.filter(kind=Kind.PLAN, facts__plan=plan.pk).first()
    if recorded is None:
        return True  # nothing to compare with; told as not recorded
    later = Entry.objects.filter(number__gt=recorded.number)
    others = Run.objects.filter(chunks__rows__gt=0).exclude(plan=plan)
    # A run that began before may have struck after.
    return others.filter(chunks__committed_at__gt=plan.created_at).exists() or (
        later.filter(kind=Kind.RUN_STARTED).exclude(facts__plan=plan.pk).exists()
    )


def _unrecorded() -> Iterator[Finding]:
    for what, number, made_at in sql.rows(sql.load("certificates", "select_unrecorded")):
        if not _is_from_before(made_at):
            yield told.not_recorded(what, number)
    yield from _unrecorded_keys(VaultKey.objects.all())


def _unrecorded_keys(keys: QuerySet[VaultKey]) -> Iterator[Finding]:
    made = Entry.objects.filter(kind=Kind.VAULT_KEY)
    recorded = {UUID(key) for key in made.values_list("facts__key", flat=True)}
    for key in keys.exclude(pk__in=recorded).order_by("made_at", "pk"):
        if not _is_from_before(key.made_at):
            yield told.not_recorded("key of the vault", key.pk)


def _is_from_before(made_at: datetime) -> bool:
    """Whether a row is from before the ledger began: it began later in houses that were there before.

    Where the beginning of the ledger was lost, nothing tells when it began.
    """
    first = ledger.first()
    if first is None or first.number != 1 or first.kind in (Kind.HOUSE, Kind.RESTORE):
        return False
    return made_at < first.at
