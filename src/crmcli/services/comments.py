"""Comments on tickets and what they set off: the first response, a reopening, a follow-up ticket."""

from collections.abc import Mapping
from typing import Any

from crmcli.domain.enums import kind
from crmcli.domain.sla import is_response
from crmcli.services.writer import Writer

_FOLLOWED = ("subject", "contact", "organization", "assignee", "owner", "priority", "category", "type", "channel")


def add_note(writer: Writer, ticket_id: int, body: str) -> None:
    """Put an internal comment by the acting user on a ticket; it moves nothing."""
    writer.create("ticket_comment", {"ticket": ticket_id, "body": body, "visibility": "internal"})


def add_answer(writer: Writer, ticket_id: int, body: str, at: str | None = None, *, is_automatic: bool = False) -> None:
    """Put a public comment by the acting user on a ticket; the first one written by a person is the first response."""
    _add(writer, ticket_id, body, at, is_automatic, {"author": writer.me})
    if not is_response("public", by_agent=True, is_automatic=is_automatic):
        return
    ticket = writer.image("ticket", ticket_id)
    changes: dict[str, Any] = {}
    if ticket["first_response_at"] is None:
        changes["first_response_at"] = at or writer.now
    if ticket["status"] == "new":
        changes["status"] = "open"
    if changes:
        writer.update("ticket", ticket_id, changes)


def add_customer_reply(
    writer: Writer,
    ticket_id: int,
    body: str,
    at: str | None = None,
    *,
    is_automatic: bool = False,
    contact_id: int | None = None,
) -> None:
    """Put a public comment by the customer on a ticket; unless a machine sent it, a ticket that waits is open again."""
    ticket = writer.image("ticket", ticket_id)
    by = {"contact": contact_id or ticket["contact_id"], "author": None}
    _add(writer, ticket_id, body, at, is_automatic, by)
    if not is_automatic and (kind("ticket_status", ticket["status"]) == "paused" or ticket["status"] == "resolved"):
        writer.update("ticket", ticket_id, {"status": "open"})


def follow_up(writer: Writer, ticket_id: int) -> int:
    """Open a ticket that goes on where a closed one ended, and return its id."""
    closed = writer.image("ticket", ticket_id)
    values = {key: closed.get(f"{key}_id", closed.get(key)) for key in _FOLLOWED}
    fresh = writer.create("ticket", values | {"follow_up_of": ticket_id})
    writer.warn(f"K{ticket_id} is closed; the reply opened the follow-up ticket K{fresh.id}")
    return fresh.id


def _add(
    writer: Writer, ticket_id: int, body: str, at: str | None, is_automatic: bool, by: Mapping[str, int | None]
) -> None:
    values = {**by, "ticket": ticket_id, "body": body, "occurred_at": at, "is_automatic": is_automatic}
    writer.create("ticket_comment", values)
