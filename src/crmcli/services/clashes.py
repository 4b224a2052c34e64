"""What a clash of versions says: both values of each field, as people see them. Who yields is for them to decide."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.dates import Moment
from crmcli.domain.money import Amount
from crmcli.domain.schema import Entity, Field
from crmcli.errors import ConflictError
from crmcli.queries.labels import labels
from crmcli.queries.present import present


def version_clash(
    con: sqlite3.Connection, kind: Entity, before: Mapping[str, Any], wanted: Mapping[str, Any]
) -> ConflictError:
    """Return the error of a save whose record was changed since it was read.

    ``before`` is the stored image, ``wanted`` are the typed values by field key.
    """
    ref, both = kind.ref(before["id"]), {}
    for key, value in wanted.items():
        field = kind.find(key)
        stored = before.get(field.column or field.key) if field else before.get(key)
        if field and not field.ref and isinstance(stored, int | str):
            stored = present(field, stored, before.get("currency"))
        both[key] = {"stored": _shown(con, field, stored), "wanted": _shown(con, field, value)}
    told = "; ".join(f"{key} is {pair['stored']!r}, you want {pair['wanted']!r}" for key, pair in both.items())
    return ConflictError(
        f"{ref} was changed meanwhile by somebody else: {told}",
        hint=f"crm show {ref}",
        code="version.conflict",
        details={"fields": both},
    )


def _shown(con: sqlite3.Connection, field: Field | None, value: Any) -> str | None:
    """Return a value as people read it, of a reference the name."""
    if isinstance(value, Moment):
        return value.wall.replace("T", " ")
    if isinstance(value, Amount):
        value = value.value
    if field and field.ref and isinstance(value, int):
        label = labels(con, ENTITIES[field.ref], [value]).get(value)
        value = label.name if label else value
    return None if value is None else str(value)
