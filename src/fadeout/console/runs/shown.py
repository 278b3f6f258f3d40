"""Runs in words and figures, for pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from fadeout.accounts.permissions import Permission
from fadeout.certificates import agreement
from fadeout.certificates.words import Audit, audit, brake
from fadeout.console.charts.bars import Chart, Column, Series, bar_chart
from fadeout.console.ledger.words import name_of
from fadeout.console.plans import shown as plans
from fadeout.console.plans.shown import run_state, who
from fadeout.ledger import queries as ledger
from fadeout.ledger.models import Kind
from fadeout.plans import queries as plan_queries
from fadeout.residue import queries as residue
from fadeout.runs import lock, queries
from fadeout.runs.control import ENDED
from fadeout.runs.models import RunState, Wish
from fadeout.vault import queries as vault
from fadeout.worker import failures, health, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from django.utils.functional import Promise

    from fadeout.console.frame.desk import Desk
    from fadeout.runs.models import Chunk, Run
    from fadeout.runs.queries import Seen

CHUNKS_SHOWN = 120
CHUNKS_IN_TABLE = 6
#: One or two bars compare nothing.
FEWEST_BARS = 3
#: What a run does, in order. What texts hold is looked up before the first stroke, and again after the last.
STEPS = (
    _("Checked, and texts searched"),
    _("Contacts struck"),
    _("Old tickets cleared"),
    _("Texts and tables audited"),
)
STAGES = {
    "starting": 0, "searching for residue": 0, "striking": 1, "clearing old tickets": 2, "auditing": 3,
}  # fmt: skip
STAGE_NAMES = {
    "starting": _("It is about to begin."),
    "searching for residue": _("Texts about others are searched for whom it strikes."),
    "striking": _("Contacts are struck, chunk by chunk."),
    "clearing old tickets": _("Old tickets are cleared of what was typed on them."),
    "auditing": _("It is audited: what was removed must be found nowhere."),
}
DEEDS: Mapping[str, Promise | str] = {
    Kind.PLAN: _("simulated"),
    Kind.APPROVAL: _("approved"),
    Kind.OVERRIDE: _("lifted a brake"),
    Kind.RUN_STARTED: _("began it, or went on"),
    Kind.STOP_ASKED: _("asked it to stop"),
    Kind.RUN_STOPPED: _("it stopped"),
    Kind.RUN_ENDED: _("it came to its end"),
    Kind.RESIDUE: _("judged what was left in texts"),
}
WISHES = {
    Wish.PAUSE: pgettext_lazy(
        "wish", "It was asked to pause, and does so after the chunk at hand."
    ),
    Wish.CANCEL: pgettext_lazy("wish", "It was asked to end, and does so after the chunk at hand."),
}


def line(run: Run, struck: Mapping[int, int]) -> dict[str, Any]:
    """A line of the list of runs."""
    return {
        "number": str(run.pk),
        "plan": str(run.plan_id),
        "state": run_state(run),
        "started_at": run.started_at,
        "by": who(run.started_by),
        "ended_at": run.ended_at,
        "struck": struck.get(run.pk, 0),
        "planned": plan_queries.struck_by(run.plan),
    }


def live(run: Run, desk: Desk) -> dict[str, Any]:
    """What moves while a run is worked on; cheap enough to be asked every two seconds."""
    seen = queries.progress(run, now=desk.now)
    state = run_state(run)
    is_waiting = run.state not in ENDED and jobs.is_about_to_run(run.plan)
    total = plan_queries.struck_by(run.plan)
    chunks = queries.last_chunks(run, CHUNKS_SHOWN)
    settled = queries.settled(run)
    return {
        "run": run,
        "number": str(run.pk),
        "plan_number": str(run.plan_id),
        "state": state,
        "is_moving": state.code == RunState.RUNNING or is_waiting,
        "is_waiting": is_waiting,
        "lives": health.look().worker,
        "another_runs": is_waiting and state.code != RunState.RUNNING and lock.is_held(),
        "wish": WISHES[Wish(run.wish)] if run.wish else None,
        "struck": settled.struck,
        "requalified": settled.requalified,
        "left": max(total - settled.struck - settled.requalified, 0),
        "settled": settled.struck + settled.requalified,
        "total": total,
        "per_cent": int(100 * (settled.struck + settled.requalified) / total) if total else 100,
        "time_left": _time_left(seen.time_left),
        "stage": STAGE_NAMES.get(seen.stage or "", "") if state.code == RunState.RUNNING else "",
        "at": seen,
        "steps": list(
            zip(
                STEPS,
                _steps(run, seen, settled_all=settled.struck + settled.requalified >= total > 0),
                strict=True,
            )
        ),
        "chart": _chunk_times(chunks) if len(chunks) >= FEWEST_BARS else None,
        "last_chunks": chunks[: -CHUNKS_IN_TABLE - 1 : -1],
        **_allowed(run, state.code, desk, is_waiting=is_waiting),
    }


def _chunk_times(chunks: Sequence[Chunk]) -> Chart:
    """How long each took, in milliseconds, from left to right."""
    return bar_chart(
        [Column(str(n), (round(1000 * chunk.seconds),)) for n, chunk in enumerate(chunks, start=1)],
        [Series(pgettext("run", "milliseconds"))],
        name="chunks",
        title=gettext("Milliseconds that each chunk took"),
        about=gettext("A bar for each of the last chunks. The table holds every number."),
        head=pgettext("head of a table", "Chunk"),
        unit=pgettext("head of a table", "Milliseconds"),
        height=180,
    )


def _allowed(run: Run, code: str, desk: Desk, *, is_waiting: bool) -> dict[str, bool]:
    """What this user can ask of the run at this moment."""
    may_run = desk.user.may(Permission.RUN)
    has_ended = run.state in ENDED
    is_asked = run.wish is not None
    return {
        "may_pause": may_run and code == RunState.RUNNING and not is_asked,
        "may_cancel": may_run and not has_ended and run.wish != Wish.CANCEL,
        "may_resume": may_run and not has_ended and code != RunState.RUNNING and not is_waiting,
    }


def _steps(run: Run, seen: Seen, *, settled_all: bool) -> list[str]:
    """For each step: done, now or nothing."""
    if run.state == RunState.DONE:
        return ["done"] * len(STEPS)
    if run.state == RunState.INCOMPLETE:
        return ["done"] * (len(STEPS) - 1) + [""]
    at = STAGES.get(seen.stage or "", 0)
    if seen.stage == "searching for residue" and settled_all:
        at = 3
    return ["done"] * at + ["now"] + [""] * (len(STEPS) - at - 1)


def _time_left(left: timedelta | None) -> dict[str, int] | None:
    """In the unit that fits: seconds below two minutes, minutes below two hours."""
    if left is None:
        return None
    seconds = int(left.total_seconds())
    if seconds < 120:
        return {"seconds": max(seconds, 1)}
    return {"minutes": seconds // 60} if seconds < 7_200 else {"hours": seconds // 3_600}


def sheet(run: Run, desk: Desk) -> dict[str, Any]:
    """Everything that the page of a run shows."""
    moving = live(run, desk)
    sealed_until = vault.recoverable_until(queries.sealed(run))
    failed = failures.last(jobs.RUN, plan=run.plan_id, since=_last_start(run))
    return moving | {
        "plan": run.plan,
        "by": who(run.started_by),
        # It asks every row, and is shown once the run rests.
        "standing": None if moving["is_moving"] else queries.standing(run),
        "removals": list(plans.removed(queries.removed(run))),
        "overrides": [
            {
                "who": who(override.overridden_by),
                "brakes": [brake(code) for code in override.brakes],
                "reason": override.reason,
            }
            for override in queries.overrides(run)
        ],
        "audits": _audits(run.audits),
        "found": sum(count for _audit, count in (run.audits or {}).items()),
        "earlier_audits": [_audits(earlier, bad_alone=True) for earlier in run.earlier_audits],
        "sealed_until": sealed_until,
        "left_to_judge": residue.left_to_judge(run.pk),
        "entries": _entries(run),
        "failure": plans.failure_shown(failed) if run.state not in ENDED else None,
        "has_certificate": run.state in (*ENDED, RunState.INCOMPLETE),
        "may_see_ledger": desk.user.may(Permission.SEE_LEDGER),
        "may_judge": desk.user.may(Permission.RUN),
    }


def _last_start(run: Run) -> Any:
    starts = [entry.at for entry in agreement.about(run) if entry.kind == Kind.RUN_STARTED]
    return max(starts, default=run.started_at)


def _audits(found: Mapping[str, int] | None, *, bad_alone: bool = False) -> list[tuple[Audit, int]]:
    """Audits and how much each found, those that found something first."""
    listed = [
        (audit(code), count) for code, count in (found or {}).items() if count or not bad_alone
    ]
    return sorted(listed, key=lambda one: (one[1] == 0, one[0].place, one[0].name))


def _entries(run: Run) -> list[dict[str, Any]]:
    """The entries of the ledger about a run and its plan."""
    entries = list(agreement.about(run))
    names = ledger.names_of(entry.actor for entry in entries if entry.actor)
    return [
        {
            "number": entry.number,
            "at": entry.at,
            "did": DEEDS.get(entry.kind, entry.kind),
            "who": name_of(entry.actor, names),
        }
        for entry in entries
    ]
