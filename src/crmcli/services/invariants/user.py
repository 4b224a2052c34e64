"""What a user must satisfy: a handle of their own."""

from typing import TYPE_CHECKING

from crmcli.domain.naming import check_handle
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Fold the handle; refuse one that is in use, or that could be taken for something else."""
    record = draft.record
    if draft.intent == "delete":
        return
    record["handle"] = (record["handle"] or "").strip().casefold()
    try:
        check_handle(record["handle"])
    except ValueError as error:
        draft.refuse("handle", str(error))
    refuse_taken(draft, writer, "handle")
