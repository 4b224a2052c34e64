"""Which stored records keys lead to: one indexed query for a batch of keys of one kind.

Shared by the two questions an import asks, whether a row is known already and whom it refers to.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.domain.names import company_key
from crmcli.domain.text import fold
from crmcli.errors import UsageError
from crmcli.queries import record_keys

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

INSTANCE = "instance"  # the key of a changed instance of a series
OWN_SYSTEM = "crmcli"  # of the files of this program, whose ids are uids
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Found = dict[str, tuple[int, ...]]  # ids of live records by key, those without any being absent
_Way = Callable[["Writer", str, list[str]], Iterable[tuple[str, int]]]

_IN = "IN (SELECT value FROM json_each(?))"
_EXTERNAL = (
    f"SELECT x.external_id, x.record_id FROM external_ref x WHERE x.system = ? AND x.entity = ? AND x.external_id {_IN}"
)
_POINT = (  # the plus keeps the planner on the index by value
    "SELECT p.value_norm, p.record_id FROM contact_point p CROSS JOIN {table} r ON r.id = p.record_id"
    f" WHERE p.value_norm {_IN} AND p.kind = ? AND +p.entity = ? AND r.deleted_at IS NULL"
)


def find(writer: "Writer", entity: str, by: str, values: Iterable[str]) -> Found:
    """Return the live records that keys of one kind name exactly.

    ``by``: email and phone in normal form, name, person (a user's name or handle), number, or a stored column of the
    entity, such as domain. UsageError when there is no such key.
    """
    return _grouped(_way(entity, by)(writer, entity, list(values)))


def find_external(writer: "Writer", system: str, entity: str, values: Iterable[str]) -> Found:
    """Return the records that have ids in another system; they may be merged or removed meanwhile."""
    return _grouped(_pairs(writer, _EXTERNAL, system, entity, _array(values)))


def find_uid(writer: "Writer", entity: str, values: Iterable[str]) -> Found:
    """Return the records that bear an identity of ours; they may be merged or removed meanwhile."""
    return _grouped(_pairs(writer, f"SELECT uid, id FROM {ENTITIES[entity].table} WHERE uid {_IN}", _array(values)))


def survivor(writer: "Writer", entity: str, record_id: int) -> int | None:
    """Return the record at the end of a chain of merges, None when that one is removed."""
    merged = "merged_into_id" if "merged_into_id" in ENTITIES[entity].fields else "NULL"
    sql = f"SELECT {merged} AS next, deleted_at FROM {ENTITIES[entity].table} WHERE id = ?"
    seen: set[int] = set()
    while record_id not in seen and (row := writer.one(sql, record_id)):
        if row["next"] is None:
            return None if row["deleted_at"] else record_id
        seen.add(record_id)
        record_id = row["next"]
    return None


def live(writer: "Writer", entity: str, ids: Iterable[int]) -> dict[int, int | None]:
    """Return by id where each record stands now: itself, the survivor of its merge, or None when it is removed."""
    asked = list(ids)
    sql = f"SELECT id FROM {ENTITIES[entity].table} WHERE id {_IN} AND deleted_at IS NULL"
    there = {row["id"] for row in writer.all(sql, json.dumps(asked))}
    return {one: one if one in there else survivor(writer, entity, one) for one in asked}


def check_key(entity: str, key: str) -> None:
    """Raise UsageError unless records of an entity can be found by this field."""
    _way(entity, key)


def _way(entity: str, by: str) -> _Way:
    if by in ("email", "phone") and "emails" in ENTITIES[entity].fields:
        return lambda writer, _, values: _by_point(writer, entity, by, values)
    if (entity, by) in _WAYS:
        return _WAYS[entity, by]
    if by == "name" and ENTITIES[entity].letter:
        return _by_full_name
    field = ENTITIES[entity].find(by)
    if field is None or not field.column or field.type not in ("text", "int", "date"):
        raise UsageError(f"{ENTITIES[entity].plural} are not found by {by!r}", hint="email, phone, domain, name, ...")
    return lambda writer, _, values: _by_column(writer, entity, field.column, values)


def _by_point(writer: "Writer", entity: str, kind: str, values: list[str]) -> Iterable[tuple[str, int]]:
    return _pairs(writer, _POINT.format(table=ENTITIES[entity].table), _array(values), kind, entity)


def _by_column(writer: "Writer", entity: str, column: str, values: list[str]) -> Iterable[tuple[str, int]]:
    table = ENTITIES[entity].table
    sql = f"SELECT CAST({column} AS TEXT), id FROM {table} WHERE {column} {_IN} AND deleted_at IS NULL ORDER BY id"
    return _pairs(writer, sql, _array(values))


def _by_company_name(writer: "Writer", entity: str, values: list[str]) -> Iterable[tuple[str, int]]:
    """Look by the comparison name, which has an index, and keep those that are called exactly so."""
    wanted: dict[str, list[str]] = {}
    for value in values:
        wanted.setdefault(fold(value), []).append(value)
    sql = f"SELECT name, id FROM organization WHERE name_key {_IN} AND deleted_at IS NULL ORDER BY id"
    for name, record_id in _pairs(writer, sql, _array({company_key(value) for value in values})):
        for value in wanted.get(fold(name), ()):
            yield value, record_id


def _by_full_name(writer: "Writer", entity: str, values: list[str]) -> Iterable[tuple[str, int]]:
    for value in values:
        for record_id in record_keys.by_name(writer.unit.raw, ENTITIES[entity], value, writer.country):
            yield value, record_id


def _by_person(writer: "Writer", entity: str, values: list[str]) -> Iterable[tuple[str, int]]:
    """Look for users by full name, then by handle."""
    rows = writer.all("SELECT id, name, handle FROM app_user WHERE deleted_at IS NULL ORDER BY id")
    for value in values:
        named = [row["id"] for row in rows if row["name"] and fold(row["name"]) == fold(value)]
        for record_id in named or [row["id"] for row in rows if row["handle"] == fold(value)]:
            yield value, record_id


def _by_series(writer: "Writer", entity: str, values: list[str]) -> Iterable[tuple[str, int]]:
    """Look for events by their iCalendar UID, which changed instances share with their series: the series counts."""
    sql = f"SELECT ical_uid, id FROM event WHERE ical_uid {_IN} AND recurrence_id IS NULL AND deleted_at IS NULL"
    return _pairs(writer, sql, _array(values))


def _by_instance(writer: "Writer", entity: str, values: list[str]) -> Iterable[tuple[str, int]]:
    """Look for changed instances by the UID of their series and the time they were changed from."""
    sql = (
        "SELECT ical_uid || ' ' || recurrence_id, id FROM event"
        f" WHERE ical_uid {_IN} AND recurrence_id IS NOT NULL AND deleted_at IS NULL"
    )
    found = _pairs(writer, sql, _array({value.rpartition(" ")[0] for value in values}))
    return [(instance, record_id) for instance, record_id in found if instance in values]


_WAYS: dict[tuple[str, str], _Way] = {
    ("event", "ical_uid"): _by_series,
    ("event", INSTANCE): _by_instance,
    ("organization", "name"): _by_company_name,
    ("user", "person"): _by_person,
}


def _array(values: Iterable[str]) -> str:
    return json.dumps(list(values))


def _pairs(writer: "Writer", sql: str, *parameters: str) -> Iterable[tuple[str, int]]:
    return writer.unit.raw.execute(sql, parameters)


def _grouped(pairs: Iterable[tuple[str, int]]) -> Found:
    found: Found = {}
    for value, record_id in pairs:
        known = found.get(value, ())
        if record_id not in known:
            found[value] = (*known, record_id)
    return found
