"""What the actions do that act inside the transaction: each saves by the writer, as a change of the user does."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crmcli.domain.text import fold
from crmcli.rules.deeds import MakeTask, SetFields, Stop, Tagging, Warn
from crmcli.rules.durations import due_moment
from crmcli.services.automation.outcome import Outcome

if TYPE_CHECKING:
    from crmcli.services.automation.actor import Actor

_OPEN_TASK = (
    "SELECT t.id FROM task t JOIN activity_link l ON l.activity_entity = 'task' AND l.activity_id = t.id"
    " WHERE t.created_by_rule = ? AND l.entity = ? AND l.record_id = ? AND t.deleted_at IS NULL"
    " AND t.status NOT IN ('done', 'cancelled') LIMIT 1"
)


def _set_fields(actor: "Actor", deed: SetFields) -> Outcome:
    wanted = [one for one in deed.assignments if not (deed.only_if_empty and actor.is_filled(one.key))]
    if not wanted:
        return Outcome("skipped", "set: the fields are filled")
    texts = {one.key: actor.text(one) for one in wanted}
    return actor.update({one.key: actor.value(one, texts[one.key]) for one in wanted}, f"set {_pairs(texts)}")


def _tag(actor: "Actor", deed: Tagging) -> Outcome:
    present = {fold(name) for name in actor.values.new(["tags"])["tags"]}
    names = [actor.rendered(name) for name in deed.names]
    wanted = [name for name in names if (fold(name) in present) != deed.adds]
    what = f"{'tagged' if deed.adds else 'untagged'} {', '.join(wanted or names)}"
    return actor.update({"+tags" if deed.adds else "-tags": wanted}, what) if wanted else Outcome("unchanged", what)


def _make_task(actor: "Actor", deed: MakeTask) -> Outcome:
    if deed.once and actor.writer.one(_OPEN_TASK, actor.rule_id, actor.kind.name, actor.change.id):
        return Outcome("skipped", "task: an open one of this rule exists")
    values: dict[str, Any] = {one.key: actor.value(one, actor.text(one)) for one in deed.assignments}
    if deed.due:
        values["due_at"] = due_moment(deed.due, actor.world.times)
    values |= {"links": [actor.link()], "created_by_rule": actor.rule_id}
    task = actor.writer.create("task", values, intent="rule")
    return Outcome("done", f"task {task.entity.ref(task.id)} {json.dumps(task.record['subject'], ensure_ascii=False)}")


def _warn(actor: "Actor", deed: Warn) -> Outcome:
    text = actor.rendered(deed.message)
    actor.writer.warn(text)
    return Outcome("done", f"warned: {text}")


def _stop(_: "Actor", deed: Stop) -> Outcome:
    """End here; who runs the rules reads how much ends."""
    return Outcome("done", "stopped all later rules" if deed.all else "stopped")


def _pairs(texts: dict[str, str]) -> str:
    return ", ".join(f"{key} = {text}" for key, text in texts.items())


ACTS: dict[type[Any], Callable[["Actor", Any], Outcome]] = {
    SetFields: _set_fields,
    Tagging: _tag,
    MakeTask: _make_task,
    Warn: _warn,
    Stop: _stop,
}
