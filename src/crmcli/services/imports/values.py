"""What a row becomes as values of a record: typed as the writer takes them, keyed by field.

A new record gets everything. A record that is there already keeps what the file does not speak of: values of lists are
added and never taken away, and blank cells erase nothing unless that was asked for.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.dates import Moment
from crmcli.domain.zones import to_utc, to_wall
from crmcli.importing.rows import Draft
from crmcli.importing.sheets import Sheet
from crmcli.model.registry import table_class
from crmcli.services.imports.lookups import OWN_SYSTEM, UUID
from crmcli.services.invariants.links import link_rows

_DAY = len("2026-03-20")
_SHARED_IDS = frozenset({OWN_SYSTEM, "vcard", "icalendar"})  # whose UIDs are the same wherever a record goes
_POINTERS = {"links": "", "attendees": "", "organizations": "organization_id", "contacts": "contact_id"}
_ZONED = frozenset({("task", "due_at"), ("event", "start_at"), ("event", "end_at")})
_PLACED = frozenset({"outcome", "probability", "stage_entered_at"})  # what the stage says, and the state log
_CONVERTED = "converted leads come in as qualified: what they were converted to is told by other files"
_FURTHER: dict[
    tuple[str, str], tuple[str, str, dict[str, Any]]
] = {  # further records of a link, kept in a list beside the main one
    ("contact", "organization"): ("organizations", "organization_id", {"role": None, "is_primary": 0, "is_active": 1}),
    ("deal", "contact"): ("contacts", "contact_id", {"role": None}),
}

Ids = Mapping[str, tuple[int, ...]]


def record_values(draft: Draft, ids: Ids, placed: Mapping[str, Any], zone: str, *, fresh: bool) -> dict[str, Any]:
    """Return the values of a record that is new (``fresh``) or changes.

    ``ids`` are the records its links name, ``placed`` the values that say where a deal stands.
    """
    entity, told = draft.entity, draft.values
    values = dict(told) if fresh else _added(draft)
    for key in _special(entity).intersection(told):
        if key in _POINTERS:
            values[key if fresh else f"+{key}"] = _pointing(draft, key, ids.get(key, ()))
        elif key == "custom":
            for name, value in values.pop(key).items():
                values[f"custom.{name}"] = value
        elif key in _PLACED:
            del values[key]
        else:
            values[key] = _moment(told[key], zone)
    values.update(placed)
    if draft.external and fresh:
        values |= _identity(*draft.external)
    if draft.created_at and fresh:
        values["created_at"] = draft.created_at
    _put_links(values, entity, ids, "" if fresh else "+")
    return values


def needs_rows(sheet: Sheet) -> bool:
    """Say whether values of rows that are read by column are for ``record_values`` to make."""
    return not _special(sheet.entity).isdisjoint(sheet.values)


def adapted(draft: Draft, lacking: frozenset[str]) -> Draft:
    """Return a row as it can be stored here: without custom fields that are ``lacking``, leads not yet converted.

    What a lead was converted to comes with other files, so it waits as qualified. A row of which something is left out
    is remembered as a ``lesser`` one, so that it comes whole once the fields are here.
    """
    if lacking and (custom := draft.values.get("custom")) and not lacking.isdisjoint(custom):
        kept = {key: value for key, value in custom.items() if key not in lacking}
        told = tuple(f"there is no custom field {key} here (--create makes it)" for key in custom if key in lacking)
        values = draft.values | {"custom": kept}
        draft = draft._replace(values=values, warnings=(*draft.warnings, *told), row_hash=lesser(draft.row_hash))
    if draft.entity == "lead" and draft.values.get("status") == "converted":
        values = {key: value for key, value in draft.values.items() if key != "converted_at"} | {"status": "qualified"}
        links = {name: found for name, found in draft.links.items() if not name.startswith("converted_")}
        draft = draft._replace(values=values, links=links, warnings=(*draft.warnings, _CONVERTED))
    return draft


def lesser(row_hash: str) -> str:
    """Return the hash by which a row is known while fields that it tells are not here."""
    return sha256(f"lesser {row_hash}".encode()).hexdigest()[: len(row_hash)]


def external_ref(system: str, external_id: str) -> dict[str, Any]:
    """Return the row of an id in another system."""
    return {"system": system, "external_id": external_id, "url": None}


def _added(draft: Draft) -> dict[str, Any]:
    """Return the values of a record that changes: those of lists are added, and what the row erases comes first."""
    multi = _multi(draft.entity)
    values = _emptied(draft) if draft.erased else {}
    return values | {f"+{key}" if key in multi else key: value for key, value in draft.values.items()}


def _emptied(draft: Draft) -> dict[str, Any]:
    """Return what empties the fields that a row erases; one that every record has keeps what it has."""
    fields = ENTITIES[draft.entity].fields
    lasting = {column.name for column in table_class(draft.entity).__table__.columns if not column.nullable}
    emptied: dict[str, Any] = {}
    for key in draft.erased:
        field = fields.get(key)
        if field is None or field.column not in lasting:
            emptied[key] = [] if field and field.multi else None
    return emptied


def _identity(system: str, external_id: str) -> dict[str, Any]:
    """Return the values that keep the id of a new record: an identity meant for all programs becomes its own."""
    is_uid = system in _SHARED_IDS and UUID.fullmatch(external_id)
    own = {"uid": external_id.lower()} if is_uid else {}
    return own if own and system == OWN_SYSTEM else own | {"external_refs": [external_ref(system, external_id)]}


def _pointing(draft: Draft, key: str, ids: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return the rows of a collection that point to records, as the store holds them."""
    column, links = _POINTERS[key], draft.links.get(key, ())
    rows = zip(links, ids, draft.values[key], strict=True)
    return [
        ({column: one} if column else {"entity": link.entity, "record_id": one}) | row for link, one, row in rows if one
    ]


def _put_links(values: dict[str, Any], entity: str, ids: Ids, sign: str) -> None:
    """Put references in last: an employer takes the job title over."""
    fields = ENTITIES[entity].fields
    linked: list[tuple[str, int]] = []
    for name, found in ids.items():
        if not found or name in _POINTERS:
            continue
        if "links" in fields and ENTITIES[fields[name].ref].letter:
            linked += [(fields[name].ref, record_id) for record_id in found]
            continue
        values[name] = found[0]
        if (entity, name) in _FURTHER and len(found) > 1:
            key, column, rest = _FURTHER[entity, name]
            values[f"+{key}"] = [{column: record_id, **rest} for record_id in dict.fromkeys(found[1:])]
    if linked:
        values[f"{sign}links"] = [*values.get(f"{sign}links", ()), *link_rows(dict.fromkeys(linked))]


def _moment(value: str, zone: str) -> str | Moment:
    """Return a day in the caller's zone, a wall time in its own (``2026-03-20T09:00[Europe/Rome]``), or the instant."""
    if value.endswith("]"):
        wall, _, own = value[:-1].partition("[")
        if wall.endswith("Z"):
            return Moment(to_wall(wall, own), False, wall, own)
        return Moment(wall, len(wall) == _DAY, to_utc(wall, own), own)
    return Moment(value, True, to_utc(value, zone), zone) if len(value) == _DAY else value


@cache
def _special(entity: str) -> frozenset[str]:
    """Return the fields of an entity whose values in a row are not yet those of a record."""
    zoned = {key for of, key in _ZONED if of == entity}
    pointers = _POINTERS.keys() & _multi(entity)
    return frozenset({"custom"} | zoned | pointers | (_PLACED if entity == "deal" else frozenset()))


@cache
def _multi(entity: str) -> frozenset[str]:
    return frozenset(field.key for field in ENTITIES[entity].fields.values() if field.multi)
