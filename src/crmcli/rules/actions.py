"""The actions of a rule, understood: texts parsed, fields found, literals typed, references resolved.

What an action does to the store is the business of the services; here is only what it means.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import Condition, Scope, compile
from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.inputs import Reading, is_unclear, read_value
from crmcli.domain.plurals import counted
from crmcli.domain.schema import Entity, Field, did_you_mean
from crmcli.errors import ConditionError, CrmError
from crmcli.rules.durations import Due, Times, parse_due
from crmcli.rules.mistakes import Mistake
from crmcli.rules.rule import Action
from crmcli.rules.shape import LATER
from crmcli.rules.templates import Template, has_variables, parse_template

_MOVED = frozenset({"stage", "pipeline"})  # of a deal: their own action checks the move
_LINKED = ("lead", "organization", "contact", "deal", "ticket")


class World(NamedTuple):
    """What actions are understood in: the scope of conditions and the business hours, if any."""

    scope: Scope
    calendar: BusinessCalendar | None = None

    @property
    def times(self) -> Times:
        """What due times are counted from."""
        return Times(self.scope.now, self.scope.zone, self.scope.locale, self.calendar)

    @property
    def reading(self) -> Reading:
        """What literals depend on."""
        return Reading(self.scope.now, self.scope.zone, self.scope.locale, self.scope.country)


class Assignment(NamedTuple):
    """A field and what it shall be: a typed ``value``, or a ``template`` whose text is typed when it is rendered.

    ``text`` is what stands in the file, for people.
    """

    key: str  # canonical: a field key or ``custom.KEY``
    field: Field
    text: str
    value: Any = None
    template: Template | None = None


class SetFields(NamedTuple):
    """Set fields of the record."""

    assignments: tuple[Assignment, ...]
    only_if_empty: bool


class Tagging(NamedTuple):
    """Put tags on the record, or take them off."""

    names: tuple[Template, ...]
    adds: bool


class MakeTask(NamedTuple):
    """Create a task that is linked to the record; with ``once`` not while an open one of this rule exists."""

    assignments: tuple[Assignment, ...]
    due: Due | None
    once: bool


class Refuse(NamedTuple):
    """Abort the write."""

    message: Template
    field: str


class Warn(NamedTuple):
    """Tell the user."""

    message: Template


class Stop(NamedTuple):
    """End the rule; with ``all`` also the later rules for the change."""

    all: bool


Deed: TypeAlias = SetFields | Tagging | MakeTask | Refuse | Warn | Stop


class Step(NamedTuple):
    """One action, ready to be done when its condition, if any, holds."""

    number: int
    kind: str
    condition: Condition | None
    deed: Deed


def typed(field: Field, raw: Any, world: World) -> Any:
    """Return the typed value of a field that a literal of TOML or a rendered text means; ValueError says why none."""
    if isinstance(raw, list):
        if not (field.multi or field.type == "json"):
            raise ValueError("takes one value, not a list")
        return raw
    if field.type == "ref":
        return _one_record(field, str(raw), world)
    if not isinstance(raw, str):  # a number of TOML has a decimal point, whatever the language
        return read_value(field, str(raw).lower(), world.reading._replace(locale="en"))
    value = read_value(field, raw, world.reading)
    if is_unclear(field, raw):
        raise ValueError(f"{raw!r} can be read in two ways; write it without separators of thousands")
    return value


def understand(action: Action, entity: Entity, world: World, mistakes: list[Mistake]) -> Step | None:
    """Return an action ready to be done; None, with the mistakes noted, when it has no meaning."""
    reader = _Reader(action, entity, world, mistakes)
    before = len(mistakes)
    condition = reader.condition()
    deed = _READERS[action.kind](reader)
    return Step(action.number, action.kind, condition, deed) if deed and len(mistakes) == before else None


class _Reader:
    """Reads the keys of one action."""

    def __init__(self, action: Action, entity: Entity, world: World, mistakes: list[Mistake]) -> None:
        self.values = action.values
        self._place = action.place
        self._entity = entity
        self._world = world
        self._mistakes = mistakes

    def condition(self) -> Condition | None:
        text = self.values.get("if", "")
        try:
            return compile(text, self._entity, self._world.scope) if text else None
        except ConditionError as error:
            self._note("if", error.message, error.hint)
            return None

    def fields(self) -> SetFields:
        values = self.values["values"]
        found = [self._assignment(self._entity, key, raw, f"values.{key}") for key, raw in values.items()]
        return SetFields(tuple(one for one in found if one), self.values.get("only_if_empty", False))

    def tagging(self, key: str) -> Tagging:
        names = [self._template(name, key) for name in self.values[key]]
        return Tagging(tuple(name for name in names if name), key == "add")

    def task(self) -> MakeTask | None:
        if self._entity.name not in _LINKED:
            self._note("action", f"a task cannot be linked to a record of kind {self._entity.noun}")
            return None
        keys = {"subject": "subject", "assign": "assignee", "priority": "priority"}
        found = [
            self._assignment(ENTITIES["task"], field, self.values[key], key)
            for key, field in keys.items()
            if key in self.values
        ]
        return MakeTask(tuple(one for one in found if one), self._due(), "unless_open" in self.values)

    def refusal(self) -> Refuse | None:
        message, field = self._template(self.values["message"], "message"), self.values.get("field", "")
        if field and self._world.scope.fields.find(self._entity, field) is None:
            self._note("field", *self._unknown(self._entity, field))
            return None
        return Refuse(message, field) if message else None

    def warning(self) -> Warn | None:
        message = self._template(self.values["message"], "message")
        return Warn(message) if message else None

    def stop(self) -> Stop:
        return Stop(self.values.get("all", False))

    def _due(self) -> Due | None:
        try:
            return parse_due(self.values["due"], self._world.times) if "due" in self.values else None
        except ValueError as error:
            self._note("due", str(error))
            return None

    def _assignment(self, entity: Entity, name: str, raw: Any, key: str) -> Assignment | None:
        """Return what a field of an entity shall be; templates speak of the rule's own record."""
        found = self._world.scope.fields.find(entity, name)
        if found is None:
            self._note(key, *self._unknown(entity, name))
            return None
        canonical, field = found
        if entity.name == "deal" and canonical in _MOVED:
            self._note(key, f"is changed by the action 'move', which {LATER}")
            return None
        if not field.writable or field.type in ("rows", "links") or canonical == "custom":
            self._note(key, "cannot be set")
            return None
        if isinstance(raw, str) and has_variables(raw):
            template = self._template(raw, key)
            return Assignment(canonical, field, raw, template=template) if template else None
        try:
            text = ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
            return Assignment(canonical, field, text, typed(field, raw, self._world))
        except ValueError as error:
            self._note(key, str(error))
            return None

    def _template(self, text: str, key: str) -> Template | None:
        try:
            return parse_template(text, self._entity, self._world.scope.fields)
        except ValueError as error:
            self._note(key, str(error))
            return None

    def _unknown(self, entity: Entity, name: str) -> tuple[str, str | None]:
        return f"{entity.noun} has no field {name!r}", did_you_mean(name, self._world.scope.fields.names(entity))

    def _note(self, key: str, reason: str, hint: str | None = None) -> None:
        self._mistakes.append(Mistake(self._place.at(key), reason, hint))


def _one_record(field: Field, text: str, world: World) -> int | None:
    if not text.strip():
        return None
    try:
        found = world.scope.resolve(field.ref, text)
    except CrmError as error:
        raise ValueError(error.message + (f"; {error.hint}" if error.hint else "")) from None
    if len(found) != 1:
        raise ValueError(f"{text!r} fits {counted(len(found), 'record')}; name one by its ref")
    return found[0]


_READERS: dict[str, Callable[[_Reader], Deed | None]] = {
    "set": _Reader.fields,
    "tag": lambda reader: reader.tagging("add"),
    "untag": lambda reader: reader.tagging("remove"),
    "task": _Reader.task,
    "refuse": _Reader.refusal,
    "warn": _Reader.warning,
    "stop": _Reader.stop,
}
