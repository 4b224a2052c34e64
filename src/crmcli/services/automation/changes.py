"""From what was saved to the changes that rules see: one for each record, however often a write saved it.

A merge is a change of the record that survives, a comment one of its ticket. What was saved of each record is kept as
long as rules may ask how it was before.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.rules.events import CONSENT, MERGED, Change, beside, changed_fields, events_of, summed_up
from crmcli.services.ledger import happened
from crmcli.services.results import Saved

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_Record = tuple[str, int]


class ChangeBook:
    """The changes of one transaction. ``asked`` are entities with the actions of the writer that some rule is about."""

    def __init__(self, asked: Collection[tuple[str, str]], writer: "Writer") -> None:
        self._asked = asked
        self._writer = writer
        self._history: dict[_Record, list[Saved]] = {}

    def forget(self) -> None:
        """Forget what was saved."""
        self._history.clear()

    def since(self, change: Change) -> list[Saved]:
        """Return what was saved of a record by a change and after it, in order."""
        return self._history.get((change.entity, change.id), [])[change.mark :]

    def changes(self, saved: Iterable[Saved], chain: tuple[str, ...]) -> list[Change]:
        """Return a change for each record that some rule may be about; ``chain`` holds the rules that led here."""
        own: dict[_Record, list[Saved]] = {}
        further: dict[_Record, tuple[set[str], str]] = {}  # events from elsewhere, with their cause
        for item in saved:
            found = self._elsewhere(item)
            if found:
                record, events = found
                own.setdefault(record, [])
                further.setdefault(record, (set(), item.cause))[0].update(events)
            if item.entity in _RULED and not _only_says_who(item):
                own.setdefault((item.entity, item.id), []).append(item)
        changes = (self._change(record, items, further.get(record), chain) for record, items in own.items())
        return [change for change in changes if change]

    def _change(
        self, record: _Record, items: list[Saved], further: tuple[set[str], str] | None, chain: tuple[str, ...]
    ) -> Change | None:
        entity, record_id = record
        known = self._history.setdefault(record, [])
        mark = len(known)
        known += items
        action = summed_up([item.action for item in items])
        if (entity, action) not in self._asked:
            return None
        before, after = _both(items)
        events = events_of(entity, action, before, after) if items else frozenset()
        fields = changed_fields(ENTITIES[entity], before, after)
        cause = items[-1].cause if items else ""
        if further:
            events, cause = events | further[0], cause or further[1]
        return Change(entity, record_id, events, fields, cause, chain, mark)

    def _elsewhere(self, item: Saved) -> tuple[_Record, Collection[str]] | None:
        """Return the other record of which something that was saved is an event, and the events."""
        if item.action == "merge":
            return (item.entity, item.after["merged_into_id"]), (MERGED,)
        if item.action != "create":
            return None
        if item.entity == CONSENT:
            about = happened(self._writer, item.id)
            return (about.record, (about.event,)) if about else None
        found = beside(item.entity, item.after)
        return ((found[0], found[1]), found[2]) if found else None


_IDENTITY = frozenset({"subject_id", "updated_at", "updated_by_id"})
_RULED = frozenset(name for name, entity in ENTITIES.items() if entity.letter)


def _both(items: list[Saved]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that changed, before and after several writes of a record."""
    if len(items) == 1:
        return items[0].before, items[0].after
    before = {key: value for item in reversed(items) for key, value in item.before.items()}
    return before, {key: value for item in items for key, value in item.after.items()}


def _only_says_who(item: Saved) -> bool:
    """Say whether all that was saved is who a record is about, which is no change of the record."""
    return item.action == "update" and _IDENTITY.issuperset(item.after)
