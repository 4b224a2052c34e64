"""Everything there is, in stored form and in one canonical order: the content that an undo restores byte for byte.

Left out are the version counter, the journal with the state log, and the memory of imports, which tell how a store came
to its content. What people export for a spreadsheet is a list (``records``).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.schema import Entity
from crmcli.store import collections
from crmcli.store.reader import fetch

_ZONES = {
    "event": ("zone", "start_at", "end_at"),
    "task": ("due_zone", "due_at", "due_at"),
}  # columns of the zone, and of the earliest and latest time
_MAIL = "SELECT value FROM contact_point WHERE kind = 'email' AND is_primary = 1 AND entity = ? AND record_id = ?"
ORDER = (
    "user", "pipeline", "stage", "tag", "custom_field", "view", "target", "currency_rate", "subject", "organization",
    "contact", "lead", "deal", "task", "event", "interaction", "ticket", "ticket_comment", "consent",
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


class Times(NamedTuple):
    """The zones in which times of records were meant, and the years between which they lie."""

    zones: list[str]
    first: int
    last: int


def times_of(con: sqlite3.Connection, entity: Entity, where: Clause | None) -> Times:
    """Return the zones and years of the live events or tasks that meet a condition."""
    zone, first, last = _ZONES[entity.name]
    condition = f" AND {where.sql}" if where else ""
    sql = (
        f"SELECT r.{zone}, MIN(r.{first}), MAX(r.{last}) FROM {entity.table} r"
        f" WHERE r.deleted_at IS NULL AND r.{zone} IS NOT NULL{condition} GROUP BY 1 ORDER BY 1"
    )
    rows = con.execute(sql, dict(where.parameters) if where else {}).fetchall()
    years = [int(time[:4]) for _, *times in rows for time in times]
    return Times([name for name, *_ in rows], min(years, default=0), max(years, default=0))


def mail_of(con: sqlite3.Connection, entity: str, ref: str) -> str:
    """Return the e-mail of a user by handle, or the primary one of a person by ref; empty when there is none."""
    if entity == "user":
        found = con.execute("SELECT email FROM app_user WHERE handle = ?", (ref,)).fetchone()
    else:
        found = con.execute(_MAIL, (entity, int(ref.removeprefix(ENTITIES[entity].letter)))).fetchone()
    return (found[0] or "") if found else ""


def _next_ids(con: sqlite3.Connection, entity: Entity, last: int) -> list[int]:
    sql = f"SELECT id FROM {entity.table} WHERE id > ? ORDER BY id LIMIT {_CHUNK}"
    return [row[0] for row in con.execute(sql, (last,))]
