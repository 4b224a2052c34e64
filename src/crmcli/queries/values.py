"""The stored values of one record by path, as ``Condition.match`` wants them.

Columns for people are read by ``records``; this module leaves the stored form as it is.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import value
from crmcli.conditions.operands import Operand, title
from crmcli.conditions.scope import Fields
from crmcli.domain.schema import Entity
from crmcli.errors import NotFoundError
from crmcli.queries.children import stored_texts
from crmcli.queries.columns import find_operand
from crmcli.queries.fields import custom_fields

_TITLE = ".title"


def stored_values(con: sqlite3.Connection, entity: Entity, record_id: int, paths: Iterable[str]) -> dict[str, Any]:
    """Return a record's stored values by canonical path, such as those of ``Condition.paths``.

    References are ids, and ``<path>.title`` the name of the record; collections are lists of text in normal form. A
    reference on the way that is empty makes the value None, or an empty list. NotFoundError when there is no record.
    """
    fields = Fields(None, custom_fields(con))
    operands = {path: _operand(path, entity, fields) for path in paths}
    single = {path: operand for path, operand in operands.items() if not operand.field.multi}
    row = _row(con, entity, record_id, [value(operand.hops, operand.field.sql) for operand in single.values()])
    found: dict[str, Any] = dict(zip(single, row, strict=True))
    for path, operand in operands.items():
        if operand.field.multi:
            found[path] = _texts(con, entity, record_id, operand)
    return found


def _operand(path: str, entity: Entity, fields: Fields) -> Operand:
    if path.endswith(_TITLE):
        reference = find_operand(path.removesuffix(_TITLE), entity, fields)
        target = ENTITIES.get(reference.field.ref)
        if target is not None and "title" not in target.fields:
            return title(reference, target)
    return find_operand(path, entity, fields)


def _texts(con: sqlite3.Connection, entity: Entity, record_id: int, operand: Operand) -> list[str]:
    holder: Any = record_id
    if operand.hops:
        (holder,) = _row(con, entity, record_id, [value(operand.hops[:-1], operand.hops[-1].reference.sql)])
    return [] if holder is None else stored_texts(con, operand.field, operand.entity.name, holder)


def _row(con: sqlite3.Connection, entity: Entity, record_id: int, expressions: list[str]) -> tuple[Any, ...]:
    columns = ", ".join(["r.id", *expressions])
    row = con.execute(f"SELECT {columns} FROM {entity.table} r WHERE r.id = ?", (record_id,)).fetchone()
    if row is None:
        raise NotFoundError(entity.noun, entity.ref(record_id))
    return tuple(row[1:])
