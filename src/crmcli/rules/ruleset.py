"""Rules understood: conditions compiled, watched fields known, indexed by entity and sorted by turn.

Conditions speak of today and of names in the store, so this is done once for each write; the files are read once.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crmcli.conditions.condition import Condition, compile
from crmcli.domain.schema import Entity, did_you_mean
from crmcli.errors import ConditionError, CrmError, NotFoundError
from crmcli.rules.actions import Step, understand
from crmcli.rules.deeds import SetFields
from crmcli.rules.events import CHANGING, TICKED, may_raise, needs_change, owners
from crmcli.rules.figures import Threshold, entity_of, read_threshold
from crmcli.rules.files import RuleFiles
from crmcli.rules.mistakes import Mistake, refuse
from crmcli.rules.rule import Rule
from crmcli.rules.schedule_reader import read_schedule
from crmcli.rules.schedules import Schedule
from crmcli.rules.scores import ReadyScore, understand_scores
from crmcli.rules.world import World

_UNWATCHED = frozenset({"updated", "saved"})  # the events that ask which fields changed


class ReadyRule(NamedTuple):
    """A rule that can be judged and run. ``watch`` holds canonical names of stored fields; empty means any field.

    ``tells`` are the fields of the record that decide its condition; None where more than these does. ``actor`` is the
    id of the user as whom it acts, None for whoever makes the change.
    """

    rule: Rule
    when: Condition | None
    watch: frozenset[str]
    steps: tuple[Step, ...]
    tells: frozenset[str] | None = None
    schedule: Schedule | None = None
    threshold: Threshold | None = None
    actor: int | None = None

    @property
    def id(self) -> str:
        """The identity of the rule."""
        return self.rule.id


class Ruleset(NamedTuple):
    """The rules that may act, by entity, each list in the order of their turns, and the entries of the score."""

    by_entity: dict[str, tuple[ReadyRule, ...]]
    scores: tuple[ReadyScore, ...] = ()

    @property
    def rules(self) -> Iterator[ReadyRule]:
        """All rules, those of one entity in the order of their turns."""
        return (ready for rules in self.by_entity.values() for ready in rules)

    def find(self, rule_id: str, entity: str) -> ReadyRule | None:
        """Return the rule with an id, as it is about a kind of record."""
        return next((ready for ready in self.by_entity.get(entity, ()) if ready.id == rule_id), None)

    def actions(self) -> frozenset[tuple[str, str]]:
        """Return the entities with the actions of the writer that can raise an event of some rule."""
        actions = ("create", "update", "delete", "restore")
        return frozenset(
            (ready.rule.entity, action)
            for ready in self.rules
            for action in actions
            if ready.rule.once == "per_match" or may_raise(action, ready.rule.events)
        )

    def limited_to(self, ids: Iterable[str]) -> "Ruleset":
        """Return the rule set with only these rules."""
        kept = frozenset(ids)
        limited = {
            entity: tuple(ready for ready in rules if ready.id in kept) for entity, rules in self.by_entity.items()
        }
        return Ruleset({entity: rules for entity, rules in limited.items() if rules}, self.scores)


def make_ruleset(files: RuleFiles, world: World) -> Ruleset:
    """Return the enabled rules, ready to run; ConfigError with every mistake of the files."""
    ready, mistakes = understand_rules(files, world)
    scores = understand_scores(files.scores, world, mistakes)
    refuse(mistakes)
    found: dict[str, tuple[ReadyRule, ...]] = {}
    for one in ready:
        if one.rule.enabled:
            found[one.rule.entity] = (*found.get(one.rule.entity, ()), one)
    return Ruleset(found, scores)


def understand_rules(files: RuleFiles, world: World) -> tuple[list[ReadyRule], list[Mistake]]:
    """Return the rules that have a meaning in the order of their turns, disabled ones too, and all mistakes."""
    mistakes = list(files.mistakes)
    in_turn = sorted(files.rules, key=lambda rule: (rule.order, rule.id))
    found = [_ready(one, world, mistakes) for rule in in_turn for one in _by_owner(rule)]
    mistakes = list(dict.fromkeys(mistakes))  # a rule about several kinds of records makes the same ones for each
    mistakes.sort(key=lambda mistake: (mistake.place.file, mistake.place.line or 0))
    return [ready for ready in found if ready], mistakes


def _by_owner(rule: Rule) -> Iterator[Rule]:
    """Yield a rule for each kind of record that it is about, all under its one id."""
    for entity in owners(rule.entity) or (rule.entity,):
        yield rule._replace(entity=entity)


def _ready(rule: Rule, world: World, mistakes: list[Mistake]) -> ReadyRule | None:
    entity = entity_of(rule.entity)
    before = len(mistakes)
    world, actor = _acting(rule, _asking(rule, world), mistakes)
    when = _condition(rule, entity, world, mistakes)
    watch = _watched(rule, entity, when, world, mistakes)
    steps = [understand(action, entity, world, mistakes) for action in rule.actions]
    schedule = read_schedule(rule, entity, world, mistakes)
    threshold = read_threshold(rule, world, mistakes)
    _check_parts(rule, [step for step in steps if step], schedule, mistakes)
    if len(mistakes) > before or not rule.is_sound:
        return None
    done = tuple(step for step in steps if step)
    ready = ReadyRule(rule, when, watch, done, schedule=schedule, threshold=threshold, actor=actor)
    return ready._replace(tells=_tells(when, entity, world)) if rule.once == "per_match" else ready


def _asking(rule: Rule, world: World) -> World:
    """Return the world with the questions that conditions may ask: those about a change only where there is one."""
    return world._replace(scope=world.scope._replace(changes=needs_change(rule.events)))


def _acting(rule: Rule, world: World, mistakes: list[Mistake]) -> tuple[World, int | None]:
    """Return the world as the user sees it as whom a rule acts, and who that is."""
    resolve, actor = world.scope.resolve, None
    if rule.user:
        try:
            (actor,) = resolve("user", rule.user)
        except (CrmError, ValueError) as error:
            mistakes.append(Mistake(rule.place.at("as"), str(error)))
            return world, None
    elif TICKED.isdisjoint(rule.events):
        return world, None

    def resolve_as(entity: str, text: str) -> tuple[int, ...]:
        if entity != "user" or text.casefold() != "me":
            return resolve(entity, text)
        if actor is None:
            raise NotFoundError("user", text, hint="nobody is at the keyboard when it falls due; say who by as")
        return (actor,)

    return world._replace(scope=world.scope._replace(resolve=resolve_as)), actor


def _check_parts(rule: Rule, steps: list[Step], schedule: Schedule | None, mistakes: list[Mistake]) -> None:
    """Note what does not go together in a rule."""
    if rule.crossed and not needs_change(rule.events):
        told = "needs a change, before which the condition did not hold"
        mistakes.append(Mistake(rule.place.at("crossed"), told, 'once = "per_match" acts when it begins to hold'))
    for key, needed in (("crossed", rule.crossed), ("once", rule.once == "per_match" and rule.kpi is None)):
        if needed and not rule.when.strip():
            hint = "write when = ..."
            mistakes.append(Mistake(rule.place.at(key), "needs a condition that can become true", hint))
    anchor = schedule.anchor.path if schedule and schedule.anchor else None
    if anchor and any(anchor in changed_by(step) for step in steps):
        mistakes.append(Mistake(rule.place.at("time.anchor"), f"the rule sets {anchor} itself, and would never rest"))


def changed_by(step: Step) -> frozenset[str]:
    """Return the fields of its record that an action sets."""
    return frozenset(one.key for one in step.deed.assignments) if isinstance(step.deed, SetFields) else frozenset()


def _tells(when: Condition | None, entity: Entity, world: World) -> frozenset[str] | None:
    """Return the stored fields of the record that decide a condition; None where it looks at more than these."""
    paths = when.paths if when else ()
    if any(world.scope.fields.find(entity, path) is None for path in paths):
        return None
    names = frozenset(_stored_field(path, entity, world) for path in paths)
    return None if "" in names else names


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
