"""What a view must satisfy: a key of its own, and a condition, columns and order that mean something."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import compile as compile_condition
from crmcli.conditions.scope import Fields
from crmcli.domain.naming import view_key
from crmcli.domain.schema import Entity
from crmcli.queries.columns import find_operand, order_sql
from crmcli.queries.fields import entity_with_custom
from crmcli.queries.scope import make_scope
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Derive key and name; check what the view says against the catalogue (a wrong condition is a ConditionError)."""
    record = draft.record
    if draft.intent == "delete":
        return
    record["key"] = record["key"] or view_key(record["name"] or "")
    if not record["key"]:
        draft.refuse("name", f"{record['name'] or ''!r} has neither letter nor digit")
    record["name"] = record["name"] or record["key"]
    if record["entity"] not in ENTITIES:
        draft.refuse("entity", f"{record['entity']!r} is not a kind of record")
        return
    settings = writer.settings
    scope = make_scope(writer.unit.raw, settings.timezone, settings.locale, writer.me, settings.country)
    _check_fields(record, ENTITIES[record["entity"]], scope.fields)
    if record["condition"]:
        compile_condition(record["condition"], entity_with_custom(writer.unit.raw, record["entity"]), scope)
    refuse_taken(draft, writer, "key")


def _check_fields(record: Mapping[str, Any], entity: Entity, fields: Fields) -> None:
    """Raise UsageError with the nearest names for a column, an order or a group that no field of the entity is."""
    for name in json.loads(record["columns"] or "[]"):
        find_operand(name, entity, fields)
    for name in (record["sort"] or "").split(","):
        if bare := name.strip().lstrip("-"):
            order_sql(find_operand(bare, entity, fields), fields)
    if record["group_by"]:
        find_operand(record["group_by"], entity, fields)
