"""What an import or an export did, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class FileCounts:
    """The rows of one file, and what became of them."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped_erased: int = 0
    links_left_out: int = 0
    values_left_empty: int = 0


@dataclass(frozen=True)
class ImportReport:
    """What an import did, file by file, and the files that it passed over.

    ``recency_waits``: the contacts are too many for their recency to be brought up to date by the way.
    """

    files: dict[str, FileCounts]
    passed_over: list[str] = field(default_factory=list)
    recency_waits: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def changed_anything(self) -> bool:
        """Whether any row is new or another."""
        return any(counts.inserted or counts.updated for counts in self.files.values())

    def as_dict(self) -> dict[str, Any]:
        """The report for ``--json``."""
        return {
            "files": {name: asdict(counts) for name, counts in self.files.items()},
            "passed_over": self.passed_over,
        }


@dataclass(frozen=True)
class ExportReport:
    """How many rows each exported file has, by the name of the file."""

    files: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """The report for ``--json``."""
        return {"files": self.files}
