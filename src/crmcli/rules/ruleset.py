"""Rules understood: conditions compiled, watched fields known, indexed by entity and sorted by turn.

Conditions speak of today and of names in the store, so this is done once for each write; the files are read once.
"""

from collections.abc import Iterable
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import Condition, compile
from crmcli.domain.schema import Entity, did_you_mean
from crmcli.errors import ConditionError
from crmcli.rules.actions import Step, understand
from crmcli.rules.events import CHANGING, may_raise
from crmcli.rules.files import RuleFiles
from crmcli.rules.mistakes import Mistake, refuse
from crmcli.rules.rule import Rule
from crmcli.rules.world import World

_UNWATCHED = frozenset({"updated", "saved"})  # the events that ask which fields changed


class ReadyRule(NamedTuple):
    """A rule that can be judged and run. ``watch`` holds canonical names of stored fields; empty means any field."""

    rule: Rule
    when: Condition | None
    watch: frozenset[str]
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        """The identity of the rule."""
        return self.rule.id


class Ruleset(NamedTuple):
    """The rules that may act, by entity, each list in the order of their turns."""

    by_entity: dict[str, tuple[ReadyRule, ...]]

    def actions(self) -> frozenset[tuple[str, str]]:
        """Return the entities with the actions of the writer that can raise an event of some rule."""
        actions = ("create", "update", "delete", "restore")
        every = [ready.rule for rules in self.by_entity.values() for ready in rules]
        return frozenset(
            (rule.entity, action) for rule in every for action in actions if may_raise(action, rule.events)
        )

    def limited_to(self, ids: Iterable[str]) -> "Ruleset":
        """Return the rule set with only these rules."""
        kept = frozenset(ids)
        limited = {
            entity: tuple(ready for ready in rules if ready.id in kept) for entity, rules in self.by_entity.items()
        }
        return Ruleset({entity: rules for entity, rules in limited.items() if rules})


def make_ruleset(files: RuleFiles, world: World) -> Ruleset:
    """Return the enabled rules, ready to run; ConfigError with every mistake of the files."""
    ready, mistakes = understand_rules(files, world)
    refuse(mistakes)
    found: dict[str, tuple[ReadyRule, ...]] = {}
    for one in ready:
        if one.rule.enabled:
            found[one.rule.entity] = (*found.get(one.rule.entity, ()), one)
    return Ruleset(found)


def understand_rules(files: RuleFiles, world: World) -> tuple[list[ReadyRule], list[Mistake]]:
    """Return the rules that have a meaning in the order of their turns, disabled ones too, and all mistakes."""
    mistakes = list(files.mistakes)
    changing = world._replace(scope=world.scope._replace(changes=True))
    in_turn = sorted(files.rules, key=lambda rule: (rule.order, rule.id))
    found = [_ready(rule, changing, mistakes) for rule in in_turn]
    return [ready for ready in found if ready], mistakes


def _ready(rule: Rule, world: World, mistakes: list[Mistake]) -> ReadyRule | None:
    entity = ENTITIES[rule.entity]
    before = len(mistakes)
    when = _condition(rule, entity, world, mistakes)
    watch = _watched(rule, entity, when, world, mistakes)
    steps = [understand(action, entity, world, mistakes) for action in rule.actions]
    if rule.crossed and not rule.when:
        mistakes.append(Mistake(rule.place.at("crossed"), "needs a condition that can become true", "write when = ..."))
    if len(mistakes) > before or not rule.is_sound:
        return None
    return ReadyRule(rule, when, watch, tuple(step for step in steps if step))


def _condition(rule: Rule, entity: Entity, world: World, mistakes: list[Mistake]) -> Condition | None:
    try:
        return compile(rule.when, entity, world.scope) if rule.when.strip() else None
    except ConditionError as error:
        mistakes.append(Mistake(rule.place.at("when"), error.message, error.hint))
        return None


def _watched(
    rule: Rule, entity: Entity, when: Condition | None, world: World, mistakes: list[Mistake]
) -> frozenset[str]:
    """Return the fields whose change lets a rule on updates run: those it names, else those of its condition."""
    if rule.watch is not None:
        return _named(rule, rule.watch, entity, world, mistakes)
    if when is None:
        return frozenset()
    found = frozenset(name for path in when.paths if (name := _stored_field(path, entity, world)))
    if not found and not _UNWATCHED.isdisjoint(rule.events):
        hint = "name in watch the fields whose change counts"
        mistakes.append(Mistake(rule.place.at("when"), "names only derived fields, whose change fires nothing", hint))
    return found


def _named(rule: Rule, names: tuple[str, ...], entity: Entity, world: World, mistakes: list[Mistake]) -> frozenset[str]:
    place, fields = rule.place.at("watch"), world.scope.fields
    if _UNWATCHED.isdisjoint(rule.events):
        mistakes.append(Mistake(place, "is only for updated and saved"))
    for name in names:
        found = fields.find(entity, name)
        if found is None:
            hint = did_you_mean(name, fields.names(entity))
            mistakes.append(Mistake(place, f"{entity.noun} has no field {name!r}", hint))
        elif not _stored_field(name, entity, world):
            mistakes.append(Mistake(place, f"{name} is derived, and a change of a derived field fires nothing"))
    return frozenset(_stored_field(name, entity, world) for name in names) - {""}


def _stored_field(path: str, entity: Entity, world: World) -> str:
    """Return the canonical name of the field of the record itself at which a path begins; empty for a derived one."""
    fields = world.scope.fields
    found = fields.find(entity, path) or fields.find(entity, path.partition(".")[0])
    if found is None or (found[1].derived and not found[0].startswith("custom.")) or found[0] in CHANGING:
        return ""
    return found[0]
