"""What is wrong with the values of custom fields that records hold, by the present definitions of the fields.

Values of a field that was removed since are kept and not looked at.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from json import JSONDecodeError, loads
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.customs import misfit
from crmcli.domain.schema import Field
from crmcli.queries.fields import custom_fields


def broken_customs(con: sqlite3.Connection) -> Iterator[tuple[str, int, str]]:
    """Yield entity, id and what is wrong for every value of a live record that its field cannot have."""
    for name, fields in custom_fields(con).items():
        sql = (
            f"SELECT r.id, r.custom FROM {ENTITIES[name].table} r"
            " WHERE r.deleted_at IS NULL AND r.custom IS NOT NULL ORDER BY r.id"
        )
        for record_id, custom in con.execute(sql):
            for what in _problems(con, fields, _values(custom)):
                yield name, record_id, what


def _values(custom: str) -> Mapping[str, Any] | None:
    try:
        values = loads(custom)
    except JSONDecodeError:
        return None
    return values if isinstance(values, dict) else None


def _problems(con: sqlite3.Connection, fields: Mapping[str, Field], values: Mapping[str, Any] | None) -> Iterator[str]:
    if values is None:
        yield "its custom fields cannot be read"
        return
    for key, field in fields.items():
        value = values.get(key)
        if value is None:
            continue
        reason = misfit(field, value) or _dangling(con, field, value)
        if reason:
            yield f"{key}: {reason}"


def _dangling(con: sqlite3.Connection, field: Field, value: Any) -> str | None:
    """Return that a reference leads to no record; a deleted one may be kept, as in fields of ours."""
    if field.type != "ref":
        return None
    target = ENTITIES[field.ref]
    found = con.execute(f"SELECT 1 FROM {target.table} WHERE id = ?", (value,)).fetchone()
    return None if found else f"no such {target.label.lower()} any more"
