"""How the actions that act inside the transaction are read: those on fields of the record, refusals, warnings, ends.

How a record is taken further stands in ``progress_actions``, how another one is created in ``record_actions``.
"""

from collections.abc import Callable
from decimal import Decimal

from crmcli.rules import progress_actions, record_actions
from crmcli.rules.deeds import AddPoints, Assign, Deed, Increment, Pool, Refuse, SetFields, Stop, Tagging, Warn
from crmcli.rules.reader import Reader
from crmcli.rules.world import NUMBERS


def _set_fields(reader: Reader) -> SetFields:
    values = reader.values["values"]
    found = [reader.assignment(reader.entity, key, raw, f"values.{key}") for key, raw in values.items()]
    return SetFields(tuple(one for one in found if one), reader.values.get("only_if_empty", False))


def _unset(reader: Reader) -> SetFields:
    found = [reader.assignment(reader.entity, name, "", "fields") for name in reader.values["fields"]]
    for one in found:
        if one and one.field.required:
            reader.note("fields", f"{one.key} is required")
    return SetFields(tuple(one for one in found if one))


def _increment(reader: Reader) -> Increment | None:
    by = Decimal(str(reader.values["by"]))
    found = reader.settable(reader.entity, reader.values["field"], "field")
    if found is None:
        return None
    key, field = found
    if field.type not in NUMBERS:
        reader.note("field", f"{key} is no number")
        return None
    if not by.is_finite() or (field.type == "int" and by != by.to_integral_value()):
        reader.note("by", "must be a whole number" if by.is_finite() else f"{by} is no number to count with")
        return None
    if by == by.to_integral_value():
        by = by.to_integral_value()
    present = reader.template(f"{{{{ record.{key} }}}}", "field")
    return Increment(key, field, by, present.variables[0]) if present else None


def _tagging(reader: Reader, key: str) -> Tagging:
    names = [reader.template(name, key) for name in reader.values[key]]
    return Tagging(tuple(name for name in names if name), key == "add")


def _add_points(reader: Reader) -> AddPoints | None:
    if reader.entity.name != "lead":
        reader.note("action", f"only leads have a score, not a record of kind {reader.entity.noun}")
        return None
    reason = reader.template(reader.values["reason"], "reason") if "reason" in reader.values else None
    return AddPoints(reader.values["add"], reason)


def _assign(reader: Reader) -> Assign | None:
    key = "assignee" if "assignee" in reader.entity.fields else "owner"
    if ("to" in reader.values) == ("pool" in reader.values):
        reader.note("action", "needs either to or pool")
        return None
    if "strategy" in reader.values and "pool" not in reader.values:
        reader.note("strategy", "is for a pool")
    to = reader.assignment(reader.entity, key, reader.values["to"], "to") if "to" in reader.values else _pool(reader)
    return Assign(key, to, reader.values.get("only_if_empty", False)) if to else None


def _pool(reader: Reader) -> Pool | None:
    if "strategy" not in reader.values:
        reader.note("strategy", "is missing", "round_robin, least_busy or random")
        return None
    raw = reader.values["pool"]
    names = [raw] if isinstance(raw, str) else raw
    members = [user for name in names for user in reader.records("user", name, "pool")]
    if not members:
        return None
    return Pool(", ".join(names), tuple(dict.fromkeys(members)), reader.values["strategy"])


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
    "unset": _unset,
    "increment": _increment,
    "tag": lambda reader: _tagging(reader, "add"),
    "untag": lambda reader: _tagging(reader, "remove"),
    "assign": _assign,
    "score": _add_points,
    "refuse": _refusal,
    "warn": _warning,
    "stop": lambda reader: Stop(reader.values.get("all", False)),
    **progress_actions.READERS,
    **record_actions.READERS,
}
