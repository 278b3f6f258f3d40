"""What a job that fails leaves: a code. Never what an error says, which may quote rows.

Codes that mean something to people are listed in :class:`Code`; others name a state of PostgreSQL
(``sqlstate_…``) or the class of an error nobody expected (``unexpected_…``).
"""

from __future__ import annotations

import errno
from datetime import datetime
from enum import StrEnum

import psycopg
from django.db import Error

from fadeout.core.errors import DidNotHold, FadeoutError
from fadeout.plans.models import Plan
from fadeout.runs import lock
from fadeout.worker.models import Failure

#: Deadlock, serialisation, lock not available; no room, too many connections.
PASSING_STATES = ("40P01", "40001", "55P03", "53100", "53200", "53300")
#: Shut down by an administrator, after a crash, or not up yet.
CONNECTION_STATES = ("57P01", "57P02", "57P03")


class Code(StrEnum):
    """What went wrong, where it is known."""

    BAD_INPUT = "bad_input"
    DID_NOT_HOLD = "did_not_hold"
    ANOTHER_RUN = "another_run"
    DATABASE_LOST = "database_lost"
    STALLED_TOO_OFTEN = "stalled_too_often"
    KEYS_MISSING = "vault_keys_missing"
    GONE = "gone"


class JobFailed(Exception):  # noqa: N818 - as the other errors
    """A job that failed, by its code alone: safe to be logged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def code_of(error: BaseException) -> str:
    """A code for an error, without a word of what it says."""
    if isinstance(error, FadeoutError):
        return _code_of_ours(error)
    if isinstance(error, Error | psycopg.Error):
        state = _state(error)
        return Code.DATABASE_LOST if state is None or _is_lost(state) else f"sqlstate_{state}"
    if isinstance(error, OSError):
        return f"os_{errno.errorcode.get(error.errno or 0, 'unknown')}"
    return f"unexpected_{type(error).__name__}"


def may_pass(code: str) -> bool:
    """Whether the same may succeed a while later."""
    passing = {f"sqlstate_{state}" for state in PASSING_STATES}
    return code in (Code.ANOTHER_RUN, Code.DATABASE_LOST, "os_ENOSPC") or code in passing


def keep(  # noqa: PLR0913 - what a failure is told by
    task: str,
    code: str,
    *,
    now: datetime,
    plan: int | None = None,
    run: int | None = None,
    batch_start: int | None = None,
) -> Failure:
    """Remember that something was not done."""
    return Failure.objects.create(
        task=task, code=code, plan=plan, run=run, batch_start=batch_start, at=now
    )


def latest_of(plan: Plan) -> str | None:
    """The code of what last failed about a plan, if anything did."""
    found = Failure.objects.filter(plan=plan.pk).order_by("-at").values_list("code", flat=True)
    return found.first()


def _code_of_ours(error: FadeoutError) -> str:
    own = getattr(error, "code", None)
    if own is not None:
        return str(own)
    if isinstance(error, DidNotHold):
        return Code.ANOTHER_RUN if lock.is_held() else Code.DID_NOT_HOLD
    return Code.BAD_INPUT


def _state(error: Error | psycopg.Error) -> str | None:
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def _is_lost(state: str) -> bool:
    return state.startswith("08") or state in CONNECTION_STATES
