"""What an event of the ledger of consents must satisfy: it is told once, of the past, and never changed."""

from typing import TYPE_CHECKING

from crmcli.services.drafts import Draft
from crmcli.services.invariants.moments import check_past

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Fill in when it was and what a grant rests on; refuse to change what stands."""
    record = draft.record
    if draft.before is not None:
        draft.refuse("", "a ledger is only added to; crm undo takes back what was recorded by mistake")
        return
    record["occurred_at"] = record["occurred_at"] or writer.now
    if (record["purpose"] is None) != (record["action"] == "notice_read"):
        draft.refuse(
            "purpose", "is required" if record["purpose"] is None else "a notice that was read permits nothing"
        )
    if record["action"] == "grant":
        record["basis"] = record["basis"] or "consent"
    elif record["basis"]:
        draft.refuse("basis", "is that of a grant")
    check_past(draft, writer, "occurred_at")
