"""Images of records: all stored columns and child rows as plain dicts, as the journal holds them."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from crmcli.domain.schema import Entity
from crmcli.model.registry import table_class
from crmcli.store import collections
from crmcli.store.among import among
from crmcli.store.reader import fetch
from crmcli.store.unit_of_work import UnitOfWork, any_filled, table_of

Image = dict[str, Any]
Columns = Mapping[str, Sequence[Any]]
_CHUNK = 500


@cache
def _collections(kind_name: str) -> tuple[str, ...]:
    from crmcli.catalogue import ENTITIES

    return tuple(field.key for field in ENTITIES[kind_name].fields.values() if field.multi)


def collections_of(kind: Entity) -> tuple[str, ...]:
    """Return the names of the multi-valued fields of an entity."""
    return _collections(kind.name)


@cache
def _template(entity: str) -> Image:
    cls = table_class(entity)
    fields = cls.model_fields
    columns = {column.name: fields[column.name] for column in cls.__table__.columns}
    image = {name: None if field.is_required() else field.default for name, field in columns.items()}
    return dict(sorted((image | dict.fromkeys(_collections(entity))).items()))  # as the journal sorts them


def blank(entity: str) -> Image:
    """Return the image of a new record: defaults, and empty collections."""
    image = _template(entity).copy()
    for name in _collections(entity):
        image[name] = []
    return image


def full(image: Image) -> Image:
    """Return what the journal keeps of a whole record: everything that is filled."""
    return {key: value for key, value in image.items() if value or value == 0}


def columns_of(records: Sequence[Image], names: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """Return the fields called so of many images, by column; looking each up takes far longer where all are alike."""
    own = list(records[0])
    if all(map(own.__eq__, map(list, records))):
        columns = dict(zip(own, zip(*map(dict.values, records), strict=True), strict=True))
        return {name: columns[name] for name in names}
    return {name: tuple(map(itemgetter(name), records)) for name in names}


def insert(unit: UnitOfWork, kind: Entity, records: Sequence[Image]) -> list[Image]:
    """Store new records with their child rows, findable by their words; return what the journal keeps of each."""
    return full_images(insert_columns(unit, kind, columns_of(records, records[0]))) if records else []


def insert_columns(unit: UnitOfWork, kind: Entity, columns: Columns) -> Columns:
    """Store new records, given by column, as ``insert`` does; return the columns that are filled in any of them."""
    filled = {name: column for name, column in columns.items() if any_filled(column) and (any(column) or 0 in column)}
    unit.insert(table_of(kind.name), filled)
    for name in collections_of(kind):
        if name in filled:
            unit.insert_children(name, kind.name, filled["id"], filled[name])
    unit.index(kind.name, filled)
    return filled


def load_columns(con: sqlite3.Connection, kind: Entity, ids: Sequence[int]) -> Columns:
    """Return the columns that are filled in any of some records, in the order of the ids, those that are there."""
    where, numbers = among("id", ids)
    source = f"FROM {kind.table} WHERE {where}"
    names = [column.name for column in table_of(kind.name).columns if column.name != "id"]
    marks = ", ".join([f'COUNT("{name}")' for name in names])
    counts = con.execute(f"SELECT {marks} {source}", numbers).fetchone()
    filled = ["id", *[name for name, count in zip(names, counts, strict=True) if count]]  # a few of many
    marks = ", ".join([f'"{name}"' for name in filled])
    rows = {row[0]: row for row in con.execute(f"SELECT {marks} {source}", numbers)}
    there = [one for one in ids if one in rows]
    if not there:
        return {"id": there}
    columns = dict(zip(filled, zip(*[rows[one] for one in there], strict=True), strict=True))
    children = {name: collections.load_column(con, name, kind.name, there) for name in collections_of(kind)}
    return columns | {name: column for name, column in children.items() if any(column)}


def full_images(filled: Columns) -> list[Image]:
    """Return what ``full`` does for many records, given by the columns that are filled in any of them."""
    found = [dict(zip(filled, row, strict=True)) for row in zip(*filled.values(), strict=True)]
    for name in [name for name, column in filled.items() if not all(column) and (None in column or [] in column)]:
        for image in found:
            if image[name] is None or image[name] == []:
                del image[name]
    return found


def load(con: sqlite3.Connection, kind: Entity, ids: Sequence[int]) -> dict[int, Image]:
    """Return the images of records by id; those that do not exist are absent."""
    found: dict[int, Image] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        for row in fetch(con, f"SELECT * FROM {kind.table} WHERE id IN ({marks})", chunk):
            found[row["id"]] = row
    for name in collections_of(kind):
        rows = collections.load(con, name, kind.name, list(found)) if found else {}
        for record_id, image in found.items():
            image[name] = rows.get(record_id, [])
    return found
