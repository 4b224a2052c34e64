"""Both sides of an item against what they last agreed on: what to do here, and where they contradict each other.

Pure: versions in, decisions out. A field that one side alone changed is that side's; one that both changed, and
differently, is a conflict, which is told and touches nothing until somebody prefers a side.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmcli.formats.items import Lines, changed, split
from crmcli.services.calendars.reading import Component, Fields, changed_fields, overlapping

Prefer = str | None  # local, remote, or nobody
LOCAL, REMOTE = "local", "remote"
_SHOWN = 60  # characters of a value


@dataclass
class Decision:
    """What is to be done here with the components of one item.

    ``create``: those that are new; ``change``: by component the fields to take over; ``join``: fields whose values are
    added to ours; ``remove`` and ``restore``: components. ``again``: those to be sent as new, ``push``: those of which
    the other side lacks something. ``conflicts``: in words. ``overruled``: theirs gives way, so it is kept elsewhere.
    """

    create: list[str] = field(default_factory=list)
    change: dict[str, frozenset[str]] = field(default_factory=dict)
    join: dict[str, frozenset[str]] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    restore: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    push: set[str] = field(default_factory=set)
    conflicts: list[str] = field(default_factory=list)
    overruled: bool = False


Drafts = Callable[[Sequence[Lines]], list[Fields]]


def lines_of(text: str) -> Lines:
    """Return the lines of a component of ours."""
    found = split(text).components
    return found[0] if found else ()


def is_changed(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Say whether our components are others than they were, bookkeeping left aside."""
    return before.keys() != after.keys() or any(
        text != after[key] and changed(lines_of(text), lines_of(after[key])) for key, text in before.items()
    )


class Comparison:
    """Compares one item. ``read`` returns the fields of components of ours; ``prefer`` decides conflicts."""

    def __init__(self, read: Drafts, prefer: Prefer) -> None:
        self._read = read
        self._prefer = prefer
        self.decision = Decision()

    def with_base(
        self,
        base: Mapping[str, Component],
        theirs: Mapping[str, Component],
        was: Mapping[str, str],
        mine: Mapping[str, str],
    ) -> Decision:
        """Decide about an item that was in step: ``base`` and ``was`` then, ``theirs`` and ``mine`` now."""
        for key in dict.fromkeys([*theirs, *base]):
            new, old = theirs.get(key), base.get(key)
            if new is None:
                self._removed_there(key, was, mine)
            elif old is None and key in mine:
                self.without_base(key, new, mine[key])
            elif old is None:
                self.decision.create.append(key)
            else:
                self._changed_there(key, old, new, was, mine)
        return self.decision

    def without_base(self, key: str, new: Component, mine: str) -> Decision:
        """Decide about a component that both sides have, and never agreed on: what one side lacks it gets."""
        (own,) = self._read([lines_of(mine)])
        there = new.fields
        take, join, clash, push = set(), set(), set(), set()
        for name in changed_fields(own, there):
            if not there.get(name):
                push.add(name)
            elif not own.get(name):
                take.add(name)
            elif isinstance(there[name], list) or name.endswith(".link"):
                join.add(name)
            else:
                clash.add(name)
        if clash and self._prefer is None:
            self._conflict(sorted(clash), own, there)
        elif clash and self._prefer == REMOTE:
            take |= clash
        elif clash:
            push |= clash
            self.decision.overruled = True
        self._take(key, frozenset(take))
        if join:
            self.decision.join[key] = frozenset(join)
        if push or join:
            self.decision.push.add(key)
        return self.decision

    def _removed_there(self, key: str, was: Mapping[str, str], mine: Mapping[str, str]) -> None:
        if key not in mine:
            return
        if not _differ(was.get(key), mine[key]) or self._prefer == REMOTE:
            self.decision.remove.append(key)
        elif self._prefer == LOCAL:
            self.decision.again.append(key)
        else:
            self.decision.conflicts.append("removed there, changed here")

    def _changed_there(
        self, key: str, old: Component, new: Component, was: Mapping[str, str], mine: Mapping[str, str]
    ) -> None:
        theirs = changed_fields(old.fields, new.fields)
        if not theirs:
            return
        if key not in mine:
            if key in was and self._prefer == REMOTE:
                self.decision.restore.append(key)
                self._take(key, frozenset(new.fields))
            elif key in was and self._prefer is None:
                self.decision.conflicts.append("changed there, removed here")
            elif key in was:
                self.decision.overruled = True
            return
        if not _differ(was.get(key), mine[key]):
            self._take(key, theirs)
            return
        before, after = self._read([lines_of(was.get(key) or mine[key]), lines_of(mine[key])])
        own = changed_fields(before, after)
        shared = overlapping(theirs, own)
        clash = [name for name in sorted(shared) if new.fields.get(name) != after.get(name)]
        if clash and self._prefer is None:
            self._conflict(clash, after, new.fields)
        self.decision.overruled |= bool(clash) and self._prefer == LOCAL
        self._take(key, theirs if clash and self._prefer == REMOTE else theirs - shared)

    def _take(self, key: str, fields: frozenset[str]) -> None:
        if fields:
            self.decision.change[key] = fields

    def _conflict(self, names: Sequence[str], here: Fields, there: Fields) -> None:
        told = (f"{_word(name)}: here {_shown(here.get(name))}, there {_shown(there.get(name))}" for name in names)
        self.decision.conflicts.append("; ".join(told))


def _differ(was: str | None, mine: str) -> bool:
    return was is None or (was != mine and bool(changed(lines_of(was), lines_of(mine))))


def _word(name: str) -> str:
    return name.removesuffix(".link").replace("_", " ")


def _shown(value: Any) -> str:
    if value in (None, "", [], ()):
        return "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(str(one.get("value", one)) if isinstance(one, dict) else str(one) for one in value)[:_SHOWN]
    text = str(value)
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
