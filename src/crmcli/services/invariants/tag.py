"""What a tag must satisfy: one folded name once, which can be typed in a list."""

from typing import TYPE_CHECKING

from crmcli.domain.naming import check_tag
from crmcli.domain.text import fold
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Derive the folded name; refuse one that exists, or that a list of tags cannot hold."""
    record = draft.record
    if draft.intent == "delete":
        return
    record["name_key"] = fold(record["name"] or "")
    try:
        check_tag(record["name"] or "")
    except ValueError as error:
        draft.refuse("name", str(error))
    refuse_taken(draft, writer, "name_key")
