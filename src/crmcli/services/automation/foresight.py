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
_Known = tuple[frozenset[str], set[str], Mapping[str, Any]]  # rules judged, rules that hold, by which values
Acting = list[tuple["ReadyRule", list[Change]]]
_UNKNOWN: _Known = (frozenset(), set(), {})


class Foresight:
    """What conditions say of some records. ``present`` knows the values they were judged by, and those of now."""

    def __init__(self, present: Present) -> None:
        self._present = present
        self._judged: dict[_Record, _Known] = {}

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

    def resting(self, change: Change, rules: Sequence["ReadyRule"]) -> frozenset[str]:
        """Return the ids of those rules whose condition does not hold for a record as it is now, as far as is known."""
        judged, holding, was = self._judged.get((change.entity, change.id), _UNKNOWN)
        now = self._present.own(change.entity, change.id)
        if now is None or not judged or not change.is_new:
            return frozenset()
        if now == was:
            return judged - holding
        changed = {path for path, value in now.items() if value != was[path]}
        still = {ready.id for ready in rules if ready.when and changed.isdisjoint(ready.when.paths)}
        return (judged - holding) & still

    def acting(self, changes: Sequence[Change], rules: Sequence["ReadyRule"]) -> Acting | None:
        """Return the rules that act on new records, with the changes of each; None where that is not known of all."""
        found: dict[str, list[Change]] = {}
        for change in changes if rules else ():
            judged, holding, was = self._judged.get((change.entity, change.id), _UNKNOWN)
            if len(judged) < len(rules) or self._present.own(change.entity, change.id) != was:
                return None
            for rule_id in holding:
                found.setdefault(rule_id, []).append(change)
        return [(ready, found[ready.id]) for ready in rules if ready.id in found]

    def _judge(self, rules: Sequence["ReadyRule"], records: Sequence[_Record]) -> None:
        reader = self._present.foreseen(records[0][0])
        if reader is None:
            return
        asked = [
            (ready, ready.when)
            for ready in rules
            if ready.when and ready.when.paths and reader.paths.issuperset(ready.when.paths)
        ]
        judged = frozenset(ready.id for ready, _ in asked)
        rows = [
            (record, dict(own), set[str]()) for record in records if (own := self._present.own(*record)) is not None
        ]
        columns = {path: [_mark(values[path]) for _, values, _ in rows] for path in reader.paths}
        groups: dict[tuple[str, ...], dict[Any, list[int]]] = {}
        holding: dict[tuple[str, str], list[int]] = {}  # places, by what a condition means
        for ready, when in asked:
            paths = tuple(sorted(when.paths))
            if paths not in groups:
                groups[paths] = _grouped(list(zip(*[columns[path] for path in paths], strict=True)))
            meaning = (when.text, ready.rule.user)  # to whom ``me`` is somebody else
            if meaning not in holding:
                alike = groups[paths].values()
                holding[meaning] = [place for places in alike if when.match(rows[places[0]][1]) for place in places]
            for place in holding[meaning]:
                rows[place][2].add(ready.id)
        self._judged.update({record: (judged, own, values) for record, values, own in rows})


def _mark(value: Any) -> Any:
    """Return what is the same for equal values, of lists too."""
    return tuple(value) if isinstance(value, list) else value


def _grouped(marks: Sequence[Any]) -> dict[Any, list[int]]:
    """Return the places of equal marks."""
    found: dict[Any, list[int]] = {}
    for place, mark in enumerate(marks):
        found.setdefault(mark, []).append(place)
    return found
