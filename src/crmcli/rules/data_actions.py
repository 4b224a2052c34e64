"""How the actions that act inside the transaction are read: those that change records, refuse, warn or stop."""

from collections.abc import Callable

from crmcli.catalogue import ENTITIES
from crmcli.rules.deeds import Deed, MakeTask, Refuse, SetFields, Stop, Tagging, Warn
from crmcli.rules.reader import Reader

_LINKED = ("lead", "organization", "contact", "deal", "ticket")
_TASK_FIELDS = {"subject": "subject", "assign": "assignee", "priority": "priority"}


def _set_fields(reader: Reader) -> SetFields:
    values = reader.values["values"]
    found = [reader.assignment(reader.entity, key, raw, f"values.{key}") for key, raw in values.items()]
    return SetFields(tuple(one for one in found if one), reader.values.get("only_if_empty", False))


def _tagging(reader: Reader, key: str) -> Tagging:
    names = [reader.template(name, key) for name in reader.values[key]]
    return Tagging(tuple(name for name in names if name), key == "add")


def _make_task(reader: Reader) -> MakeTask | None:
    if reader.entity.name not in _LINKED:
        reader.note("action", f"a task cannot be linked to a record of kind {reader.entity.noun}")
        return None
    found = [
        reader.assignment(ENTITIES["task"], field, reader.values[key], key)
        for key, field in _TASK_FIELDS.items()
        if key in reader.values
    ]
    return MakeTask(tuple(one for one in found if one), reader.due("due"), "unless_open" in reader.values)


def _refusal(reader: Reader) -> Refuse | None:
    message, field = reader.template(reader.values["message"], "message"), reader.values.get("field", "")
    if field and reader.world.scope.fields.find(reader.entity, field) is None:
        reader.note("field", *reader.unknown(reader.entity, field))
        return None
    return Refuse(message, field) if message else None


def _warning(reader: Reader) -> Warn | None:
    message = reader.template(reader.values["message"], "message")
    return Warn(message) if message else None


READERS: dict[str, Callable[[Reader], Deed | None]] = {
    "set": _set_fields,
    "tag": lambda reader: _tagging(reader, "add"),
    "untag": lambda reader: _tagging(reader, "remove"),
    "task": _make_task,
    "refuse": _refusal,
    "warn": _warning,
    "stop": lambda reader: Stop(reader.values.get("all", False)),
}
