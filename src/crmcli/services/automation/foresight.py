"""Which rules act on many new records, found out beforehand: conditions are judged once for records that are alike.

A bulk load brings thousands of records on most of which no rule acts. What is found here is only what ``Reactions``
would find record by record, and is not used of a record that changed in between in what a condition asks for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.rules.events import Change
from crmcli.services.automation.values import Present

if TYPE_CHECKING:
    from crmcli.rules.ruleset import ReadyRule

_Record = tuple[str, int]
_Values = Mapping[str, Any]


class Foresight:
    """What conditions say of some records. ``present`` knows the values they were judged by, and those of now."""

    def __init__(self, present: Present) -> None:
        self._present = present
        self._judged: dict[_Record, tuple[frozenset[str], set[str], _Values]] = {}

    def judge(self, changes: Sequence[Change], touched: Callable[[Change], Sequence["ReadyRule"]]) -> None:
        """Judge new records by the rules that their changes touch."""
        self._judged.clear()
        alike: dict[int, tuple[Sequence[ReadyRule], list[_Record]]] = {}
        for change in changes:
            if change.is_new:
                rules = touched(change)
                alike.setdefault(id(rules), (rules, []))[1].append((change.entity, change.id))
        for rules, records in alike.values():
            self._judge(rules, records)

    def holds(self, change: Change, ready: "ReadyRule") -> bool | None:
        """Say whether the condition of a rule holds for a new record; None where that has to be asked."""
        found = self._judged.get((change.entity, change.id))
        now = self._present.own(change.entity, change.id)
        if found is None or now is None or ready.id not in found[0] or ready.when is None:
            return None
        was = found[2]
        return None if any(now[path] != was[path] for path in ready.when.paths) else ready.id in found[1]

    def rests(self, change: Change, rules: Sequence["ReadyRule"]) -> bool:
        """Say whether no rule acts on a new record."""
        found = self._judged.get((change.entity, change.id))
        if found is None or found[1] or len(found[0]) < len(rules):
            return False
        return self._present.own(change.entity, change.id) == found[2]

    def _judge(self, rules: Sequence["ReadyRule"], records: Sequence[_Record]) -> None:
        reader = self._present.foreseen(records[0][0])
        if reader is None:
            return
        asked = [(ready, ready.when) for ready in rules if ready.when and reader.paths.issuperset(ready.when.paths)]
        judged = frozenset(ready.id for ready, _ in asked)
        rows = [
            (record, dict(own), set[str]()) for record in records if (own := self._present.own(*record)) is not None
        ]
        columns = {path: [_mark(values[path]) for _, values, _ in rows] for path in reader.paths}
        groups: dict[tuple[str, ...], dict[Any, list[int]]] = {}
        for ready, when in asked:
            paths = tuple(sorted(when.paths))
            if paths not in groups:
                groups[paths] = _grouped(list(zip(*[columns[path] for path in paths], strict=True)))
            for places in groups[paths].values():
                if when.match(rows[places[0]][1], None):
                    for place in places:
                        rows[place][2].add(ready.id)
        self._judged.update({record: (judged, holding, values) for record, values, holding in rows})


def _mark(value: Any) -> Any:
    """Return what is the same for equal values, of lists too."""
    return tuple(value) if isinstance(value, list) else value


def _grouped(marks: Sequence[Any]) -> dict[Any, list[int]]:
    """Return the places of equal marks."""
    found: dict[Any, list[int]] = {}
    for place, mark in enumerate(marks):
        found.setdefault(mark, []).append(place)
    return found
