"""Reads the keys of one action: texts parsed, fields found, literals typed; every mistake is noted with its place.

What the keys of each kind of action mean together stands in ``data_actions``.
"""

from typing import Any

from crmcli.conditions.condition import Condition, compile
from crmcli.domain.schema import Entity, Field, did_you_mean
from crmcli.errors import ConditionError, CrmError
from crmcli.rules.deeds import Assignment
from crmcli.rules.durations import Due, parse_due
from crmcli.rules.mistakes import Mistake
from crmcli.rules.rule import Action
from crmcli.rules.templates import Template, has_variables, parse_template
from crmcli.rules.world import World, typed

_MOVED = frozenset({"stage", "pipeline"})  # of a deal: their own action checks the move


class Reader:
    """Reads the keys of one action of a rule about an entity."""

    def __init__(self, action: Action, entity: Entity, world: World, mistakes: list[Mistake]) -> None:
        self.values = action.values
        self.entity = entity
        self.world = world
        self._place = action.place
        self._mistakes = mistakes

    def condition(self) -> Condition | None:
        """Return the condition under which the action is done, None for always."""
        text = self.values.get("if", "")
        try:
            return compile(text, self.entity, self.world.scope) if text else None
        except ConditionError as error:
            self.note("if", error.message, error.hint)
            return None

    def due(self, key: str) -> Due | None:
        """Return the time that a key means, counted from when the rule runs; None when it is not there or wrong."""
        try:
            return parse_due(self.values[key], self.world.times) if key in self.values else None
        except ValueError as error:
            self.note(key, str(error))
            return None

    def settable(self, entity: Entity, name: str, key: str, *, is_new: bool = False) -> tuple[str, Field] | None:
        """Return the canonical name of a field that may be set, with the field; on a new record more of them may."""
        found = self.world.scope.fields.find(entity, name)
        if found is None:
            self.note(key, *self.unknown(entity, name))
            return None
        canonical, field = found
        if not is_new and entity.name == "deal" and canonical in _MOVED:
            self.note(key, "is changed by the action move")
            return None
        if not field.writable or field.type in ("rows", "links") or canonical == "custom":
            self.note(key, f"{name} cannot be set")
            return None
        return found

    def assignment(self, entity: Entity, name: str, raw: Any, key: str, *, is_new: bool = False) -> Assignment | None:
        """Return what a field of an entity shall be; templates speak of the rule's own record."""
        found = self.settable(entity, name, key, is_new=is_new)
        return self._assigned(*found, raw, key) if found else None

    def field_value(self, name: str, key: str) -> Assignment | None:
        """Return what a key says of a field that the action takes care of itself; None when it is not there."""
        return self._assigned(name, self.entity.fields[name], self.values[key], key) if key in self.values else None

    def records(self, entity: str, text: str, key: str) -> tuple[int, ...]:
        """Return the ids of all records that a text names; none, with a mistake noted, when there is none."""
        try:
            return self.world.scope.resolve(entity, text)
        except CrmError as error:
            self.note(key, error.message, error.hint)
            return ()

    def _assigned(self, canonical: str, field: Field, raw: Any, key: str) -> Assignment | None:
        if isinstance(raw, str) and has_variables(raw):
            template = self.template(raw, key)
            return Assignment(canonical, field, raw, template=template) if template else None
        try:
            text = ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
            return Assignment(canonical, field, text, typed(field, raw, self.world))
        except ValueError as error:
            self.note(key, str(error))
            return None

    def template(self, text: str, key: str, *, late: bool = False) -> Template | None:
        """Return the template that the text of a key is; a ``late`` one may name variables of the environment."""
        try:
            found = parse_template(text, self.entity, self.world.scope.fields, late=late)
        except ValueError as error:
            self.note(key, str(error))
            return None
        if not self.world.scope.changes and any(variable.root == "old" for variable in found.variables):
            self.note(key, "old. needs a change, and there is none when a rule runs by time or by hand")
            return None
        return found

    def unknown(self, entity: Entity, name: str) -> tuple[str, str | None]:
        """Return what to note of a field that an entity does not have."""
        return f"{entity.noun} has no field {name!r}", did_you_mean(name, self.world.scope.fields.names(entity))

    def note(self, key: str, reason: str, hint: str | None = None) -> None:
        """Note a mistake in a key."""
        self._mistakes.append(Mistake(self._place.at(key), reason, hint))
