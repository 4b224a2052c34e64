"""What looks wrong with rules that are valid each by itself: a warning, since only their author knows what is meant.

Rules may set each other off, when one changes what another watches, and back; values may yet come to rest. A rule may
never have its turn, when an earlier one always ends it.
"""

from collections.abc import Sequence

from crmcli.rules.deeds import SetFields, Stop, Tagging
from crmcli.rules.ruleset import ReadyRule

_BY_FIELD = {
    "tags": ("tagged", "untagged"),
    "status": ("status_changed",),
    "owner": ("assigned",),
    "assignee": ("assigned",),
}


def find_cycles(rules: Sequence[ReadyRule]) -> list[tuple[str, ...]]:
    """Return the cycles among rules as the ids on the way, the first again at the end; each cycle once."""
    followers = {one.id: [two.id for two in rules if two.id != one.id and _sets_off(one, two)] for one in rules}
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for start in followers:
        back = _way_back(start, followers)
        if back:
            found.setdefault(frozenset(back), back)
    return list(found.values())


def find_unreachable(rules: Sequence[ReadyRule]) -> list[tuple[str, str]]:
    """Return the rules that never have a turn, each with the rule that ends them; ``rules`` are in order of turns."""
    found = []
    for place, ready in enumerate(rules):
        ender = next((one for one in rules[:place] if _always_ends(one) and _covers(one, ready)), None)
        if ender:
            found.append((ready.id, ender.id))
    return found


def _always_ends(ready: ReadyRule) -> bool:
    unasked = ready.when is None and not ready.watch
    return unasked and any(isinstance(step.deed, Stop) and step.deed.all and not step.condition for step in ready.steps)


def _covers(one: ReadyRule, two: ReadyRule) -> bool:
    """Say whether every event of a rule is one of another: saved is created and updated."""
    covered = set(one.rule.events) | ({"created", "updated"} if "saved" in one.rule.events else set())
    return one.rule.entity == two.rule.entity and covered >= set(two.rule.events)


def _way_back(start: str, followers: dict[str, list[str]]) -> tuple[str, ...] | None:
    """Return the shortest way from a rule to itself, None when there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:  # grows while it is walked
        for follower in followers[way[-1]]:
            if follower == start:
                return (*way, start)
            if follower not in seen:
                seen.add(follower)
                ways.append((*way, follower))
    return None


def _sets_off(one: ReadyRule, two: ReadyRule) -> bool:
    if one.rule.entity != two.rule.entity:
        return False
    fields, events = _changes(one), frozenset(two.rule.events)
    if not fields:
        return False
    if not events.isdisjoint({"updated", "saved"}) and (not two.watch or not fields.isdisjoint(two.watch)):
        return True
    return any(not events.isdisjoint(_BY_FIELD.get(field, ())) for field in fields)


def _changes(ready: ReadyRule) -> frozenset[str]:
    """Return the fields of its record that a rule changes."""
    fields: set[str] = set()
    for step in ready.steps:
        if isinstance(step.deed, SetFields):
            fields |= {one.key for one in step.deed.assignments}
        elif isinstance(step.deed, Tagging):
            fields.add("tags")
    return frozenset(fields)
