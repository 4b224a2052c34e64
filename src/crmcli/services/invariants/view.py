"""What a view must satisfy: a key of its own, and a condition, columns and order that mean something."""

import json
from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import compile as compile_condition
from crmcli.domain.text import slug
from crmcli.queries.fields import entity_with_custom
from crmcli.queries.scope import make_scope
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Derive key and name; check what the view says against the catalogue (a wrong condition is a ConditionError)."""
    record = draft.record
    if draft.intent == "delete":
        return
    record["key"] = record["key"] or slug(record["name"] or "")
    record["name"] = record["name"] or record["key"]
    if record["entity"] not in ENTITIES:
        draft.refuse("entity", f"{record['entity']!r} is not a kind of record")
        return
    entity = entity_with_custom(writer.unit.raw, record["entity"])
    for name in [*json.loads(record["columns"] or "[]"), *(record["sort"] or "").split(",")]:
        if bare := name.strip().lstrip("-"):
            entity.field(bare.split(".")[0])
    if record["condition"]:
        settings = writer.settings
        scope = make_scope(writer.unit.raw, settings.timezone, settings.locale, writer.me, settings.country)
        compile_condition(record["condition"], entity, scope)
    twin = writer.one(
        "SELECT id FROM saved_view WHERE key = ? AND id IS NOT ? AND deleted_at IS NULL", record["key"], record["id"]
    )
    if twin:
        draft.refuse("key", f"there is a view {record['key']} already")
