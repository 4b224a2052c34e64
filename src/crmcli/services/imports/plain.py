"""Rows on their way into the store by column: those that are all new and say nothing but plain values.

Whatever else rows may be, known, matched, repeated, wrong, is found out and told row by row in ``saving``.
"""

from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from crmcli.importing.sheets import Sheet
from crmcli.services.by_column import create_plain
from crmcli.services.imports.kept_rows import Kept
from crmcli.services.imports.linking import Linker, own_references
from crmcli.services.imports.matching import Matcher
from crmcli.services.imports.memory import Memory
from crmcli.services.imports.outcome import Figures, Outcome, Tally
from crmcli.services.imports.values import lesser, needs_rows

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class PlainRows:
    """Saves rows of one file by column. ``brings_fields``: its preset knows custom fields that may not be here yet."""

    def __init__(
        self, writer: "Writer", memory: Memory, matcher: Matcher, linker: Linker, tally: Tally, *, brings_fields: bool
    ) -> None:
        self._writer = writer
        self._brings_fields = brings_fields
        self._memory = memory
        self._matcher = matcher
        self._linker = linker
        self._first_new = tally.first_new

    def save(self, sheet: Sheet) -> Outcome | None:
        """Save rows and return what became of them; None, and nothing is saved, where they need a look at each."""
        if needs_rows(sheet) or not self._are_new(sheet):
            return None
        told: dict[str, Sequence[Any]] = dict(sheet.values)
        links = 0
        for name, named in sheet.links.items():
            ids = self._linker.plain_ids(sheet.entity, named)
            if ids is None:
                return None
            told[name] = ids
            if name in own_references(sheet.entity):
                links += len(ids) - ids.count(None)
        created = create_plain(self._writer, sheet.entity, told)
        if created is None:
            return None
        self._first_new.setdefault(sheet.entity, created[0])
        kept = zip(sheet.lines, sheet.hashes, repeat(sheet.entity), created, repeat("created"), strict=False)
        return Outcome(Figures(created=len(created), links=links), kept=list(map(Kept._make, kept)))

    def _are_new(self, sheet: Sheet) -> bool:
        """Say whether no two rows can be about the same record, and none about one that is here."""
        keys = self._matcher.plain_keys(sheet)
        if keys is None or len(set(sheet.hashes)) < len(sheet.hashes):
            return False
        return (
            all(len(set(values)) == len(values) for values in keys.values())
            and not self._memory.recall(sheet.entity, sheet.hashes)
            and not (self._brings_fields and self._memory.recall(sheet.entity, list(map(lesser, sheet.hashes))))
            and not self._matcher.is_any_here(sheet.entity, keys)
        )
