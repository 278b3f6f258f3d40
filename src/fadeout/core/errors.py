"""The errors that people see. Each carries the exit code of the command that ends with it.

Messages name the place and the way out; they never carry personal data. What can reach a page of the
console is made with gettext where it is raised, in the language of whoever looks; commands speak English.
"""

from __future__ import annotations

DONE = 0
DID_NOT_HOLD = 1
BAD_INPUT = 2
INTERRUPTED = 130


class FadeoutError(Exception):
    """An error with a message made for people and an exit code made for scripts.

    ``way_out`` may name a command; ``on_page`` is the way out of whoever looks at a page, if it is another.
    """

    exit_code = BAD_INPUT

    def __init__(self, message: str, *, way_out: str = "", on_page: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out
        self.on_page = way_out if on_page is None else on_page

    def __str__(self) -> str:
        return f"{self.message}\n{self.way_out}" if self.way_out else self.message

    @property
    def beside_a_field(self) -> str:
        """What a form says of it: in one line, with the way out on a page."""
        return f"{self.message} {self.on_page}".strip()


class BadInput(FadeoutError):  # noqa: N818 - named for what people did, as the exit codes are
    """What was given cannot be used: a file, an option, a value, a setting. Exit code 2."""


class DidNotHold(FadeoutError):  # noqa: N818
    """A check, an audit or a run did not come to its good end. Exit code 1."""

    exit_code = DID_NOT_HOLD
