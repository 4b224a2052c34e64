"""What became of the rows of an import: figures for the receipt, rows set aside, rows to remember."""

from collections import Counter
from dataclasses import dataclass, field

from crmcli.importing.rows import Draft, Rejected
from crmcli.services.imports.memory import Kept


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
    last_line: int = 0

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
        self.last_line = max(self.last_line, other.last_line)


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

    def reject(self, draft: Draft, reason: str) -> None:
        """Set a row aside."""
        self.rejected.append(Rejected(draft.line, draft.cells, reason))

    def skip(self, reason: str) -> None:
        """Count a row that is left out on purpose."""
        self.figures.skipped += 1
        self.figures.warnings[f"left out: {reason}"] += 1

    def leave(self, warning: str = "") -> None:
        """Count a row that changes nothing."""
        self.figures.unchanged += 1
        if warning:
            self.figures.warnings[warning] += 1
