"""The stored values of one record by path, as ``Condition.match`` wants them.

Columns for people are read by ``records``; this module leaves the stored form as it is.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from json import dumps
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import value
from crmcli.conditions.operands import Operand, title
from crmcli.conditions.scope import Fields
from crmcli.domain.schema import Entity
from crmcli.errors import NotFoundError
from crmcli.queries.children import stored_texts, texts_of
from crmcli.queries.columns import find_operand
from crmcli.queries.fields import custom_fields

_TITLE = ".title"
_MAIN = {  # fields that show the main row of a collection, and of which column
    "email": ("emails", "value"),
    "phone": ("phones", "value"),
    "organization": ("organizations", "organization_id"),
}


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
    """Reads of many records at once what stands in them alone: columns, collections, and the main one of these.

    ``paths`` are those of the given ones that are so, ``columns`` the stored column of a path, ``collections`` the keys
    of the collections that any of the others comes from.
    """

    def __init__(self, con: sqlite3.Connection, entity: Entity, paths: Iterable[str]) -> None:
        fields = Fields(None, custom_fields(con))
        found = {path: _operand(path, entity, fields) for path in sorted(paths)}
        own = {path: one.field for path, one in found.items() if not one.hops and one.entity is entity}
        self._con = con
        self._entity = entity
        self.columns = {
            path: field.column for path, field in own.items() if field.column and field.sql == f"r.{field.column}"
        }
        self._multiple = {path: field for path, field in own.items() if field.multi}
        self._main = {
            path: _MAIN[path]
            for path, field in own.items()
            if path in _MAIN and not field.column and _MAIN[path][0] in entity.fields
        }
        self._sql = [own[path].sql for path in (*self.columns, *self._main)]
        self.paths = frozenset((*self.columns, *self._main, *self._multiple))
        self.collections = frozenset(
            (*(field.key for field in self._multiple.values()), *(key for key, _ in self._main.values()))
        )

    def read(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return the stored values of records by id and canonical path; records that are not there are absent."""
        columns = ", ".join(["r.id", *self._sql])
        sql = f"SELECT {columns} FROM {self._entity.table} r WHERE r.id IN (SELECT value FROM json_each(?))"
        rows = self._con.execute(sql, (dumps(list(ids)),)).fetchall()
        found = {row[0]: dict(zip((*self.columns, *self._main), row[1:], strict=True)) for row in rows}
        for path, field in self._multiple.items():
            texts = stored_texts(self._con, field, self._entity.name, list(found))
            for record_id, values in found.items():
                values[path] = texts.get(record_id, [])
        return found

    def read_images(self, images: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
        """Return the same of records whose images are known, by id; what an image lacks is empty."""
        found = {
            record_id: {path: image.get(column) for path, column in self.columns.items()}
            for record_id, image in images.items()
        }
        for path, (key, column) in self._main.items():
            for record_id, image in images.items():
                main = (row[column] for row in image.get(key) or () if row["is_primary"])
                found[record_id][path] = next(main, None)
        for path, field in self._multiple.items():
            texts = texts_of(self._con, field, {one: image.get(field.key) or [] for one, image in images.items()})
            for record_id, values in found.items():
                values[path] = texts[record_id]
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
