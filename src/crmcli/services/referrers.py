"""The one registry of references: every column, of records and of their child rows, that can point to a record."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crmcli.catalogue import ENTITIES

_CHUNK = 1000


class Pointer(NamedTuple):
    """A column that holds ids of records; ``source`` is the kind of record whose row or child row it is."""

    source: str
    table: str
    column: str
    owner: str  # column with the id of the source record
    scope: str = ""  # condition that picks the rows which point to the kind in question


_CHILDREN = {
    "organization": (Pointer("contact", "organization_contact", "organization_id", "contact_id"),),
    "contact": (Pointer("deal", "deal_contact", "contact_id", "deal_id"),),
}


def pointers_to(entity: str) -> Iterator[Pointer]:
    """Yield every column that can point to records of a kind."""
    for source in ENTITIES.values():
        for field in source.fields.values():
            if field.ref == entity and field.column:
                yield Pointer(source.name, source.table, field.column, "id")
    yield from _CHILDREN.get(entity, ())
    scope = f"entity = '{entity}' AND "
    for activity in ("task", "event", "interaction"):
        picked = f"activity_entity = '{activity}' AND {scope}"
        yield Pointer(activity, "activity_link", "record_id", "activity_id", picked)
    yield Pointer("event", "attendee", "record_id", "event_id", scope)


def find_referrer(con: sqlite3.Connection, entity: str, ids: Sequence[int]) -> tuple[int, str, int] | None:
    """Return one of the ids that is pointed to, with the kind and number of the record that points; None if free."""
    for pointer in pointers_to(entity):
        sql = (
            f"SELECT {pointer.column}, {pointer.owner} FROM {pointer.table}"
            f" WHERE {pointer.scope}{pointer.column} IN (SELECT value FROM json_each(?)) LIMIT 1"
        )
        for start in range(0, len(ids), _CHUNK):
            row = con.execute(sql, (json.dumps(ids[start : start + _CHUNK]),)).fetchone()
            if row:
                return row[0], pointer.source, row[1]
    return None
