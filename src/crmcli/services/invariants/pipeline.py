"""What a pipeline must satisfy."""

from typing import TYPE_CHECKING

from crmcli.domain.plurals import counted
from crmcli.domain.text import slug
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Derive the key; keep exactly one default; refuse a key in use and the deletion of a pipeline in use."""
    record = draft.record
    if draft.intent == "delete":
        _check_unused(draft, writer)
        return
    record["key"] = record["key"] or slug(record["name"] or "")
    refuse_taken(draft, writer, "key")
    default = writer.one("SELECT id FROM pipeline WHERE is_default = 1 AND deleted_at IS NULL")
    if default is None:
        record["is_default"] = 1
    elif record["is_default"] and default["id"] != record["id"]:
        writer.update("pipeline", default["id"], {"is_default": False}, intent="hand_over")
    elif default["id"] == record["id"] and not record["is_default"] and draft.intent != "hand_over":
        draft.refuse("is_default", "name another pipeline as default instead")


def _check_unused(draft: Draft, writer: "Writer") -> None:
    found = writer.one("SELECT COUNT(*) AS n FROM deal WHERE pipeline_id = ? AND deleted_at IS NULL", draft.id)
    if found and found["n"]:
        draft.refuse("", f"it has {counted(found['n'], 'deal')}; move them first")
    if draft.record["is_default"]:
        draft.refuse("", "it is the default pipeline")
