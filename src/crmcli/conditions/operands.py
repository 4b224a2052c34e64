"""Paths resolved against the catalogue: which field of which record a condition looks at."""

from typing import TYPE_CHECKING, NamedTuple

from crmcli.conditions.scope import Fields
from crmcli.domain.schema import Entity, Field, did_you_mean

if TYPE_CHECKING:
    from crmcli.conditions.tokens import Source
    from crmcli.conditions.tree import Path


class Hop(NamedTuple):
    """A step from a record to the one that a reference of it points to."""

    reference: Field
    target: Entity


class Operand(NamedTuple):
    """A field reached from the record in question: ``organization.country``.

    ``path`` is canonical, the key of the record's value in a mapping given to ``match``; ``entity`` is the one the
    field belongs to; ``currency`` says for money in which currency the amount is.
    """

    path: str
    field: Field
    entity: Entity
    hops: tuple[Hop, ...] = ()
    currency: "Operand | None" = None


class _Way(NamedTuple):
    """How far names lead: those that are left, seen from an entity, and the field they name there, if there is one."""

    names: tuple[str, ...]
    entity: Entity
    prefix: str
    hops: tuple[Hop, ...]
    found: tuple[str, Field] | None


def reach(names: tuple[str, ...], entity: Entity, fields: Fields) -> Operand | None:
    """Return the operand that names lead to, seen from an entity; None when they lead to none."""
    way = _follow(names, entity, fields)
    return operand_of(way.found, way.entity, way.prefix, way.hops) if way.found else None


def resolve(path: "Path", entity: Entity, fields: Fields, source: "Source") -> Operand:
    """Return the operand that a path names, seen from an entity; ConditionError names the nearest fields."""
    if operand := reach(path.names, entity, fields):
        return operand
    names, entity, *_ = _follow(path.names, entity, fields)
    position = path.position + sum(len(name) + 1 for name in path.names[: -len(names)])
    step = fields.find(entity, names[0])
    if step is None or names[0] == "custom":
        is_family = any(key.startswith(f"{names[0]}.") for key in entity.fields)
        raise _unknown(".".join(names) if step or is_family else names[0], entity, fields, source, position)
    raise _no_step(names, entity, source, position)


def _follow(names: tuple[str, ...], entity: Entity, fields: Fields) -> _Way:
    hops: tuple[Hop, ...] = ()
    prefix = ""
    while (found := fields.find(entity, ".".join(names))) is None:
        step = fields.find(entity, names[0])
        if step is None or names[0] == "custom" or len(names) == 1 or step[1].type != "ref":
            break
        prefix += f"{step[0]}."
        names = names[1:]
        entity = fields.entity(step[1].ref)
        hops = (*hops, Hop(step[1], entity))
    return _Way(names, entity, prefix, hops, found)


def operand_of(found: tuple[str, Field], entity: Entity, prefix: str = "", hops: tuple[Hop, ...] = ()) -> Operand:
    """Return a field, given with its canonical name, as an operand; ``prefix`` and ``hops`` are the way to it."""
    key, field = found
    currency = entity.find("currency") if field.type == "money" else None
    of = Operand(prefix + currency.key, currency, entity, hops) if currency else None
    return Operand(prefix + key, field, entity, hops, of)


def title(operand: Operand, target: Entity) -> Operand:
    """Return the display name of the record that a reference points to."""
    name = Field("title", "text", "Title", sql=target.title)
    return Operand(f"{operand.path}.title", name, target, (*operand.hops, Hop(operand.field, target)))


def _unknown(name: str, entity: Entity, fields: Fields, source: "Source", position: int) -> Exception:
    if name.casefold() == "old":
        return source.error("'old.' stands only on the right side", position, "write `amount > old.amount`")
    hint = _with_value(name, entity) or did_you_mean(name.removeprefix("custom."), fields.names(entity))
    hint = hint or (f"crm field list {entity.noun}" if entity.letter else None)
    return source.error(f"{entity.noun} has no field {name!r}", position, hint)


def _with_value(name: str, entity: Entity) -> str | None:
    """Return a hint where what should be a field is a value of one: ``done`` of ``status``."""
    from crmcli.domain.enums import choose

    found = ((field.key, choose(field.enum, name)) for field in entity.fields.values() if field.enum)
    return next((f"write `{key} = {value}`" for key, value in found if value), None)


def _no_step(names: tuple[str, ...], entity: Entity, source: "Source", position: int) -> Exception:
    problem = f"{names[0]!r} of {entity.noun} leads to no other record"
    return source.error(problem, position + len(names[0]), f"write {names[0]} alone")
