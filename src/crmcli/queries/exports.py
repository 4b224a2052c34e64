"""Everything there is, in stored form and in one canonical order: the content that an undo restores byte for byte.

Left out are the version counter, the journal with the state log, and the memory of imports, which tell how a store came
to its content. What people export for a spreadsheet is a list (``records``).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.store import collections
from crmcli.store.reader import fetch

ORDER = (
    "user", "pipeline", "stage", "tag", "custom_field", "view", "organization", "contact", "lead", "deal", "task",
    "event", "interaction", "ticket", "ticket_comment",
)  # fmt: skip
_CHUNK = 500

Image = dict[str, Any]


def export_entity(con: sqlite3.Connection, entity: Entity) -> Iterator[Image]:
    """Yield every record of an entity by id, deleted and merged ones too: stored columns, then collections."""
    last = 0
    while ids := _next_ids(con, entity, last):
        yield from stored_images(con, entity, ids).values()
        last = ids[-1]


def export_all(con: sqlite3.Connection) -> Iterator[tuple[str, Image]]:
    """Yield all records with the name of their entity: configuration first, then what it is needed for."""
    for name in ORDER:
        for record in export_entity(con, ENTITIES[name]):
            yield name, record


def stored_images(con: sqlite3.Connection, entity: Entity, ids: Sequence[int]) -> dict[int, Image]:
    """Return at most 500 records by id, in that order: stored columns without the version, then collections."""
    columns = [field.column for field in entity.fields.values() if field.column and field.column != "version"]
    marks = ", ".join("?" * len(ids))
    sql = f"SELECT {', '.join(columns)} FROM {entity.table} WHERE id IN ({marks}) ORDER BY id"
    found: dict[int, Image] = {row["id"]: row for row in fetch(con, sql, ids)}
    for field in entity.fields.values():
        if field.multi:
            children = collections.load(con, field.key, entity.name, list(found))
            for record_id, image in found.items():
                image[field.key] = children.get(record_id, [])
    return found


def _next_ids(con: sqlite3.Connection, entity: Entity, last: int) -> list[int]:
    sql = f"SELECT id FROM {entity.table} WHERE id > ? ORDER BY id LIMIT {_CHUNK}"
    return [row[0] for row in con.execute(sql, (last,))]
