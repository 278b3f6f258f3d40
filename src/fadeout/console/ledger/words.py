"""What an entry of the ledger says, in a sentence and the figures that belong to it.

What could go wrong: somebody changed an entry, and it does not hold what its kind has. Then the page says so,
rather than fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from fadeout.accounts.permissions import ROLE_NAMES, Role
from fadeout.certificates.words import brake
from fadeout.console.frame.words import CAMPAIGN_TYPES, OUTCOMES, RUN_STATES
from fadeout.core import dates
from fadeout.ledger.models import Kind
from fadeout.policy.outcomes import PlanKind

if TYPE_CHECKING:
    from django.utils.functional import Promise

KINDS: Mapping[Kind, Promise | str] = {
    Kind.HOUSE: pgettext_lazy("entry", "house founded"),
    Kind.POLICY: pgettext_lazy("entry", "policy changed"),
    Kind.PLAN: pgettext_lazy("entry", "plan"),
    Kind.APPROVAL: pgettext_lazy("entry", "approval"),
    Kind.OVERRIDE: pgettext_lazy("entry", "brake lifted"),
    Kind.RUN_STARTED: pgettext_lazy("entry", "run begun"),
    Kind.STOP_ASKED: pgettext_lazy("entry", "stop asked for"),
    Kind.RUN_STOPPED: pgettext_lazy("entry", "run stopped"),
    Kind.RUN_ENDED: pgettext_lazy("entry", "run ended"),
    Kind.RESIDUE: pgettext_lazy("entry", "texts judged"),
    Kind.VAULT_SET_UP: pgettext_lazy("entry", "vault set up"),
    Kind.VAULT_KEY: pgettext_lazy("entry", "key of the vault"),
    Kind.RECOVERY: pgettext_lazy("entry", "recovery"),
    Kind.EXPIRY: pgettext_lazy("entry", "expiry"),
    Kind.RESTORE: pgettext_lazy("entry", "restore"),
    Kind.EMPTIED: pgettext_lazy("entry", "text emptied"),
    Kind.BATCH: pgettext_lazy("entry", "batch"),
    Kind.HOLD: pgettext_lazy("entry", "hold"),
    Kind.OPERATOR: pgettext_lazy("entry", "operator"),
    Kind.OFFERING: pgettext_lazy("entry", "wording offered"),
    Kind.REQUEST: pgettext_lazy("entry", "request"),
    Kind.CAMPAIGN: pgettext_lazy("entry", "campaign"),
    Kind.TARGET: pgettext_lazy("entry", "target"),
}

HOLDS: Mapping[str, Promise | str] = {
    "put up": pgettext_lazy("hold", "A hold on a contact was put up."),
    "changed": pgettext_lazy("hold", "A hold on a contact was changed."),
    "lifted": pgettext_lazy("hold", "A hold on a contact was lifted."),
}

REQUESTS: Mapping[str, Promise | str] = {
    "opened": pgettext_lazy("request", "A contact asked to be forgotten."),
    "refused": pgettext_lazy("request", "A request was closed without being carried out."),
}

BATCHES: Mapping[str, Promise | str] = {
    "created": pgettext_lazy("batch", "A batch was created."),
    "changed": pgettext_lazy("batch", "A batch was changed."),
    "switched_on": pgettext_lazy("batch", "A batch was let run for real."),
    "switched_off": pgettext_lazy("batch", "A batch was set back to simulate only."),
    "deleted": pgettext_lazy("batch", "A batch was deleted."),
}

CAMPAIGNS: Mapping[str, Promise | str] = {
    "created": pgettext_lazy("campaign", "A campaign was set up."),
    "changed": pgettext_lazy("campaign", "A campaign was changed."),
    "removed": pgettext_lazy("campaign", "A draft of a campaign was removed."),
    "let_go": pgettext_lazy("campaign", "Somebody decided that a campaign is sent."),
    "unscheduled": pgettext_lazy("campaign", "A campaign was taken out of the schedule."),
    "begun": pgettext_lazy("campaign", "A campaign began to be sent."),
    "paused": pgettext_lazy("campaign", "A campaign was paused."),
    "resumed": pgettext_lazy("campaign", "A campaign went on."),
    "held": pgettext_lazy(
        "campaign", "A campaign was halted: something that it needs was not there."
    ),
    "cancelled": pgettext_lazy("campaign", "A campaign was ended before it was sent to all."),
    "ended": pgettext_lazy("campaign", "A campaign was sent."),
    "doubt_sent_again": pgettext_lazy("campaign", "Mails in doubt of a campaign were sent again."),
    "doubt_counts_as_sent": pgettext_lazy(
        "campaign", "Mails in doubt of a campaign count as sent."
    ),
}

TARGETS: Mapping[str, Promise | str] = {
    "frozen": pgettext_lazy("target", "A target was frozen."),
    "exported": pgettext_lazy("target", "The list of a target was taken."),
    "removed": pgettext_lazy("target", "A target was removed."),
}

Facts = Mapping[str, Any]
Names = Mapping[UUID, "str | None"]
Figures = list[tuple[str, str]]


@dataclass(frozen=True)
class Told:
    """A sentence, and figures by what they are."""

    sentence: str
    figures: Figures


def told(kind: str, facts: Any, names: Names) -> Told:
    """What an entry says; that it cannot be understood, if somebody changed it."""
    try:
        return Told(*_TELLERS[Kind(kind)](facts, names))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Told(_("This entry does not hold what was once written in it."), [])


def operators_in(facts: Any) -> Iterator[UUID]:
    """Whom the facts of an entry name."""
    if not isinstance(facts, Mapping):
        return
    told_of = facts.get("told")
    for named in (facts.get("operator"), *(told_of if isinstance(told_of, list) else ())):
        try:
            yield UUID(named)
        except (TypeError, ValueError, AttributeError):
            continue


def name_of(operator: UUID | str | None, names: Names) -> str:
    """What somebody is called, as far as it is still known."""
    if operator is None:
        return _("Fadeout itself")
    return names.get(UUID(str(operator))) or _("operator who left")


def _day(iso: str | None) -> str:
    return dates.written(date.fromisoformat(iso)) if iso else ""


def _house(facts: Facts, _names: Names) -> tuple[str, Figures]:
    figures = [(_("Time zone"), facts["time_zone"]), (_("Currency"), facts["currency"])]
    return _("The house was founded."), [*figures, *_of_policy(facts["policy"])]


def _policy(facts: Facts, _names: Names) -> tuple[str, Figures]:
    policy = facts["policy"]
    sentence = _("Version %(number)s of the policy holds from here on.") % policy
    return sentence, _of_policy(policy)


def _of_policy(policy: Facts) -> Figures:
    return [
        (_("Inactive after"), _months(policy["months"])),
        (_("At most of all contacts"), f"{policy['largest_share']} %"),
        (_("At most times the last run"), number_format(policy["largest_growth"])),
        (_("Days that a plan stays good"), number_format(policy["plan_days"])),
        (_("Two people"), _("yes") if policy["two_people"] else _("no")),
    ]


def _months(count: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", count) % {"n": count}


def _plan(facts: Facts, _names: Names) -> tuple[str, Figures]:
    sentences = {
        PlanKind.INACTIVITY: _("Plan %(plan)s was simulated."),
        PlanKind.FORGET: _("Plan %(plan)s was made of contacts named by hand."),
        PlanKind.REPLAY: _("Plan %(plan)s was made of contacts that a restore brought back."),
    }
    kind = PlanKind(facts.get("kind", PlanKind.INACTIVITY))
    outcomes = [(str(OUTCOMES[name]), number_format(facts["outcomes"][name])) for name in OUTCOMES]
    return sentences[kind] % facts, [(_("As of"), _day(facts["as_of"])), *outcomes]


def _approval(facts: Facts, _names: Names) -> tuple[str, Figures]:
    sentence = _("Plan %(plan)s was approved.") % facts
    return sentence, [(_("Contacts that it strikes"), number_format(facts["struck"]))]


def _override(facts: Facts, _names: Names) -> tuple[str, Figures]:
    brakes = ", ".join(brake(code) for code in facts["brakes"])
    return _("What held plan %(plan)s back was lifted.") % facts, [(_("Brakes"), brakes)]


def _run_started(facts: Facts, _names: Names) -> tuple[str, Figures]:
    sealed = _("yes") if facts.get("has_recovery", True) else _("no")
    sentence = _("Run %(run)s of plan %(plan)s began, or went on.") % facts
    return sentence, [(_("Can be recovered by support"), sealed)]


def _stop_asked(facts: Facts, _names: Names) -> tuple[str, Figures]:
    sentences = {
        "pause": _("Run %(run)s was asked to pause."),
        "cancel": _("Run %(run)s was asked to end for good."),
    }
    return sentences[facts["wish"]] % facts, []


def _run_stopped(facts: Facts, _names: Names) -> tuple[str, Figures]:
    return _("Run %(run)s stopped.") % facts, _of_run(facts)


def _run_ended(facts: Facts, _names: Names) -> tuple[str, Figures]:
    found = sum(facts["audits"].values()) if facts["audits"] else 0
    audits = [(_("What its audits found"), number_format(found))]
    return _("Run %(run)s ended.") % facts, [*_of_run(facts), *audits]


def _of_run(facts: Facts) -> Figures:
    return [
        (_("State"), str(RUN_STATES[facts["state"]])),
        (_("Deleted"), number_format(facts["deleted"])),
        (_("Anonymised"), number_format(facts["anonymised"])),
        (_("Kept after all"), number_format(facts["requalified"])),
        (_("Left to strike"), number_format(facts["left"])),
    ]


def _residue(facts: Facts, _names: Names) -> tuple[str, Figures]:
    sentence = _("What run %(run)s had found in texts was judged.") % facts
    return sentence, [(_("Texts"), number_format(facts["judged"]))]


def _vault_set_up(facts: Facts, _names: Names) -> tuple[str, Figures]:
    return _("The vault seals for this public key from here on."), [
        (_("Public key"), facts["recipient"])
    ]


def _vault_key(facts: Facts, _names: Names) -> tuple[str, Figures]:
    return _("A key of the vault was made."), [(_("Expires on"), _day(facts["expires_on"]))]


def _recovery(_facts: Facts, _names: Names) -> tuple[str, Figures]:
    return _("Somebody was looked for in the vault, with support's private key."), []


def _expiry(facts: Facts, _names: Names) -> tuple[str, Figures]:
    figures = [
        (_("Expired by"), _day(facts.get("as_of"))),
        (_("Keys destroyed"), number_format(facts["keys"])),
        (_("Records destroyed"), number_format(facts["records"])),
        (_("Keys that were not there"), number_format(facts.get("missing", 0))),
    ]
    return _("What had expired in the vault was destroyed."), [pair for pair in figures if pair[1]]


def _restore(facts: Facts, _names: Names) -> tuple[str, Figures]:
    lost = facts["lost"]
    if lost is None:
        return _("It was acknowledged that the head of the ledger was lost."), []
    sentence = _("It was acknowledged that a restore lost entries %(from)s to %(to)s.") % lost
    return sentence, []


def _emptied(facts: Facts, _names: Names) -> tuple[str, Figures]:
    if "operator" in facts:
        return _("The name of an operator who left was emptied."), []
    entries = ", ".join(map(str, facts["entries"]))
    return _("What people had typed was emptied."), [(_("Entries"), entries)]


def _batch(facts: Facts, names: Names) -> tuple[str, Figures]:
    modes = {"simulation": _("simulation"), "real": _("real run")}
    told_of = ", ".join(name_of(who, names) for who in facts["told"])
    figures = [
        (_("Mode"), modes[facts["mode"]]),
        (_("Inactive after"), _months(facts["months"]) if facts["months"] else ""),
        (_("Schedule"), facts["schedule"] or _("none")),
        (_("Who is told"), told_of),
    ]
    return str(BATCHES[facts["done"]]), [pair for pair in figures if pair[1]]


def _hold(facts: Facts, _names: Names) -> tuple[str, Figures]:
    return str(HOLDS[facts["what"]]), []


def _operator(facts: Facts, names: Names) -> tuple[str, Figures]:
    who = name_of(facts["operator"], names)
    role = str(ROLE_NAMES[Role(facts["role"])])
    return _("Somebody's role was set."), [(_("Who"), who), (_("Role"), role)]


def _offering(facts: Facts, _names: Names) -> tuple[str, Figures]:
    sentence = _("Version %(number)s of what contacts are offered holds from here on.")
    return sentence % facts, [(_("Digest"), str(facts["digest"]))]


def _request(facts: Facts, _names: Names) -> tuple[str, Figures]:
    figures = [(_("Request"), str(facts["request"])), (_("Due"), _day(facts["due"]))]
    return str(REQUESTS[facts["what"]]), figures


def _campaign(facts: Facts, _names: Names) -> tuple[str, Figures]:
    figures = [
        (_("Campaign"), str(facts["campaign"])),
        (_("Type"), str(CAMPAIGN_TYPES[facts["type"]])),
        *(
            (str(name), number_format(facts[fact]))
            for fact, name in (
                ("contacts", _("Contacts")),
                ("sent", _("Sent")),
                ("failed", _("Failed")),
                ("in_doubt", _("In doubt")),
                ("left_out", _("Left out")),
            )
            if fact in facts
        ),
    ]
    return str(CAMPAIGNS[facts["done"]]), figures


def _target(facts: Facts, _names: Names) -> tuple[str, Figures]:
    figures = [(_("Contacts"), number_format(facts["contacts"]))] if "contacts" in facts else []
    return str(TARGETS[facts["done"]]), figures


_TELLERS: Mapping[Kind, Callable[[Facts, Names], tuple[str, Figures]]] = {
    Kind.HOUSE: _house,
    Kind.POLICY: _policy,
    Kind.PLAN: _plan,
    Kind.APPROVAL: _approval,
    Kind.OVERRIDE: _override,
    Kind.RUN_STARTED: _run_started,
    Kind.STOP_ASKED: _stop_asked,
    Kind.RUN_STOPPED: _run_stopped,
    Kind.RUN_ENDED: _run_ended,
    Kind.RESIDUE: _residue,
    Kind.VAULT_SET_UP: _vault_set_up,
    Kind.VAULT_KEY: _vault_key,
    Kind.RECOVERY: _recovery,
    Kind.EXPIRY: _expiry,
    Kind.RESTORE: _restore,
    Kind.EMPTIED: _emptied,
    Kind.BATCH: _batch,
    Kind.HOLD: _hold,
    Kind.OPERATOR: _operator,
    Kind.OFFERING: _offering,
    Kind.REQUEST: _request,
    Kind.CAMPAIGN: _campaign,
    Kind.TARGET: _target,
}
