"""What the definition of a custom field must satisfy."""

import re
from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


def settle(draft: Draft, writer: "Writer") -> None:
    """Refuse a key that is malformed, changed, in use, or hides a field of ours; an enum needs options."""
    record = draft.record
    if draft.intent == "delete":
        return
    kind = ENTITIES.get(record["entity"] or "")
    if kind is None or not kind.letter:
        draft.refuse("entity", f"{record['entity']!r} cannot have custom fields")
        return
    if not _KEY.fullmatch(record["key"] or ""):
        draft.refuse("key", f"{record['key']!r} is not in snake_case")
    if kind.find(record["key"] or ""):
        draft.refuse("key", f"{kind.noun} has a field {record['key']} already")
    if draft.before and draft.changed("key"):
        draft.refuse("key", "a custom field keeps its key")
    record["label"] = record["label"] or (record["key"] or "").replace("_", " ").capitalize()
    if record["type"] in ("enum", "multi_enum") and not record["options"]:
        draft.refuse("options", "an enum needs its options")
    if record["type"] == "money" and "currency" not in kind.fields:
        draft.refuse("type", f"{kind.plural} have no currency; use decimal")
    twin = writer.one(
        "SELECT id FROM custom_field WHERE entity = ? AND key = ? AND id IS NOT ? AND deleted_at IS NULL",
        record["entity"], record["key"], record["id"],
    )  # fmt: skip
    if twin:
        draft.refuse("key", f"there is a custom field {record['entity']}.{record['key']} already")
