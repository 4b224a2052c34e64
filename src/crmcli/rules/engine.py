"""Which rules run on a change, and how far a chain of them may go. Knows no store: it is told changes and values.

A chain begins with the change of one record by a user or an import and holds everything that follows from it.
"""

from collections.abc import Mapping
from typing import Any

from crmcli.rules.events import Change, needs_change
from crmcli.rules.ruleset import ReadyRule

NOT_MET = "its condition does not hold"
MAX_DEPTH = 5
MAX_ACTIONS = 100
Record = Mapping[str, Any]


class Chain:
    """What has happened in one chain: when fields changed, when rules ran, how many data actions there were."""

    def __init__(self) -> None:
        self._now = 0
        self._changed: dict[tuple[str, int], dict[str, int]] = {}
        self._ran: dict[tuple[str, str, int], int] = {}
        self._actions: dict[str, int] = {}  # data actions by rule

    def saw(self, change: Change) -> None:
        """Note a change before any rule reacts to it."""
        self._now += 1
        self._changed.setdefault((change.entity, change.id), {}).update(dict.fromkeys(change.fields, self._now))

    def ran(self, ready: ReadyRule, change: Change) -> None:
        """Note that a rule has run on the record of a change."""
        self._now += 1
        self._ran[ready.id, change.entity, change.id] = self._now

    def knows(self, ready: ReadyRule, change: Change) -> bool:
        """Say whether a rule has run on the record at all."""
        return (ready.id, change.entity, change.id) in self._ran

    def has_run(self, ready: ReadyRule, change: Change) -> bool:
        """Say whether a rule has run on the record, and none of its watched fields has changed since."""
        last = self._ran.get((ready.id, change.entity, change.id))
        if last is None:
            return False
        times = self._changed.get((change.entity, change.id), {})
        return not any(time > last for field, time in times.items() if not ready.watch or field in ready.watch)

    def count_action(self, ready: ReadyRule, change: Change) -> str:
        """Count a data action of a rule that reacts to a change; return which bound that passes, empty if none."""
        own = self._actions[ready.id] = self._actions.get(ready.id, 0) + 1
        if len(change.chain) >= MAX_DEPTH:
            path = " → ".join((*change.chain, ready.id))
            return f"the rules set each other off more than {MAX_DEPTH} times: {path}"
        most = ready.rule.guard.max_actions
        if most is not None and own > most:
            return f"more than {most} actions of rule {ready.id} follow from one change, which its guard forbids"
        if sum(self._actions.values()) > MAX_ACTIONS:
            return f"more than {MAX_ACTIONS} actions of rules follow from one change; the last rule is {ready.id}"
        return ""


def is_asked(ready: ReadyRule, change: Change) -> bool:
    """Say whether a rule is about the events of a change at all."""
    return not change.events.isdisjoint(ready.rule.events)


def is_touched(ready: ReadyRule, change: Change) -> bool:
    """Say whether a change is of a field that a rule watches, where that matters to it."""
    return not (_only_updated(ready, change) and ready.watch and change.fields.isdisjoint(ready.watch))


def may_end(ready: ReadyRule, change: Change) -> bool:
    """Say whether a change can end the match of a rule that acts once for each."""
    if ready.rule.once != "per_match" or change.is_new:
        return False
    return ready.tells is None or not change.fields.isdisjoint(ready.tells)


def reason_to_rest(ready: ReadyRule, change: Change, chain: Chain, new: Record, old: Record | None) -> str:
    """Return why a rule that is about the change does not run on it; empty when it runs.

    ``new`` are the values the record has, ``old`` those before the change, None when it is new; by canonical path, as
    ``Condition.match`` takes them. Cheap questions come first, so that values are read only when they decide.
    """
    if change.cause == f"rule:{ready.id}" and not ready.rule.reacts_to_itself:
        return "it made this change itself"
    if not is_touched(ready, change):
        return f"none of {', '.join(sorted(ready.watch))} changed"
    if chain.has_run(ready, change):
        return "it has run on this record, and nothing it watches has changed since"
    if ready.when is None:
        return ""
    if not ready.when.match(new, old):
        return NOT_MET
    if ready.rule.crossed and old is not None and needs_change(change.events) and ready.when.match(old, old):
        return "its condition held before"
    return ""


def _only_updated(ready: ReadyRule, change: Change) -> bool:
    """Say whether the rule is asked only because fields changed."""
    asked = change.events & frozenset(ready.rule.events)
    return bool(asked) and asked <= {"updated", "saved"} and not change.is_new
