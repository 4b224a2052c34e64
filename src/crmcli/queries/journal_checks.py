"""Whether the journal and the state log tell the truth about the records as they are."""

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import groupby, islice
from json import loads
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity, Field
from crmcli.queries.exports import stored_images

Broken = tuple[str, int, str]  # entity, id, what is wrong
_CHUNK = 500
_SPANS = """
    WITH spans AS (
        SELECT entity, record_id, field, entered_at, left_at, LEAD(id) OVER same AS next_id,
            LEAD(from_value) OVER same AS next_from, LEAD(entered_at) OVER same AS next_at
        FROM state_log WINDOW same AS (PARTITION BY entity, record_id, field ORDER BY id)
    )
    SELECT DISTINCT entity, record_id, field FROM spans
    WHERE left_at < entered_at
        OR next_id IS NOT NULL AND (left_at IS NULL OR left_at > next_at OR next_from IS NOT NULL AND left_at < next_at)
    ORDER BY entity, record_id, field
"""


def broken_states(con: sqlite3.Connection) -> Iterator[Broken]:
    """Yield where intervals of a state overlap or leave a gap, and live records whose open one is not their state.

    A gap is allowed where a record had no state in between, as one whose creation was taken back and done again.
    """
    for entity, record_id, field in con.execute(_SPANS):
        yield entity, record_id, f"state log of {field}: intervals overlap or leave a gap"
    for kind in ENTITIES.values():
        for tracked in kind.fields.values():
            if tracked.tracked:
                yield from _lost_states(con, kind, tracked)


def broken_journal(con: sqlite3.Connection) -> Iterator[Broken]:
    """Yield the records that are not what the journal's last images say."""
    for entity in ENTITIES.values():
        journalled = _last_images(con, entity)
        while chunk := dict(islice(journalled, _CHUNK)):
            stored = stored_images(con, entity, list(chunk))
            for record_id, image in chunk.items():
                for what in _differences(image, stored.get(record_id)):
                    yield entity.name, record_id, what
        unknown = f"SELECT r.id FROM {entity.table} r WHERE r.id NOT IN (SELECT record_id FROM change WHERE entity = ?)"
        for (record_id,) in con.execute(unknown, (entity.name,)):
            yield entity.name, record_id, "journal: it came from nowhere"


def _lost_states(con: sqlite3.Connection, entity: Entity, field: Field) -> Iterator[Broken]:
    sql = (
        f"SELECT r.id FROM {entity.table} r WHERE r.deleted_at IS NULL AND r.{field.column} IS NOT NULL AND 1 <>"
        " (SELECT COUNT(*) FROM state_log s WHERE s.entity = ? AND s.record_id = r.id AND s.field = ?"
        f" AND s.left_at IS NULL AND s.to_value = CAST(r.{field.column} AS TEXT))"
    )
    for (record_id,) in con.execute(sql, (entity.name, field.key)):
        yield entity.name, record_id, f"state log of {field.key}: the open interval is not the present state"


def _last_images(con: sqlite3.Connection, entity: Entity) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield what the changes of each record add up to; None where the last one removed it."""
    rows = con.execute(
        "SELECT record_id, action, after FROM change WHERE entity = ? ORDER BY record_id, id", (entity.name,)
    )
    for record_id, changes in groupby(rows, key=lambda row: row[0]):
        image: dict[str, Any] | None = None
        for _, action, after in changes:
            image = None if action == "remove" else {**(image or {}), **loads(after or "{}")}
        yield record_id, image


def _differences(journalled: Mapping[str, Any] | None, stored: Mapping[str, Any] | None) -> Iterator[str]:
    if journalled is None or stored is None:
        if journalled is not stored:
            yield "journal: removed, but still there" if journalled is None else "journal: never removed, but gone"
        return
    for key, value in stored.items():
        empty: object = [] if isinstance(value, list) else None  # what is empty at creation is not in the journal
        if value != journalled.get(key, empty):
            yield f"journal: {key} is not what it was last set to"
