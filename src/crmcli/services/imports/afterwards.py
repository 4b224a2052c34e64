"""What can only be stored once all rows of a file are in: references among its own records, and merged records."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from crmcli.catalogue import ENTITIES
from crmcli.errors import Problem
from crmcli.importing.building import Key
from crmcli.importing.finish import Link
from crmcli.importing.rows import Draft
from crmcli.services.imports.linking import Linker
from crmcli.services.imports.matching import EXTERNAL
from crmcli.services.imports.memory import Kept
from crmcli.services.imports.outcome import Late, Outcome, Tally
from crmcli.services.imports.values import external_ref

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

T = TypeVar("T")
_BATCH = 1000
_REFUSED = "{} that cannot be is left empty"
_MISSING = "{} is not found and left empty"


class Afterwards:
    """What waits for the end of the file. ``merged`` are rows that only say into which record theirs went."""

    def __init__(self, writer: "Writer", linker: Linker, tally: Tally) -> None:
        self.late = tally.late
        self.merged = tally.merged
        self._marked = len(tally.late), len(tally.merged)
        self._writer = writer
        self._linker = linker

    def mark(self) -> None:
        """Note how much waits, for ``forget``."""
        self._marked = len(self.late), len(self.merged)

    def forget(self) -> None:
        """Drop what came since ``mark`` and was taken back."""
        late, merged = self._marked
        del self.late[late:]
        del self.merged[merged:]

    def save(self) -> Outcome:
        """Store what waits."""
        outcome = Outcome()
        for late in _batches(self.late):
            self._save_late(late, outcome)
        for merged in _batches(self.merged):
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

    def _save_merged(self, drafts: Sequence[Draft], outcome: Outcome) -> None:
        """Give the records into which others were merged elsewhere the ids of those."""
        own = self._linker.find([_by_id(draft, draft.external[1] if draft.external else "") for draft in drafts])
        survivors = self._linker.find([_by_id(draft, draft.master or "") for draft in drafts])
        for draft, here, survivor in zip(drafts, own, survivors, strict=True):
            if here is not None or draft.external is None:
                outcome.leave()
            elif survivor is None:
                outcome.reject(draft, f"it was merged into {draft.master}, which is not here")
            elif problems := self._update(draft.entity, survivor, {"+external_refs": [external_ref(*draft.external)]}):
                outcome.reject(draft, "; ".join(map(str, problems)))
            else:
                outcome.figures.updated += 1
                outcome.kept.append(Kept(draft.line, draft.row_hash, draft.entity, survivor, "updated"))

    def _update(self, entity: str, record_id: int, values: dict[str, Any]) -> tuple[Problem, ...]:
        """Change a record, or leave it as it is and return why that was refused."""
        return self._writer.attempt(lambda: self._writer.update(entity, record_id, values, intent="import"))


def _by_id(draft: Draft, external_id: str) -> Link:
    return Link(draft.entity, (Key(EXTERNAL, external_id),))


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
