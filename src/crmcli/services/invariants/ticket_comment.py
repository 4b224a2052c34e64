"""What a comment on a ticket must satisfy. What it does to its ticket is decided by ``services.tickets``."""

from typing import TYPE_CHECKING

from crmcli.services.drafts import Draft
from crmcli.services.invariants.links import check_target
from crmcli.services.invariants.moments import check_past

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Fill in who and when: a comment is by an agent or by a contact of the customer, never by both."""
    record = draft.record
    if draft.intent == "delete":
        return
    if draft.before is None:
        record["occurred_at"] = record["occurred_at"] or writer.now
        if record["contact_id"] is None and "author_id" not in draft.given and draft.intent != "import":
            record["author_id"] = writer.me
        if record["ticket_id"]:
            check_target(draft, writer, "ticket", ("ticket", record["ticket_id"]), ("ticket",))
    if record["author_id"] and record["contact_id"]:
        draft.refuse("author", "a comment is either by a user or by a contact")
    check_past(draft, writer, "occurred_at")
