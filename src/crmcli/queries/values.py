"""The stored values of one record by path, as ``Condition.match`` wants them.

Columns for people are read by ``records``; this module leaves the stored form as it is.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from json import dumps
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


class ValueReader:
    """Reads the stored values of the same paths, such as those of ``Condition.paths``, of one record after another.

    References are ids, and ``<path>.title`` the name of the record; collections are lists of text in normal form. A
    reference on the way that is empty makes the value None, or an empty list.
    """

    def __init__(self, con: sqlite3.Connection, entity: Entity, paths: Iterable[str]) -> None:
        fields = Fields(None, custom_fields(con))
        operands = {path: _operand(path, entity, fields) for path in paths}
        self._con = con
        self._entity = entity
        self._single = [path for path, operand in operands.items() if not operand.field.multi]
        self._multiple = {path: operand for path, operand in operands.items() if operand.field.multi}
        self._columns = [value(operands[path].hops, operands[path].field.sql) for path in self._single]

    def read(self, record_id: int) -> dict[str, Any]:
        """Return a record's stored values by canonical path; NotFoundError when there is no record."""
        row = _row(self._con, self._entity, record_id, self._columns)
        found: dict[str, Any] = dict(zip(self._single, row, strict=True))
        for path, operand in self._multiple.items():
            found[path] = _texts(self._con, self._entity, record_id, operand)
        return found


class OwnReader:
    """Reads of many records at once what stands in them alone: columns and collections, nothing derived or linked.

    ``paths`` are those of the given ones that are so; ``columns`` and ``multiple`` tell the column or field of each.
    """

    def __init__(self, con: sqlite3.Connection, entity: Entity, paths: Iterable[str]) -> None:
        fields = Fields(None, custom_fields(con))
        found = {path: _operand(path, entity, fields) for path in sorted(paths)}
        own = {path: operand for path, operand in found.items() if not operand.hops and operand.entity is entity}
        self._con = con
        self._entity = entity
        self.columns = {
            path: operand.field.column
            for path, operand in own.items()
            if operand.field.column and operand.field.sql == f"r.{operand.field.column}"
        }
        self.multiple = {path: operand.field for path, operand in own.items() if operand.field.multi}
        self.paths = frozenset((*self.columns, *self.multiple))

    def read(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return the stored values of records by id and canonical path; records that are not there are absent."""
        columns = ", ".join(["r.id", *(f"r.{column}" for column in self.columns.values())])
        sql = f"SELECT {columns} FROM {self._entity.table} r WHERE r.id IN (SELECT value FROM json_each(?))"
        rows = self._con.execute(sql, (dumps(list(ids)),)).fetchall()
        found = {row[0]: dict(zip(self.columns, row[1:], strict=True)) for row in rows}
        for path, field in self.multiple.items():
            texts = stored_texts(self._con, field, self._entity.name, list(found))
            for record_id, values in found.items():
                values[path] = texts.get(record_id, [])
        return found


def stored_values(con: sqlite3.Connection, entity: Entity, record_id: int, paths: Iterable[str]) -> dict[str, Any]:
    """Return the stored values of one record by canonical path, as a ``ValueReader`` does."""
    return ValueReader(con, entity, paths).read(record_id)


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
    return [] if holder is None else stored_texts(con, operand.field, operand.entity.name, [holder]).get(holder, [])


def _row(con: sqlite3.Connection, entity: Entity, record_id: int, expressions: list[str]) -> tuple[Any, ...]:
    columns = ", ".join(["r.id", *expressions])
    row = con.execute(f"SELECT {columns} FROM {entity.table} r WHERE r.id = ?", (record_id,)).fetchone()
    if row is None:
        raise NotFoundError(entity.noun, entity.ref(record_id))
    return tuple(row[1:])
