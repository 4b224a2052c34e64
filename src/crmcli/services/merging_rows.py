"""The multi-valued fields of a merge: united, each value once, and led to the survivor wherever they name another one.

Of two rows about the same record one stays, in the further state of both.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.domain.schema import Entity
from crmcli.services.images import Image
from crmcli.services.points import POINTS
from crmcli.services.referrers import Pointer
from crmcli.services.tags import names_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

Row = dict[str, Any]
_NAMING = ("entity", "label", "day")  # with the ids, what a row is about
_UNSAID = (None, "none")
_SINGLE = {"emails": "email", "phones": "phone", "organizations": "organization"}  # fields that stand for the primary


def merged_rows(writer: "Writer", kind: Entity, images: Sequence[Image], takes: Mapping[str, int]) -> dict[str, Any]:
    """Return the survivor's collections as the write path takes them, given its image and then those of the others.

    ``takes`` may name the record whose list counts alone, or, as ``email``, the one whose primary value is the primary.
    """
    survivor, *others = images
    values: dict[str, Any] = {}
    for name in (field.key for field in kind.fields.values() if field.multi):
        more = [row for image in others for row in _primary_first(image[name])]
        if name == "external_refs":  # each is the way back from another system, so all of them stay
            values |= {f"+{name}": more} if more else {}
            continue
        if name in takes:
            rows = next(image[name] for image in images if image["id"] == takes[name])
        elif name in POINTS:
            rows = _once([*survivor[name], *(row | {"is_primary": 0} for row in more)], "value_norm")
        else:
            rows = united([*survivor[name], *more])
        chief = takes.get(_SINGLE.get(name, ""))
        if chief is not None:
            rows = _with_primary(rows, next(image[name] for image in images if image["id"] == chief))
        if name == "distinct_from":
            merged = {(kind.name, image["id"]) for image in images}
            rows = [row for row in rows if (row["entity"], row["record_id"]) not in merged]
        if rows != survivor[name]:
            values[name] = names_of(writer, rows) if name == "tags" else rows
    return values


def repointed(
    kind: Entity, image: Image, pointers: Sequence[Pointer], entity: str, gone: Collection[int], survivor: int
) -> dict[str, Any]:
    """Return what changes on a record that points to merged ones, as the write path takes it, by field key."""
    values: dict[str, Any] = {}
    keys = {field.column: field.key for field in kind.fields.values() if field.column}
    for pointer in pointers:
        if pointer.key == "custom":
            if json.loads(image["custom"] or "{}").get(pointer.member) in gone:
                values[f"custom.{pointer.member}"] = survivor
        elif pointer.member:
            rows = values[pointer.key] if pointer.key in values else image[pointer.key]
            moved = [_moved(row, pointer.member, entity, gone, survivor) for row in rows]
            if moved != rows:
                values[pointer.key] = united(moved)
        elif image[pointer.key] in gone:
            values[keys[pointer.key]] = survivor
    return values


def united(rows: Sequence[Row]) -> list[Row]:
    """Return one row for each record that rows are about: flags set in any, else the first word."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(value for name, value in row.items() if name.endswith("_id") or name in _NAMING)
        known = found.get(key)
        found[key] = row if known is None else {name: _further(name, known[name], row[name]) for name in row}
    return list(found.values())


def _further(name: str, one: Any, other: Any) -> Any:
    if name.startswith("is_") or name == "remind":
        return max(one, other)
    return other if one in _UNSAID else one


def _moved(row: Row, member: str, entity: str, gone: Collection[int], survivor: int) -> Row:
    points_there = row[member] in gone and row.get("entity", entity) == entity
    return row | {member: survivor} if points_there else row


def _primary_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: not row.get("is_primary"))


def _once(rows: Sequence[Row], key: str) -> list[Row]:
    found: dict[Any, Row] = {}
    for row in rows:
        found.setdefault(row[key], row)
    return list(found.values())


def _with_primary(rows: Sequence[Row], of: Sequence[Row]) -> list[Row]:
    """Return rows with the primary one of another list as theirs, in front."""
    chosen = next((row for row in of if row["is_primary"]), None)
    if chosen is None:
        return list(rows)
    key = "value_norm" if "value_norm" in chosen else "organization_id"
    others = [row | {"is_primary": 0} for row in rows if row[key] != chosen[key]]
    return [*(row | {"is_primary": 1} for row in rows if row[key] == chosen[key]), *others]
