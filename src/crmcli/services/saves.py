"""What a write makes known of what it saved: to the journal, to the rules, and to who asked for it.

Every record that is stored or taken out is told here once, one by one or many by column. How it gets into its row is
not looked at any more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING

from crmcli.services import images
from crmcli.services.results import Saved

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_KEPT = 1000  # saved records that an answer names; beyond it only counts


class Saves:
    """What one write saved: how much of what, the first records for the answer, and those that wait for the rules."""

    def __init__(self, writer: "Writer") -> None:
        self.number = 0  # rises with everything that is saved
        self.counts: dict[str, int] = {}
        self.named: list[Saved] = []
        self._writer = writer
        self._pending: list[Saved] = []
        self._new: dict[tuple[str, int], images.Image] = {}  # what the journal keeps of those made since the last flush

    def note(self, saved: Iterable[Saved]) -> None:
        """Count and journal what was saved, and keep it for the rules and for the answer.

        What a rule left as it was is not worth telling.
        """
        items = list(saved)
        self._writer.journal.write([item for item in items if item.action != "unchanged"])
        self._keep(items, Counter(item.action for item in items if not item.by_rule))

    def note_created(self, entity: str, filled: images.Columns) -> None:
        """Do what ``note`` does for many records that were made, given by their filled columns."""
        cause = self._writer.cause
        self._writer.journal.created(entity, filled, cause)
        some = self._some(entity, filled)
        if entity in self._writer.reactions.watched:
            self._new.update({(entity, one["id"]): one for one in some})
        self._keep([Saved(entity, one["id"], "create", {}, one, cause) for one in some], {"create": len(filled["id"])})

    def note_removed(self, entity: str, filled: images.Columns, texts: Sequence[str], cause: str) -> None:
        """Do what ``note`` does for many records that are gone for good; the journal keeps the texts of them."""
        self._writer.journal.removed(entity, filled["id"], texts, cause)
        some = self._some(entity, filled)
        self._keep([Saved(entity, one["id"], "remove", one, {}, cause) for one in some], {"remove": len(filled["id"])})

    def new_image(self, entity: str, record_id: int) -> images.Image | None:
        """Return what is filled of a record that this write made by column, until rules have reacted to it."""
        return self._new.get((entity, record_id))

    def renew(self, entity: str, record: images.Image) -> None:
        """Take note of the present image of a record, in case it is one that ``new_image`` knows."""
        if (entity, record["id"]) in self._new:
            self._new[entity, record["id"]] = record

    def take_pending(self) -> list[Saved]:
        """Hand over what was saved since the last time, for the next round of rules."""
        pending, self._pending = self._pending, []
        return pending

    def forget_new(self) -> None:
        """Forget the images of what was made."""
        self._new.clear()

    def so_far(self) -> dict[str, object]:
        """Return what there is to tell at present, for ``go_back``."""
        return {name: copy(getattr(self, name)) for name in ("counts", "named", "_pending")}

    def go_back(self, before: Mapping[str, object]) -> None:
        """Tell what there was to tell ``before``: what was saved since then was taken back."""
        vars(self).update(before)
        self.number += 1
        self._new.clear()

    def _some(self, entity: str, filled: images.Columns) -> list[images.Image]:
        """Return the images of as many records as rules and the answer ask for."""
        is_watched = entity in self._writer.reactions.watched
        asked = len(filled["id"]) if is_watched else max(_KEPT - len(self.named), 0)
        return images.full_images({name: column[:asked] for name, column in filled.items()})

    def _keep(self, items: Sequence[Saved], counts: Mapping[str, int]) -> None:
        self.number += 1
        for action, count in counts.items():
            self.counts[action] = self.counts.get(action, 0) + count
        self._pending += self._writer.reactions.saved([item for item in items if item.action != "unchanged"])
        if len(self.named) < _KEPT:
            told = [item for item in items if item.action != "unchanged" or not item.by_rule]
            self.named += told[: _KEPT - len(self.named)]
