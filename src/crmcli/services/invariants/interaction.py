"""What an interaction must satisfy, and what follows from its fields."""

from typing import TYPE_CHECKING

from crmcli.services.drafts import Draft
from crmcli.services.invariants.links import settle_links
from crmcli.services.invariants.moments import check_past

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_WITHOUT_DIRECTION = ("note", "visit")


def settle(draft: Draft, writer: "Writer") -> None:
    """Fill in who, when and which way; refuse a contact in the future and a mail that was read before."""
    record = draft.record
    if draft.intent == "delete":
        return
    if draft.before is None:
        record["occurred_at"] = record["occurred_at"] or writer.now
        if "user_id" not in draft.given:
            record["user_id"] = writer.me
    if record["kind"] not in _WITHOUT_DIRECTION:
        record["direction"] = record["direction"] or "out"
    check_past(draft, writer, "occurred_at")
    settle_links(draft, writer)
    if record["message_id"] and draft.changed("message_id"):
        _check_message(draft, writer)


def _check_message(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    twin = writer.one(
        "SELECT id FROM interaction WHERE message_id = ? AND account IS ? AND id IS NOT ?",
        record["message_id"], record["account"], record["id"],
    )  # fmt: skip
    if twin:
        draft.refuse("message_id", f"{draft.entity.ref(twin['id'])} is this message already")
