"""The certificate as a page: one HTML file that fetches nothing, runs nothing and prints on A4.

What could go wrong: somebody's text becomes markup. So the template escapes everything, and the page
forbids scripts and requests of its own accord.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.template import Context, Engine, Template
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fadeout.certificates import words
from fadeout.certificates.content import Certificate
from fadeout.core import dates
from fadeout.policy.outcomes import FORBIDDING, PlanKind
from fadeout.runs.models import RunState

CHART_WIDTH = 480
BAR_HEIGHT = 40


def as_html(certificate: Certificate) -> str:
    """The page to file."""
    return _template("certificate.html").render(Context(view(certificate)))


def body(certificate: Certificate) -> str:
    """What the page says, without its frame: for a page that has one of its own."""
    return _template("certificate_body.html").render(Context(view(certificate)))


def as_json(certificate: Certificate) -> str:
    """The same for programs."""
    return json.dumps(certificate, indent=2, default=_plain, ensure_ascii=False) + "\n"


def view(certificate: Certificate) -> dict[str, Any]:
    """Everything in the words and the order of the page; the terminal shows the same."""
    zone = ZoneInfo(certificate["institution"]["time_zone"])
    run, plan, data = certificate["run"], certificate["plan"], certificate["data"]
    outcomes = _labelled(certificate["outcomes"], _outcomes())
    return {
        "lang": get_language() or "en",
        "c": certificate,
        "title": _("Certificate of run %(run)s") % {"run": run["number"]},
        "result": _results()[run["state"]],
        "is_done": run["state"] == RunState.DONE,
        "made_at": _instant(certificate["made_at"], zone),
        "times": _("Times are those of %(zone)s.") % {"zone": zone.key},
        "facts": [
            (_("Institution"), certificate["institution"]["name"]),
            (
                _("Plan"),
                _("%(plan)s, as of %(day)s")
                % {"plan": plan["number"], "day": dates.written(plan["as_of"])},
            ),
            *_scope(plan),
            (_("Run begun"), _instant(run["started_at"], zone)),
            (_("Last change made"), _instant(run["last_change_at"], zone)),
        ],
        "about": _kinds()[certificate["plan"]["kind"]],
        "policy": policy_in_words(certificate["policy"]),
        "people": [_person(person, plan["kind"], zone) for person in certificate["people"]],
        "outcomes": outcomes,
        "bars": list(_bars(outcomes)),
        "chart_width": CHART_WIDTH,
        "chart_height": BAR_HEIGHT * len(outcomes),
        "reasons": _labelled(_that_keep(certificate), _reasons()),
        "removed": [
            (table, words.about(table), _number(rows))
            for table, rows in certificate["removed"].items()
        ],
        "audits": _checked(certificate["audits"]),
        "residue": _checked(certificate["residue"]),
        "found_in_texts": _found_in_texts(certificate),
        "earlier": [
            (words.audit(code), _number(count))
            for earlier in certificate["earlier_audits"]
            for code, count in sorted(earlier.items())
            if count
        ],
        "data": _data(data["until"], made_on=certificate["made_at"].astimezone(zone).date()),
        "limits": _(data["limits"]),
        "stays": [_staying(column) for column in certificate["stays"]],
        "printed": certificate["ledger"]["printed"],
    }


def _scope(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Whom the plan looked at: by the rule everybody on file, else those who were named or found."""
    contacts = _number(plan["contacts"])
    if plan["kind"] == PlanKind.FORGET:
        return [(_("Contacts named"), contacts)]
    if plan["kind"] == PlanKind.REPLAY:
        return [(_("Contacts found by their tokens"), contacts)]
    return [
        (_("Inactive since before"), dates.written(plan["cutoff"])),
        (_("Period of inactivity"), _months(plan["months"])),
        (_("Contacts on file at the simulation"), contacts),
    ]


def _that_keep(certificate: Certificate) -> dict[str, int]:
    """The reasons that kept somebody; by hand some only warned, of contacts that went all the same."""
    by_hand = certificate["plan"]["kind"] == PlanKind.FORGET
    reasons = certificate["reasons"].items()
    return {reason: n for reason, n in reasons if not by_hand or reason in FORBIDDING}


def _data(until: date | None, *, made_on: date) -> str:
    if until is None:
        return _(
            "Anonymous: no sealed copy of what this run removed can be opened. Nobody can recover it."
        )
    if until <= made_on:
        return _(
            "Pseudonymised and restricted: a sealed copy was to be destroyed on %(day)s and is still kept. "
            "Support alone can open it, for a reason that is logged."
        ) % {"day": dates.written(until)}
    return _(
        "Pseudonymised and restricted until %(day)s: a sealed copy is kept that support alone can "
        "open, for a reason that is logged. Once that copy is destroyed it is anonymous."
    ) % {"day": dates.written(until)}


def _found_in_texts(certificate: Certificate) -> list[tuple[str, str]]:
    found, left = certificate["found_in_texts"], certificate["texts_to_judge"]
    return [
        (_("Taken out of texts about others"), _number(found.get("redacted", 0))),
        (_("Left, since somebody else has it"), _number(found.get("shared", 0))),
        (_("Listed for a person to judge"), _number(found.get("listed", 0))),
        (_("Texts that nobody judged yet"), _number(left)),
    ]


def _kinds() -> dict[str, str]:
    return {
        PlanKind.INACTIVITY: _("Deletion and anonymisation of inactive contacts"),
        PlanKind.FORGET: _("Deletion and anonymisation of contacts named by hand"),
        PlanKind.REPLAY: _(
            "Deletion and anonymisation, once more, of contacts that a restore brought back"
        ),
    }


def policy_in_words(policy: Mapping[str, int]) -> list[tuple[str, str]]:
    """A version of the policy, line by line: its number, then what it says."""
    return [
        (_("Version"), str(policy["number"])),
        (_("Inactive after"), _months(policy["months"])),
        (
            _("A run strikes at most"),
            _("%(n)s %% of all contacts") % {"n": policy["largest_share"]},
        ),
        (_("and at most"), _("%(n)s times the last run") % {"n": policy["largest_growth"]}),
        (_("A plan stays good for"), _("%(n)s days") % {"n": policy["plan_days"]}),
        (_("Backups live for"), _months(policy["backup_months"])),
        (
            _("Approved by"),
            _("somebody else than its author")
            if policy["two_people"]
            else _("one person, also its author"),
        ),
    ]


def _person(person: Mapping[str, Any], kind: str, zone: ZoneInfo) -> dict[str, str]:
    return {
        "did": (_deeds() | _deeds_of(kind))[person["did"]],
        "who": _who(person),
        "id": person["operator"] or "",
        "at": _instant(person["at"], zone),
        "reason": _reason(person),
        "brakes": ", ".join(words.brake(brake) for brake in person["brakes"]),
        "entry": str(person["entry"]),
    }


def _who(person: Mapping[str, Any]) -> str:
    if person["operator"] is None:
        return _("nobody: found so by the program")
    return person["name"] or _("operator who left")


def _reason(person: Mapping[str, Any]) -> str:
    if not person["brakes"]:
        return ""
    return person["reason"] or _("(the reason was emptied)")


def _checked(audits: Mapping[str, int]) -> list[tuple[words.Audit, str, bool]]:
    """Audit, what it found, whether that is nothing."""
    return [
        (words.audit(code), _("found nothing") if not count else _found(count), not count)
        for code, count in audits.items()
    ]


def _staying(column: Mapping[str, str]) -> dict[str, str]:
    return {
        "column": f"{column['table']}.{column['column']}",
        "becomes": words.becomes(column["what_becomes"]),
        "why": _(column["why"]) if column["why"] else "",
    }


def _found(count: int) -> str:
    return ngettext("%(n)s finding", "%(n)s findings", count) % {"n": _number(count)}


def _bars(outcomes: list[tuple[str, str, int]]) -> Iterator[dict[str, Any]]:
    most = max((count for *_, count in outcomes), default=0) or 1
    for place, (label, shown, count) in enumerate(outcomes):
        top = place * BAR_HEIGHT
        yield {
            "said": _("%(outcome)s: %(count)s")
            % {"outcome": label.partition(":")[0].strip(), "count": shown},
            "text_y": top + 14,
            "y": top + 20,
            "width": f"{CHART_WIDTH * count / most:.1f}",
        }


def _labelled(counts: Mapping[str, int], labels: Mapping[str, str]) -> list[tuple[str, str, int]]:
    return [(labels.get(name, name), _number(count), count) for name, count in counts.items()]


def _months(count: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", count) % {"n": count}


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def _instant(instant: datetime | None, zone: ZoneInfo) -> str:
    if instant is None:
        return _("none")
    return dates.written(instant.astimezone(zone), "DATETIME_FORMAT")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


@cache
def _template(name: str) -> Template:
    engine = Engine(
        dirs=[str(Path(__file__).parent / "templates")],
        libraries={"i18n": "django.templatetags.i18n"},
        builtins=["django.templatetags.i18n"],
    )
    return engine.get_template(name)


def _results() -> dict[str, str]:
    return {
        RunState.DONE: _("Done: whoever was still due was struck, and no audit found anything."),
        RunState.INCOMPLETE: _("Incomplete: this run did not do all that it should. See the audits."),
        RunState.CANCELLED: _("Cancelled: what was struck stays struck, nobody else was."),
    }  # fmt: skip


def _outcomes() -> dict[str, str]:
    return {
        "deleted": _("Deleted"),
        "anonymised": _("Anonymised"),
        "requalified": _("Kept after all: no longer to be struck when their turn came"),
        "left": _("Left to strike"),
        "kept": _("Kept by the plan"),
    }


def _reasons() -> dict[str, str]:
    return {
        "active": _("Active"),
        "debtor": _("Owes the house something"),
        "creditor": _("Is owed something"),
        "structure": _("Structure"),
        "role": _("Has a role besides being a customer"),
        "hold": _("Legal hold"),
        "restriction": _("Restriction"),
        "request": _("Open request"),
        "open_order": _("Open order"),
        "sale_to_come": _("Sale still to take place"),
    }


def _deeds_of(kind: str) -> dict[str, str]:
    """How a plan that is no simulation came about."""
    return {
        PlanKind.FORGET: {"simulated": _("Named them")},
        PlanKind.REPLAY: {"simulated": _("Looked for them")},
    }.get(PlanKind(kind), {})


def _deeds() -> dict[str, str]:
    return {
        "simulated": _("Simulated"),
        "approved": _("Approved"),
        "lifted a brake": _("Lifted a brake"),
        "ran": _("Ran"),
        "asked to stop": _("Asked it to stop"),
        "stopped": _("Stopped"),
        "ended": _("Saw it end"),
        "judged": _("Judged what was listed"),
    }
