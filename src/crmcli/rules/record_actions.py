"""How the actions are read that create records: tasks, events and notes about the record, tickets, anything else."""

from collections.abc import Callable, Mapping

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import with_article
from crmcli.domain.schema import near_or_all
from crmcli.rules.deeds import Create, Deed
from crmcli.rules.figures import KPI
from crmcli.rules.reader import Reader

LINKED = ("lead", "organization", "contact", "deal", "ticket")  # those that activities are about
ACTIVITIES = ("task", "event", "interaction")
PARTIES = ("organization", "contact", "deal", "ticket")  # those that tell whose ticket it is
_NOUNS = {entity.noun: name for name, entity in ENTITIES.items() if entity.letter}


def _task(reader: Reader) -> Create | None:
    fields = {"subject": "subject", "assign": "assignee", "priority": "priority", "every": "rrule"}
    return _about(reader, "task", fields, {"due": "due_at"})


def _event(reader: Reader) -> Create | None:
    fields = {"title": "title", "assign": "organiser", "every": "rrule"}
    return _about(reader, "event", fields, {"start": "start_at", "end": "end_at"})


def _log(reader: Reader) -> Create | None:
    if "subject" not in reader.values and "body" not in reader.values:
        reader.note("action", "needs subject or body")
        return None
    values = {"kind": "note", **reader.values}
    return _about(reader, "interaction", {key: key for key in ("kind", "subject", "body")}, {}, values)


def _ticket(reader: Reader) -> Create | None:
    keys = ("subject", "description", "type", "category", "priority")
    return _about(reader, "ticket", {key: key for key in keys} | {"assign": "assignee"}, {})


def _about(
    reader: Reader,
    entity: str,
    fields: Mapping[str, str],
    times: Mapping[str, str],
    values: Mapping[str, object] | None = None,
) -> Create | None:
    """Return the creation of a record that belongs to that of the rule; fields and times by key of the action."""
    given = reader.values if values is None else values
    if reader.entity.name not in (PARTIES if entity == "ticket" else (*LINKED, KPI)):
        new = ENTITIES[entity]
        reader.note("action", f"{with_article(new.noun)} cannot be linked to a record of kind {reader.entity.noun}")
        return None
    found = [
        reader.assignment(ENTITIES[entity], field, given[key], key, is_new=True)
        for key, field in fields.items()
        if key in given
    ]
    dues = [(field, reader.due(key)) for key, field in times.items() if key in given]
    return Create(
        entity,
        tuple(one for one in found if one),
        tuple((field, due) for field, due in dues if due),
        reader.due("delay"),
        "unless_open" in given,
        link=reader.entity.name != KPI,
    )


def _create(reader: Reader) -> Create | None:
    named, values = reader.values["entity"], reader.values["values"]
    entity = _NOUNS.get(named, named)
    if entity not in _NOUNS.values():
        hint = near_or_all(named, _NOUNS)
        reader.note("entity", f"there is no kind of record {named!r}", hint)
        return None
    kind = ENTITIES[entity]
    found = [reader.assignment(kind, key, raw, f"values.{key}", is_new=True) for key, raw in values.items()]
    return Create(entity, tuple(one for one in found if one), link=_is_linked(reader, entity))


def _is_linked(reader: Reader, entity: str) -> bool:
    return reader.entity.name in (PARTIES if entity == "ticket" else LINKED if entity in ACTIVITIES else ())


READERS: dict[str, Callable[[Reader], Deed | None]] = {
    "task": _task,
    "event": _event,
    "log": _log,
    "ticket": _ticket,
    "create": _create,
}
