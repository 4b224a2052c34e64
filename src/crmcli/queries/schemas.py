"""The schema told to programs and people: JSON Schema of what commands print, SQL of the store, a diagram of the links.

All of it comes from the catalogue and from the store itself; nothing about a field is known here.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity, Field
from crmcli.queries.card_parts import PARTS
from crmcli.queries.fields import custom_fields
from crmcli.queries.timeline import has_timeline

Schema = dict[str, object]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_NUMBER: Schema = {"type": ["number", "null"]}
_TYPES: dict[str, Schema] = {
    "int": {"type": ["integer", "null"]},
    "bool": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "json": {},
    **dict.fromkeys(("decimal", "money", "percent", "rate"), _NUMBER),
    **dict.fromkeys(("emails", "phones", "tags"), _TEXTS),
    **dict.fromkeys(("socials", "links", "rows"), _OBJECTS),
}
_TEXT: Schema = {"type": ["string", "null"]}
_FORMATS = {"email": "email", "url": "uri-reference"}  # of custom fields
_INSTANT: Schema = {"type": ["string", "null"], "format": "date-time"}
_ALWAYS = {"ref": {"type": "string"}, "id": {"type": "integer"}, "uid": {"type": "string"}}
_MERMAID = {"int": "int", "bool": "bool", "date": "date", "instant": "instant", "json": "json", "enum": "enum",
            **dict.fromkeys(("decimal", "money", "percent", "rate"), "decimal")}  # fmt: skip


def json_schema(con: sqlite3.Connection, entity: Entity) -> Schema:
    """Return the JSON Schema (draft 2020-12) of a record as ``list`` and ``show`` print it, custom fields included.

    Numbers with decimals are exact; a reader that takes them for binary floating point loses digits above 2^53.
    """
    properties: Schema = dict(_ALWAYS)
    for key, field in entity.fields.items():
        if key == "custom":
            properties[key] = _customs(con, entity)
        elif key not in properties:
            properties |= _properties(field)
    for key in _parts(entity):
        properties[key] = {"anyOf": [properties[key], _OBJECTS]} if key in properties else _OBJECTS
    return {
        "$schema": _DRAFT,
        "title": entity.label,
        "description": "A list has the columns asked for; the whole record, and the lists around it, come with show.",
        "type": "object",
        "properties": properties,
        "required": list(_ALWAYS),
        "additionalProperties": True,
    }


def _parts(entity: Entity) -> list[str]:
    """Return the keys of the lists that ``show`` adds to a record."""
    return [listed.key for listed in PARTS.get(entity.name, ())] + ["timeline"] * has_timeline(entity.name)


def _properties(field: Field) -> Schema:
    """Return the keys that a field has in JSON: two for a reference, its name and what to type."""
    told = {"title": field.label}
    if field.type == "ref":
        return {field.key: told | _TEXT, f"{field.key}_ref": {"title": f"{field.label}, ref"} | _TEXT}
    return {field.key: told | _value(field)}


def _value(field: Field) -> Schema:
    if field.options:
        several: Schema = {"type": "array", "items": {"enum": [*field.options]}}
        return several if field.type == "json" else _one_of(field.options)
    if field.enum:
        from crmcli.domain.enums import values

        return _one_of(values(field.enum))
    if field.form in _FORMATS:
        return _TEXT | {"format": _FORMATS[field.form]}
    if field.type == "instant":
        day = {"type": "string", "format": "date"}  # of a task due on a day, of an event all day long
        return {"anyOf": [_INSTANT, day]} if field.shown else _INSTANT
    return _TYPES.get(field.type, _TEXT)


def _one_of(values: Iterable[str]) -> Schema:
    return {"enum": [*values, None]}


def _customs(con: sqlite3.Connection, entity: Entity) -> Schema:
    known = custom_fields(con).get(entity.name, {})
    values = {key: {"title": field.label, **_value(field)} for key, field in known.items()}
    return {"title": "Custom fields", "type": ["object", "null"], "properties": values, "additionalProperties": True}


def tables_sql(con: sqlite3.Connection) -> Iterator[str]:
    """Yield the statements that make the store, tables before indexes and triggers, each ending with a semicolon."""
    rows = con.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'search\\_index\\_%' ESCAPE '\\'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type = 'table' DESC, tbl_name, type, name"
    )
    for (sql,) in rows:
        yield f"{sql};"


def diagram() -> Iterator[str]:
    """Yield the lines of a Mermaid entity-relationship diagram: entities, their stored fields, their references."""
    yield "erDiagram"
    for entity in ENTITIES.values():
        yield f"    {entity.name} {{"
        for field in entity.fields.values():
            if field.column and field.type != "ref":
                yield f"        {_MERMAID.get(field.type, 'text')} {field.key}"
        yield "    }"
    for entity in ENTITIES.values():
        for field in entity.fields.values():
            if field.type == "ref" and field.column:
                yield f'    {field.ref} {"||" if field.required else "|o"}--o{{ {entity.name} : "{field.key}"'
