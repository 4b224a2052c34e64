"""What was bought, as the values of a field of the deals: their tags, a custom field of choices, or any other field."""

from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions import dialect
from crmcli.conditions.expression import Clause, value
from crmcli.conditions.operands import Operand
from crmcli.errors import UsageError
from crmcli.queries.columns import find_operand, heading
from crmcli.reports.acts import ACTS, CUSTOMER
from crmcli.reports.customers import CustomerFrame
from crmcli.reports.groups import Groups

_UNSUITED = frozenset({"emails", "phones", "socials", "links", "rows"})
_TAGS = "JOIN tagging g ON g.entity = 'deal' AND g.record_id = r.id JOIN tag n ON n.id = g.tag_id"


class Items(NamedTuple):
    """``bought`` is a query of who (``customer``) bought what (``item``) in which group (``grp``), each once.

    ``label`` is how the items are called.
    """

    bought: Clause
    label: str
    groups: Groups


def items_of(frame: CustomerFrame, name: str) -> Items:
    """Return what the customers of a frame bought in its period; UsageError when the field cannot tell it."""
    kind = ENTITIES[ACTS.entity]
    operand = find_operand(name, kind, frame.fields)
    if operand.field.type in _UNSUITED or operand.field.type == "money":
        raise UsageError(f"{operand.path} does not tell what was bought", hint="--item tags", code="field.ungroupable")
    join, item = _source(operand)
    table, where = frame.selection(ACTS, frame.period)
    sql = (
        f"SELECT DISTINCT {CUSTOMER} AS customer, {item} AS item, {frame.group_sql(ACTS.entity)} AS grp"
        f" FROM {table.table} r {join}"
        f" WHERE r.deleted_at IS NULL AND {where.sql} AND {item} IS NOT NULL AND {CUSTOMER} IS NOT NULL"
    )
    listed = operand.field.multi or operand.field.type == "json"
    return Items(Clause(sql, where.parameters), heading(operand), Groups("item", None if listed else operand.field))


def names_of(frame: CustomerFrame, items: Items, values: set[object]) -> dict[object, object]:
    """Return how items are called, by their stored value."""
    found = items.groups.labelled(frame.con, values)
    return {group.value: group.value if group.label is None else group.label for group in found}


def _source(operand: Operand) -> tuple[str, str]:
    """Return what is joined to the deals, and the expression for the item."""
    if operand.field.type == "tags" and not operand.hops:
        return _TAGS, "n.name"
    if operand.field.multi:
        raise UsageError(f"{operand.path} does not tell what was bought", hint="--item tags", code="field.ungroupable")
    stored = value(operand.hops, operand.field.sql)
    if operand.field.type == "json":
        return f"JOIN {dialect.list_items(stored)} j", "j.value"
    return "", stored
