"""What can only be stored once all rows of a file are in: references among its own records, and merged records."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.errors import Problem
from crmcli.importing.building import Key
from crmcli.importing.finish import Link
from crmcli.services.imports.kept_rows import Kept
from crmcli.services.imports.linking import Linker
from crmcli.services.imports.matching import EXTERNAL
from crmcli.services.imports.outcome import Outcome, Tally
from crmcli.services.imports.values import external_ref
from crmcli.services.imports.waiting import Late, Merged

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_REFUSED = "{} that cannot be is left empty"
_MISSING = "{} is not found and left empty"


class Afterwards:
    """What waits for the end of the file. ``merged`` are rows that only say into which record theirs went."""

    def __init__(self, writer: "Writer", linker: Linker, tally: Tally) -> None:
        self.late = tally.late
        self.merged = tally.merged
        self._marked = tally.late.mark(), tally.merged.mark()
        self._writer = writer
        self._linker = linker

    def mark(self) -> None:
        """Note how much waits, for ``forget``."""
        self._marked = self.late.mark(), self.merged.mark()

    def forget(self) -> None:
        """Drop what came since ``mark`` and was taken back."""
        late, merged = self._marked
        self.late.cut(late)
        self.merged.cut(merged)

    def save(self) -> Outcome:
        """Store what waits."""
        outcome = Outcome()
        for late in self.late.batches():
            self._save_late(late, outcome)
        for merged in self.merged.batches():
            self._save_merged(merged, outcome)
        return outcome

    def _save_late(self, late: Sequence[Late], outcome: Outcome) -> None:
        found = self._linker.find([one.link for one in late])
        for one, record_id in zip(late, found, strict=True):
            label = ENTITIES[one.entity].fields[one.name].label.lower()
            if record_id is None:
                outcome.figures.warnings[_MISSING.format(label)] += 1
                continue
            if self._update(one.entity, one.id, {one.name: record_id}):
                outcome.figures.warnings[_REFUSED.format(label)] += 1
            else:
                outcome.figures.links += 1

    def _save_merged(self, rows: Sequence[Merged], outcome: Outcome) -> None:
        """Give the records into which others were merged elsewhere the ids of those."""
        own = self._linker.find([_by_id(row, row.external_id) for row in rows])
        survivors = self._linker.find([_by_id(row, row.master) for row in rows])
        for row, here, survivor in zip(rows, own, survivors, strict=True):
            if here is not None or not row.external_id:
                outcome.leave()
            elif survivor is None:
                outcome.reject(row, f"it was merged into {row.master}, which is not here")
            elif problems := self._update(row.entity, survivor, {"+external_refs": [_ref(row)]}):
                outcome.reject(row, "; ".join(map(str, problems)))
            else:
                outcome.figures.updated += 1
                outcome.kept.append(Kept(row.line, row.row_hash, row.entity, survivor, "updated"))

    def _update(self, entity: str, record_id: int, values: dict[str, Any]) -> tuple[Problem, ...]:
        """Change a record, or leave it as it is and return why that was refused."""
        return self._writer.attempt(lambda: self._writer.update(entity, record_id, values, intent="import"))


def _by_id(row: Merged, external_id: str) -> Link:
    return Link(row.entity, (Key(EXTERNAL, external_id),))


def _ref(row: Merged) -> dict[str, Any]:
    return external_ref(row.system, row.external_id)
