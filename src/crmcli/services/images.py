"""Images of records: all stored columns and child rows as plain dicts, as the journal holds them."""

import os
import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

from crmcli.domain.schema import Entity
from crmcli.model.registry import table_class
from crmcli.store import collections
from crmcli.store.reader import fetch

Image = dict[str, Any]
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


def new_uid() -> str:
    """Return a random UUID (RFC 9562, version 4) as text; a bulk load needs one a record, so no object is made."""
    hexed = os.urandom(16).hex()
    return f"{hexed[:8]}-{hexed[8:12]}-4{hexed[13:16]}-{'89ab'[int(hexed[16], 16) & 3]}{hexed[17:20]}-{hexed[20:]}"


def full(image: Image) -> Image:
    """Return what the journal keeps of a whole record: everything that is filled."""
    return {key: value for key, value in image.items() if value is not None and (value or value == 0)}


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
