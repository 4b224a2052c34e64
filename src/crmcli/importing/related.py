"""Collections of a record as files of this program hold them: links with their roles, employers, attendees, days, ids.

A collection is one cell of JSON objects, or a column for each part of each object (``links.2.uid``). What stands in
child tables beside ids comes through as it is; the records that rows name are found by the services.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain import enums
from crmcli.domain.emails import normalise as normalise_email
from crmcli.importing.building import Building, Key, Put, Reading, Related

Row = dict[str, str]
_PEOPLE = ("user", "contact", "lead")
_TRUE = frozenset({"true", "1", "yes"})


def put_rows(reading: Reading) -> Put:
    """Remember the rows of a collection, or one part of the row with the number of the column."""
    key, part, number = reading.column.target.key, reading.column.target.label, int(reading.column.number or 0)

    def put(cell: str, building: Building) -> None:
        rows = building.decisions.setdefault("rows", {}).setdefault(key, {})
        if part:
            rows.setdefault(number, {})[part] = cell
        else:
            rows.update(enumerate(_objects(cell)))

    return put


def _objects(cell: str) -> list[Row]:
    import json

    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError("is not a JSON list of objects")
    return [{key: _text(value) for key, value in row.items() if value is not None} for row in found]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def compose_rows(building: Building) -> None:
    """Turn the rows that were remembered into values, and what they point to into related records.

    Of a row that points somewhere ``values`` hold the rest; rows without what they need are left out.
    """
    for key, numbered in building.decisions["rows"].items():
        rows = [row for _, row in sorted(numbered.items())]
        if key in _PLAIN:
            building.values[key] = [made for row in rows if (made := _PLAIN[key](row))]
            continue
        related = [(target, row) for row in rows for target in _targets(key, row)]
        building.related[key] = [target for target, _ in related]
        building.values[key] = [_BESIDE[key](row) for _, row in related]
        if key == "organizations" and related:
            building.keys.pop("organization", None)  # the employer, who is one of them


def _targets(key: str, row: Row) -> list[Related]:
    """Return the records that a row points to; somebody who is only named by an address may be several, or nobody."""
    entity, keys = _target(key, row)
    if keys or key != "attendees" or not row.get("email"):
        return [(entity, keys, False)] if keys else []
    try:
        address = (Key("email", normalise_email(row["email"])),)
    except ValueError:
        return []
    return [(kind, address, True) for kind in _PEOPLE]


def _target(key: str, row: Row) -> tuple[str, tuple[Key, ...]]:
    """Return the kind of record that a row points to and the keys to find it by; no keys when it names none."""
    kind = _KINDS.get(key, "")
    entity, prefix, name = (kind, f"{kind}_", row.get(kind)) if kind else (row.get("entity", ""), "", row.get("name"))
    if entity == "user":
        keys = [Key("person", word) for word in (row.get("ref"), name) if word]
        return entity, tuple(keys[:1])
    if entity not in ENTITIES or not ENTITIES[entity].letter:
        return entity, ()
    uid = row.get(f"{prefix}uid", "").lower()
    return entity, tuple(Key(by, word) for by, word in (("uid", uid), ("name", name)) if word)


def _profile(row: Row) -> dict[str, Any] | None:
    if not row.get("value"):
        return None
    return {"value": row["value"], "label": row.get("label"), "is_primary": row.get("is_primary") in _TRUE}


def _day(row: Row) -> dict[str, Any] | None:
    if not row.get("day"):
        return None
    return {"label": row.get("label", "other"), "day": row["day"], "remind": _truth(row, "remind")}


def _elsewhere(row: Row) -> dict[str, Any] | None:
    if not row.get("system") or not row.get("external_id"):
        return None
    return {"system": row["system"], "external_id": row["external_id"], "url": row.get("url")}


def _truth(row: Row, key: str) -> int:
    return int(row.get(key, "").lower() in _TRUE)


_KINDS = {"organizations": "organization", "contacts": "contact"}  # what the rows of a collection all point to
_PLAIN: Mapping[str, Callable[[Row], dict[str, Any] | None]] = {
    "socials": _profile,
    "dates": _day,
    "external_refs": _elsewhere,
}
_BESIDE: Mapping[str, Callable[[Row], dict[str, Any]]] = {
    "links": lambda row: {"is_main": _truth(row, "is_main"), "role": row.get("role")},
    "attendees": lambda row: {"response": enums.choose("attendee_response", row.get("response", "")) or "none"},
    "organizations": lambda row: {
        "role": row.get("role"),
        "is_primary": _truth(row, "is_primary"),
        "is_active": _truth(row, "is_active"),
    },
    "contacts": lambda row: {"role": enums.choose("deal_contact_role", row.get("role", ""))},
}
