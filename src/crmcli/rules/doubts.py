"""What looks wrong with rules that are valid each by itself: a warning, since only their author knows what is meant.

Rules may set each other off, when one changes what another watches, and back; values may yet come to rest. A rule may
never have its turn, when an earlier one always ends it.
"""

from collections.abc import Sequence

from crmcli.rules.deeds import Stop
from crmcli.rules.effects import Effect, effects_of
from crmcli.rules.ruleset import ReadyRule


def find_cycles(rules: Sequence[ReadyRule]) -> list[tuple[str, ...]]:
    """Return the cycles among rules as the ids on the way, the first again at the end; each cycle once."""
    followers = {one.id: [two.id for two in rules if _may_follow(one, two)] for one in rules}
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


def _may_follow(one: ReadyRule, two: ReadyRule) -> bool:
    return (two is not one or one.rule.reacts_to_itself) and _sets_off(one, two)


def _sets_off(one: ReadyRule, two: ReadyRule) -> bool:
    return any(_asks(two, effect) for effect in effects_of(one) if effect.entity == two.rule.entity)


def _asks(ready: ReadyRule, effect: Effect) -> bool:
    """Say whether a rule is about a change: by an event of its own, or because a field changed that it watches."""
    found = effect.events.intersection(ready.rule.events)
    if found <= {"updated", "saved"} and effect.fields:
        return bool(found) and (not ready.watch or not effect.fields.isdisjoint(ready.watch))
    return bool(found)
