"""Structured logs of console and worker: one JSON object a line, on standard error.

What could go wrong: a library logs what it was given, and an exception quotes rows. So a line has names of
events, ids, codes and figures alone. Of what others log only who logged, how grave it is, what it was about
by id, the class of the error and the places in the code that it came through are kept; never a word of the
text.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("fadeout")
#: So many places of the code are told of an error, the innermost ones.
PLACES = 12


def begin() -> None:
    """Log so from now on, in this process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # such as the id of the request at hand
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(Discreet())
    root.setLevel(logging.WARNING)  # what we do ourselves we tell ourselves
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("django.request").setLevel(logging.ERROR)  # each request is told once
    sys.excepthook = _uncaught
    threading.excepthook = lambda hooked: _uncaught(
        hooked.exc_type, hooked.exc_value, hooked.exc_traceback
    )


def places(trace: TracebackType | None) -> list[str]:
    """Through which lines of code an error came, outermost first: ``file:line function``, no values."""
    frames = traceback.extract_tb(trace)[-PLACES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


class Discreet(logging.Handler):
    """What libraries log, without what they say."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        told: dict[str, Any] = {"logger": record.name}
        action = getattr(record, "action", None)
        if isinstance(action, str):
            told["action"] = action
        job = getattr(record, "job", None)
        if isinstance(job, dict):
            told |= {"job": job.get("id"), "task": job.get("task_name")}
        if record.exc_info and record.exc_info[0]:
            told |= {"error": record.exc_info[0].__name__, "places": places(record.exc_info[2])}
        level = record.levelname.lower()
        write = {"error": log.error, "critical": log.critical, "warning": log.warning}
        write.get(level, log.info)("library", **told)


def _uncaught(
    kind: type[BaseException], _error: BaseException | None, trace: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        log.critical("uncaught", error=kind.__name__, places=places(trace))


def _short(file: str) -> str:
    """Without the folders of this machine, which may be named after somebody."""
    for folder in ("/site-packages/", "/src/", "/lib/"):
        _, found, rest = file.rpartition(folder)
        if found:
            return rest
    return file.rpartition("/")[2]
