"""Columns of a list: what their names mean, how they are headed and by what they are sorted.

Names are those of conditions: keys and aliases, hops such as ``organization.country``, custom fields by their key. How
the values of columns are read belongs to ``reading``.
"""

from typing import NamedTuple

from crmcli.conditions.expression import value
from crmcli.conditions.operands import Hop, Operand, reach, resolve, title
from crmcli.conditions.scope import Fields
from crmcli.domain.schema import Entity
from crmcli.errors import ConditionError, UsageError

_SORTED_BY_POSITION = frozenset({"stage", "pipeline"})


class Shown(NamedTuple):
    """A column of a list: the key of its values in the rows, its label and the type of its field."""

    key: str
    label: str
    type: str


def find_operand(name: str, entity: Entity, fields: Fields) -> Operand:
    """Return the field that a name means, seen from an entity; UsageError with the nearest names when there is none."""
    names = tuple(name.split("."))
    if operand := reach(names, entity, fields):
        return operand
    from crmcli.conditions.tokens import Source  # what is found needs no more of the language
    from crmcli.conditions.tree import Path

    try:
        return resolve(Path(names, 0), entity, fields, Source(name))
    except ConditionError as error:
        raise UsageError(error.problem, hint=error.hint, code="field.unknown") from None


def heading(operand: Operand) -> str:
    """Return the heading of a column: that of the field, after those of the references on the way."""
    return " ".join([*(hop.reference.label for hop in operand.hops), operand.field.label])


def order_sql(operand: Operand, fields: Fields) -> str:
    """Return the expression by which a column is sorted: folded text, enums and stages in their own order."""
    field, stored = operand.field, value(operand.hops, operand.field.sql)
    if field.multi:
        raise UsageError(f"a list cannot be sorted by {operand.path}", code="field.unsortable")
    if field.type == "ref":
        hops = (*operand.hops, Hop(field, fields.entity(field.ref)))
        if field.ref in _SORTED_BY_POSITION:
            return value(hops, "r.position")
        return f"fold({value(hops, title(operand, hops[-1].target).field.sql)})"
    if field.type == "enum" and field.enum:
        from crmcli.domain.enums import values  # the lists are needed only for their order

        places = " ".join(f"WHEN '{key}' THEN {place}" for place, key in enumerate(values(field.enum)))
        return f"CASE {stored} {places} END"
    if operand.path == "ref":
        return "r.id"
    return f"fold({stored})" if field.type == "text" else stored
