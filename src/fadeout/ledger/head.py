"""The head of the ledger: how far it went, kept outside the database.

A chain whose tail is cut off is a whole chain. So the key folder remembers number and hash of the last
entry, with an authentication code.

What could go wrong, and what prevents it:

- The process dies between commit and head: the head stays behind. Entries beyond it count if
  they carry on the chain with codes of their own; whoever comes next moves the head on.
- The disk of the key folder is full: the next head is written beside *before* the commit, so that only a
  rename is left to do after it.
- Two writers finish at once: a head is replaced under a lock, and only by a later one.
- An old backup of the database is restored: the head is ahead. Nothing is recorded until somebody
  acknowledges the loss; the head that was replaced stays on file.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fadeout.core import files
from fadeout.core.errors import BadInput, DidNotHold
from fadeout.core.postgres.locks import alone
from fadeout.keys import folder as key_folder
from fadeout.ledger import chain
from fadeout.ledger.models import Entry, Kind

KEY_NAME = "ledger.key"
HEAD_NAME = "ledger.head"
LOCK_NAME = "ledger.lock"
MISSING, DAMAGED = "missing", "damaged"


class HeadLost(DidNotHold):
    """The head cannot be read: it is ``missing`` or ``damaged``."""

    def __init__(self, path: Path, how: str) -> None:
        because = {
            MISSING: _(
                "The head of the ledger, %(path)s, is missing: whether the end of the ledger was cut "
                "off cannot be told."
            ),
            DAMAGED: _(
                "The head of the ledger, %(path)s, is damaged or was not written with the key %(key)s "
                "beside it: whether the end of the ledger was cut off cannot be told."
            ),
        }
        super().__init__(
            because[how] % {"path": path, "key": KEY_NAME},
            way_out=_(
                "Put back the key folder from its own backup; an older head will do. If there is none: "
                "fadeout ledger acknowledge --by NAME --reason TEXT"
            ),
        )
        self.how = how


@dataclass(frozen=True)
class Replaced:
    """A head whose last entries were lost by a restore, and the entry that says so."""

    number: int
    hash: str
    entry: int


@dataclass(frozen=True)
class Head:
    """The last entry that is known to be committed, and heads that restores took back."""

    number: int
    hash: str
    replaced: tuple[Replaced, ...] = ()

    def moved_on(self, entry: Entry) -> Head:
        """The head once this entry is the last one."""
        lost = entry.facts.get("lost") if entry.kind == Kind.RESTORE else None
        taken_back = (Replaced(lost["to"], lost["hash"], entry.number),) if lost else ()
        return replace(
            self, number=entry.number, hash=entry.hash, replaced=self.replaced + taken_back
        )


class Custody:
    """What the key folder keeps of the ledger of one house: key and head."""

    def __init__(self, folder: Path, house: UUID, *, is_new: bool) -> None:
        """Open it; a ledger without entries may begin it.

        Raises:
            BadInput: the key is missing where there are entries already.
        """
        self.house = house
        self._folder = folder
        self._path = folder / HEAD_NAME
        self.key = key_folder.key(
            folder, KEY_NAME, makes=is_new,
            without_it=gettext_lazy(
                "Without it, nobody can tell whether the ledger is as it was written."
            ),
        )  # fmt: skip
        self._is_new = is_new
        self._own = secrets.token_hex(4)

    def begin(self) -> None:
        """Write the head of an empty ledger, if there is none: it is never missing after that."""
        if self._is_new and not self._path.exists():
            head = Head(0, chain.genesis(self.house))
            self.prepare(head)
            self.replace(head)

    def read(self) -> Head:
        """The head on file.

        Raises:
            HeadLost: it is missing or damaged.
            BadInput: it belongs to another house.
        """
        try:
            content = json.loads(self._path.read_bytes())
            code, house = content.pop("mac"), content["house"]
            if not chain.same(code, chain.mac(self.key, ["head", content])):
                raise HeadLost(self._path, DAMAGED)
            head = Head(
                content["number"],
                content["hash"],
                tuple(Replaced(**one) for one in content["replaced"]),
            )
        except FileNotFoundError:
            raise HeadLost(self._path, MISSING) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise HeadLost(self._path, DAMAGED) from None
        if house != str(self.house):
            raise BadInput(
                _("The key folder %(folder)s holds the ledger of another house.")
                % {"folder": self._folder},
                way_out=_(
                    "Set FADEOUT_KEYS to the folder that this house is used with. Where the other house "
                    "is gone for good: move %(key)s and %(head)s out of it, and keep them."
                )
                % {"key": KEY_NAME, "head": HEAD_NAME},
            )
        return head

    def prepare(self, head: Head) -> None:
        """Write the next head beside the one that is in force; it is on disk on return.

        Raises:
            DidNotHold: the key folder cannot be written.
        """
        nothing = _("Nothing is done that the ledger cannot record.")
        with self._writing(nothing), files.written(self._draft(head.number)) as file:
            file.write(self._content(head))

    def replace(self, head: Head) -> None:
        """Put the prepared head in force, unless a later one is already, and clear old drafts.

        Raises:
            DidNotHold: the key folder cannot be written.
        """
        draft = self._draft(head.number)
        done = _(
            "What was done is recorded; the head of the ledger follows with what is done next."
        )
        with self._writing(done), alone(self._folder / LOCK_NAME):
            if self._number_in_force() < head.number or not self._path.exists():
                files.put_in_place(draft, self._path)
            for other in self._folder.glob(f".{HEAD_NAME}.*"):
                if int(other.name.split(".")[3]) <= head.number:
                    other.unlink(missing_ok=True)

    def _number_in_force(self) -> int:
        try:
            return self.read().number
        except HeadLost:
            return -1

    def _content(self, head: Head) -> bytes:
        content: dict[str, Any] = {
            "format": chain.FORMAT,
            "house": str(self.house),
            "number": head.number,
            "hash": head.hash,
            "replaced": [vars(one) for one in head.replaced],
        }
        code = chain.mac(self.key, ["head", content])
        return json.dumps(content | {"mac": code}, indent=1).encode() + b"\n"

    def _draft(self, number: int) -> Path:
        """Each writer has its own: whoever looks at the ledger may move the head on as well."""
        return self._path.with_name(f".{HEAD_NAME}.{number}.{self._own}")

    @contextmanager
    def _writing(self, so: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise key_folder.cannot_be_written(self._folder, error, so) from error
