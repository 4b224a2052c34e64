"""Custom fields as fields of the catalogue: the same shape, with an expression into the record's ``custom`` column.

Their values lie in JSON in stored form: money in minor units of the record's currency, percent in basis points, truth
as 0 or 1, decimals as text, a reference as an id, several choices as a list. Defining fields belongs to the services.
"""

import sqlite3

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity, Field

_TYPES = {"datetime": "instant", "multi_enum": "json", "email": "text", "phone": "text", "url": "text"}
_CHOICES = frozenset({"enum", "multi_enum"})
_FORMS = frozenset({"email", "phone", "url"})


def custom_fields(con: sqlite3.Connection) -> dict[str, dict[str, Field]]:
    """Return the custom fields by entity and key, in their order."""
    rows = con.execute(
        "SELECT entity, key, label, type, options, required, is_personal FROM custom_field"
        " WHERE deleted_at IS NULL ORDER BY entity, position, id"
    )
    found: dict[str, dict[str, Field]] = {}
    for entity, key, label, kind, options, required, personal in rows:
        found.setdefault(entity, {})[key] = Field(
            key,
            _TYPES.get(kind, kind),
            label,
            sql=value_sql(key),
            ref=_target(options) if kind == "ref" else "",
            required=bool(required),
            personal=bool(personal),
            form=kind if kind in _FORMS else "",
            options=_options(options) if kind in _CHOICES else (),
        )
    return found


def entity_with_custom(con: sqlite3.Connection, name: str) -> Entity:
    """Return an entity of the catalogue whose fields include the custom ones, by their key."""
    entity = ENTITIES[name]
    return entity._replace(fields={**custom_fields(con).get(name, {}), **entity.fields})


def value_sql(key: str) -> str:
    """Return the expression over alias ``r`` for the stored value of a custom field."""
    quoted = key.replace("'", "''").replace('"', "")
    return f"json_extract(r.custom, '$.\"{quoted}\"')"


def ids_with_option(con: sqlite3.Connection, entity: str, key: str, option: str) -> list[int]:
    """Return the live records that hold an option of a custom field, alone or among others."""
    sql = (
        f"SELECT r.id FROM {ENTITIES[entity].table} r WHERE r.deleted_at IS NULL AND r.custom IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM json_each(r.custom, ?) WHERE value = ?) ORDER BY r.id"
    )
    return [row[0] for row in con.execute(sql, (f'$."{key}"', option))]


def _target(options: str | None) -> str:
    """Return the entity that a reference points to, the only option of such a field."""
    return next(iter(_options(options)), "organization")


def _options(stored: str | None) -> tuple[str, ...]:
    from json import loads

    return tuple(map(str, loads(stored))) if stored else ()
