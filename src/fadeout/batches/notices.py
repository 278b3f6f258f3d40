"""Tells by mail how an occurrence of a batch ended: counts and a link, in the recipient's language.

What could go wrong, and what prevents it:

- A mail counts as sent that no server took: it is marked after the server took it.
- The server is down for a while: it is tried again, longer and longer apart, for about two days. What
  the server refuses for good is kept with its code, and not tried again.
- Two workers send the same mail: whoever sends holds its row.
- A restored database sends what was sent long ago: what was made before the restore is left.
- A mail gives somebody away: it holds counts and numbers of plans and runs alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import formats, translation

from fadeout.accounts import queries as accounts
from fadeout.batches import operations, queries
from fadeout.batches.models import BatchStart, Notice
from fadeout.core import dates, mail
from fadeout.core.mail import Verdict
from fadeout.plans import queries as plan_queries
from fadeout.runs import queries as runs

#: After the first, second, … try that failed.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1_440))
NO_ADDRESS = "no_address"
GAVE_UP = "gave_up"


@dataclass(frozen=True)
class Sent:
    """How many notices a server took, refused for good, or is to be asked again about."""

    taken: int = 0
    refused: int = 0
    later: int = 0


def send_waiting(*, url: str, time_zone: str, now: datetime) -> Sent:
    """Send every notice that waits."""
    counts = {"taken": 0, "refused": 0, "later": 0}
    restored = operations.last_restore()
    while (verdict := _send_next(url, time_zone, restored, now)) is not None:
        counts[verdict] += 1
    return Sent(**counts)


def _send_next(url: str, time_zone: str, restored: datetime | None, now: datetime) -> str | None:
    with transaction.atomic():
        waiting = Notice.objects.filter(sent_at=None, failure=None, next_try_at__lte=now)
        notice = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
        if notice is None:
            return None
        notice.tries += 1
        if restored is not None and notice.made_at < restored:
            verdict = Verdict.refused(operations.RESTORED)
        else:
            verdict = _sent(notice, url, time_zone)
        if verdict.taken:
            notice.sent_at = now
        elif verdict.is_final:
            notice.failure = verdict.code
        elif notice.tries > len(WAITS):
            notice.failure = f"{GAVE_UP}: {verdict.code}"
        else:
            notice.next_try_at = now + WAITS[notice.tries - 1]
        notice.save()
    if notice.sent_at:
        return "taken"
    return "refused" if notice.failure else "later"


def _sent(notice: Notice, url: str, time_zone: str) -> Verdict:
    address = accounts.address_of(notice.operator)
    if address is None:
        return Verdict.refused(NO_ADDRESS)
    subject, body = texts(notice.start, language=address.language, url=url, time_zone=time_zone)
    return mail.send(EmailMessage(subject=subject, body=body, to=[address.email]))


def texts(start: BatchStart, *, language: str, url: str, time_zone: str) -> tuple[str, str]:
    """Subject and body of the mail about an occurrence."""
    words = _words(language)
    with translation.override(language):
        known = _known(start, words, url, time_zone)
        subject = words["subject"].format_map(known)
        lines = [
            words["greeting"],
            words[f"mode_{start.mode}"],
            "",
            words["explained"][start.outcome],
            *([words["plan"]] if start.plan_id else []),
            *([words["run"]] if "run" in known else []),
            *(["", words["link"]] if known["link"] else []),
            "",
            words["footer"],
        ]
        body = "\n".join(line.format_map(known) for line in lines)
    return subject, body + "\n"


def _known(start: BatchStart, words: Mapping[str, Any], url: str, time_zone: str) -> dict[str, str]:
    due = start.due_at.astimezone(ZoneInfo(time_zone))
    known = {
        "due": f"{dates.written(due)}, {due:%H:%M}",
        "outcome": words["outcome"][start.outcome],
        "reasons": ", ".join(words["brakes"].get(brake, brake) for brake in start.held),
        "failure": start.failure or "",
        "months": str(start.months),
        "link": "",
    }
    if start.plan is not None:
        outcomes = plan_queries.totals(start.plan)["outcomes"]
        known |= {
            "plan": str(start.plan.pk),
            "contacts": _number(start.plan.totals["contacts"]),
            "struck": _number(plan_queries.struck_by(start.plan)),
            "deleted": _number(outcomes["delete"]),
            "anonymised": _number(outcomes["anonymise"]),
            "link": f"{url.rstrip('/')}/plans/{start.plan.pk}" if url else "",
        }
    run = queries.run_of(start)
    if run is not None:
        standing = runs.standing(run)
        known |= {
            "run": str(run.pk),
            "deleted": _number(standing.deleted),
            "anonymised": _number(standing.anonymised),
            "kept": _number(standing.requalified),
            "left": _number(standing.left),
        }
    return known


def _number(count: int) -> str:
    return str(formats.number_format(count, force_grouping=True))


@cache
def _words(language: str) -> dict[str, Any]:
    path = resources.files("fadeout.batches").joinpath("words", f"{language}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
