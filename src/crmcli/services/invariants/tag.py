"""What a tag must satisfy: one folded name once."""

from typing import TYPE_CHECKING

from crmcli.domain.text import fold
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Derive the folded name and refuse one that exists."""
    record = draft.record
    record["name_key"] = fold(record["name"] or "")
    twin = writer.one(
        "SELECT name FROM tag WHERE name_key = ? AND id IS NOT ? AND deleted_at IS NULL",
        record["name_key"],
        record["id"],
    )
    if twin and draft.intent != "delete":
        draft.refuse("name", f"there is a tag {twin['name']} already")
