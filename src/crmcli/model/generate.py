"""Generate ``crmcli.catalogue`` from the model: ``python -m crmcli.model.generate`` writes it, ``--check`` compares."""

import sys
from pathlib import Path
from typing import Any

import crmcli.domain.schema
from crmcli.domain.schema import Entity, Field
from crmcli.model.record import Described
from crmcli.model.registry import ENTITIES, input_class, load_all, table_class

TARGET = Path(crmcli.domain.schema.__file__).parent.parent / "catalogue.py"
_HEAD = '''"""Every field of every entity, as plain data. Generated from the model; regenerate, never edit:

python -m crmcli.model.generate
"""

# ruff: noqa: E501
from crmcli.domain.schema import Entity
from crmcli.domain.schema import Field as F

ENTITIES: dict[str, Entity] = {
'''
_SUFFIXES = {"ref": "_id", "money": "_minor", "percent": "_bp"}


def main() -> int:
    """Write the catalogue, or report with exit code 1 that the committed one is stale."""
    text = render()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write("catalogue.py is stale: run python -m crmcli.model.generate\n")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def render() -> str:
    """Return the text of the catalogue module."""
    load_all()
    return _HEAD + "".join(_entity(entity_of(name)) for name in ENTITIES) + "}\n"


def entity_of(name: str) -> Entity:
    """Return the catalogue entry of an entity."""
    about = input_class(name).about
    table = table_class(name).__table__
    fields = {field.key: field for field in _fields(about, table.columns)}
    for key, field in fields.items():
        short = key.removesuffix("_at")
        if field.type == "instant" and short != key and short not in fields:
            fields[key] = field._replace(aliases=(*field.aliases, short))
    return Entity(
        about.entity,
        about.noun,
        table.name,
        about.letter,
        about.label,
        about.plural,
        about.title,
        about.columns,
        fields,
    )


def _fields(about: Described, columns: Any) -> list[Field]:
    system = [c for c in columns if c.name in _SYSTEM]
    own = [c for c in columns if c.name not in _SYSTEM]
    first = [Field("ref", "text", "Ref", sql=f"'{about.letter}' || r.id", writable=False)] if about.letter else []
    derived = [
        Field(
            d.key,
            d.type,
            d.label,
            sql=d.sql,
            enum=d.enum,
            ref=d.ref,
            writable=d.writable,
            option=d.option,
            aliases=d.aliases,
        )
        for d in about.derived
    ]
    collections = [
        Field(c.key, c.type, c.label, writable=c.writable, option=c.key in _OPTIONAL) for c in about.collections
    ]
    return first + [_field(c) for c in own] + derived + collections + [_field(c) for c in system]


_OPTIONAL = frozenset({"emails", "phones", "tags", "links", "attendees"})  # collections with an option of their own
_SYSTEM = ("id", "uid", "owner_id", "team_id", "created_at", "created_by_id", "updated_at", "updated_by_id", "version",
           "deleted_at", "merged_into_id", "custom")  # fmt: skip


def _field(column: Any) -> Field:
    info = dict(column.info)
    kind = info.pop("type")
    key = column.name.removesuffix(_SUFFIXES.get(kind, "")) if kind in _SUFFIXES else column.name
    sql = info.pop("sql", f"r.{column.name}")
    return Field(key, kind, info.pop("label"), column=column.name, sql=sql, **info)


def _entity(entity: Entity) -> str:
    head = ", ".join(repr(value) for value in entity[:7])
    rows = "".join(f"            {field.key!r}: {_call(field)},\n" for field in entity.fields.values())
    body = f"        {head},\n        {entity.columns!r},\n        {{\n{rows}        }},\n"
    return f"    {entity.name!r}: Entity(\n{body}    ),\n"


def _call(field: Field) -> str:
    given = [repr(field.key), repr(field.type), repr(field.label)]
    defaults = Field._field_defaults
    given += [
        f"{name}={value!r}" for name, value in field._asdict().items() if name in defaults and value != defaults[name]
    ]
    return f"F({', '.join(given)})"


if __name__ == "__main__":
    raise SystemExit(main())
