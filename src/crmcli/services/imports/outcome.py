"""What became of the rows of an import: figures for the receipt, rows set aside, rows to remember."""

from collections import Counter
from dataclasses import dataclass, field

from crmcli.importing.rows import Draft, Rejected
from crmcli.services.imports.kept_rows import Kept
from crmcli.services.imports.memory import Ids, Met
from crmcli.services.imports.waiting import Late, Merged, Waiting, waiting_links, waiting_rows


@dataclass
class Figures:
    """What became of rows, in numbers."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    links: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    earlier_job: int | None = None

    @property
    def changed(self) -> bool:
        """Whether anything was stored."""
        return bool(self.created or self.updated)

    def add(self, other: "Figures") -> None:
        """Take other figures in."""
        for name in ("created", "updated", "unchanged", "skipped", "links"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.warnings.update(other.warnings)
        self.earlier_job = max(self.earlier_job or 0, other.earlier_job or 0) or None


@dataclass
class Tally:
    """How far the import of one file is: kept from one transaction to the next where it takes several.

    ``line``: where the last row begins that is done. ``made``: records created on the way, by entity. ``rules``: how
    often each rule ran. ``first_new``: ids from there on were given by this file. ``met``: the hashes of all rows there
    are, where only this run brought any. ``late`` and ``merged``: what waits for the end of the file.
    """

    job: int | None = None
    line: int = 0
    rows: int = 0
    rejected: int = 0
    seconds: float = 0.0
    figures: Figures = field(default_factory=Figures)
    made: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    first_new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, Ids] = field(default_factory=dict)
    met: Met | None = None
    late: Waiting[Late] = field(default_factory=waiting_links)
    merged: Waiting[Merged] = field(default_factory=waiting_rows)


@dataclass
class Outcome:
    """What became of a batch: figures, the rows set aside, and those to remember."""

    figures: Figures = field(default_factory=Figures)
    rejected: list[Rejected] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Take the outcome of a part in."""
        self.figures.add(other.figures)
        self.rejected += other.rejected
        self.kept += other.kept

    def reject(self, row: Draft | Merged, reason: str) -> None:
        """Set a row aside."""
        self.rejected.append(Rejected(row.line, row.cells, reason))

    def skip(self, reason: str) -> None:
        """Count a row that is left out on purpose."""
        self.figures.skipped += 1
        self.figures.warnings[f"left out: {reason}"] += 1

    def leave(self, warning: str = "") -> None:
        """Count a row that changes nothing."""
        self.figures.unchanged += 1
        if warning:
            self.figures.warnings[warning] += 1
