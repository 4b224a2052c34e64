"""What the actions of a rule do: each is saved by the writer like a change of the user, with the rule as its cause."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.text import fold
from crmcli.errors import CrmError, Problem, RefusedError
from crmcli.rules.actions import Assignment, MakeTask, Refuse, SetFields, Step, Stop, Tagging, Warn, World, typed
from crmcli.rules.durations import due_moment
from crmcli.rules.events import Change
from crmcli.rules.templates import Language, Template, render
from crmcli.services.rule_values import RecordValues

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_OPEN_TASK = (
    "SELECT t.id FROM task t JOIN activity_link l ON l.activity_entity = 'task' AND l.activity_id = t.id"
    " WHERE t.created_by_rule = ? AND l.entity = ? AND l.record_id = ? AND t.deleted_at IS NULL"
    " AND t.status NOT IN ('done', 'cancelled') LIMIT 1"
)
_STORING = frozenset({"set", "tag", "untag", "task"})  # the actions that a chain may hold only so many of


class Outcome(NamedTuple):
    """What became of an action: ``done``, ``unchanged`` or ``skipped``, and in words for people."""

    status: str
    text: str

    @property
    def is_done(self) -> bool:
        """Whether it had an effect."""
        return self.status == "done"


class Actor:
    """Does the actions of one rule on the record of one change."""

    def __init__(self, writer: "Writer", rule_id: str, change: Change, values: RecordValues, world: World) -> None:
        self._writer = writer
        self._rule = rule_id
        self._change = change
        self._kind = ENTITIES[change.entity]
        self._values = values
        self._world = world

    def act(self, step: Step) -> Outcome:
        """Do one action; RefusedError names rule and action when it fails, or is the refusal that the rule wants."""
        if step.condition and not step.condition.match(
            self._values.new(step.condition.paths), self._values.old(step.condition.paths)
        ):
            return Outcome("skipped", f"{step.kind}: its condition does not hold")
        if isinstance(step.deed, Refuse):
            raise self._refusal(step, step.deed)
        try:
            return _ACTS[type(step.deed)](self, step.deed)
        except (CrmError, ValueError) as error:
            raise self._failure(step, error) from error

    def set_fields(self, deed: SetFields) -> Outcome:
        """Set fields of the record."""
        wanted = [one for one in deed.assignments if not (deed.only_if_empty and self._is_filled(one))]
        if not wanted:
            return Outcome("skipped", "set: the fields are filled")
        texts = {one.key: self._text(one) for one in wanted}
        return self._update({one.key: self._value(one, texts[one.key]) for one in wanted}, f"set {_pairs(texts)}")

    def tag(self, deed: Tagging) -> Outcome:
        """Put tags on the record or take them off."""
        present = {fold(name) for name in self._values.new(["tags"])["tags"]}
        names = [self._rendered(name) for name in deed.names]
        wanted = [name for name in names if (fold(name) in present) != deed.adds]
        what = f"{'tagged' if deed.adds else 'untagged'} {', '.join(wanted or names)}"
        return self._update({"+tags" if deed.adds else "-tags": wanted}, what) if wanted else Outcome("unchanged", what)

    def make_task(self, deed: MakeTask) -> Outcome:
        """Create a task for the record."""
        if deed.once and self._writer.one(_OPEN_TASK, self._rule, self._kind.name, self._change.id):
            return Outcome("skipped", "task: an open one of this rule exists")
        values: dict[str, Any] = {one.key: self._value(one, self._text(one)) for one in deed.assignments}
        if deed.due:
            values["due_at"] = due_moment(deed.due, self._world.times)
        link = {"entity": self._kind.name, "record_id": self._change.id, "is_main": 1, "role": None}
        values |= {"links": [link], "created_by_rule": self._rule}
        task = self._writer.create("task", values, intent="rule")
        return Outcome(
            "done", f"task {task.entity.ref(task.id)} {json.dumps(task.record['subject'], ensure_ascii=False)}"
        )

    def warn(self, deed: Warn) -> Outcome:
        """Tell the user."""
        text = self._rendered(deed.message)
        self._writer.warn(text)
        return Outcome("done", f"warned: {text}")

    def stop(self, deed: Stop) -> Outcome:
        """End here; who runs the rules reads how much ends."""
        return Outcome("done", "stopped all later rules" if deed.all else "stopped")

    def _update(self, values: dict[str, Any], text: str) -> Outcome:
        draft = self._writer.update(self._kind.name, self._change.id, values, intent="rule")
        changed = draft.before is None or draft.record["version"] != draft.before["version"]
        return Outcome("done" if changed else "unchanged", text)

    def _is_filled(self, one: Assignment) -> bool:
        return self._values.new([one.key])[one.key] not in (None, "", [], "[]")

    def _text(self, one: Assignment) -> str:
        return self._rendered(one.template) if one.template else one.text

    def _value(self, one: Assignment, text: str) -> Any:
        return typed(one.field, text, self._world) if one.template else one.value

    def _rendered(self, template: Template) -> str:
        scope = self._world.scope
        return render(template, self._values.presented(template), Language(scope.zone, scope.locale))

    def _refusal(self, step: Step, deed: Refuse) -> RefusedError:
        try:
            message = self._rendered(deed.message)
        except ValueError as error:
            return self._failure(step, error)
        name = self._kind.noun if self._change.is_new else self._change.ref
        return RefusedError(f"{name} refused by rule {self._rule}", [Problem(deed.field, message)], code="rule.refused")

    def _failure(self, step: Step, error: Exception) -> RefusedError:
        problems = error.problems if isinstance(error, RefusedError) else (Problem("", str(error)),)
        hint = error.hint if isinstance(error, CrmError) else None
        return RefusedError(
            f"rule {self._rule}, action {step.number} ({step.kind}) failed", problems, hint=hint, code="rule.failed"
        )


def stores(step: Step) -> bool:
    """Say whether an action changes records."""
    return step.kind in _STORING


def _pairs(texts: dict[str, str]) -> str:
    return ", ".join(f"{key} = {text}" for key, text in texts.items())


_ACTS: dict[type, Callable[[Actor, Any], Outcome]] = {
    SetFields: Actor.set_fields,
    Tagging: Actor.tag,
    MakeTask: Actor.make_task,
    Warn: Actor.warn,
    Stop: Actor.stop,
}
