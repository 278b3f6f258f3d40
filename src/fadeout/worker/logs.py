"""Structured logs: one JSON object a line, on standard error. Event names, ids and codes alone.

What could go wrong: a library logs what it was given, and an exception quotes rows. So of what others log
only who logged, how grave it is, what it was about by id, and the class of the error is kept; never a
word of the text.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("fadeout")


def begin() -> None:
    """Log so from now on, in this process."""
    structlog.configure(
        processors=[
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
    sys.excepthook = _uncaught
    threading.excepthook = lambda hooked: _uncaught(hooked.exc_type, None, None)


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
            told["error"] = record.exc_info[0].__name__
        level = record.levelname.lower()
        write = {"error": log.error, "critical": log.critical, "warning": log.warning}
        write.get(level, log.info)("library", **told)


def _uncaught(
    kind: type[BaseException], _error: BaseException | None, _trace: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        log.critical("uncaught", error=kind.__name__)
