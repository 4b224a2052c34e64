"""The life of a ticket: opened, answered, put on hold, resolved, closed, reopened."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmcli.errors import Problem, RefusedError
from crmcli.services import comments
from crmcli.services.changes import given
from crmcli.services.invariants.ticket import is_done
from crmcli.services.linked import create_linked
from crmcli.services.results import Context, Result
from crmcli.services.steps import change_each
from crmcli.services.ticket_states import status_changes
from crmcli.services.writer import Writer, write


def open_ticket(
    context: Context, values: Mapping[str, Any], comment: str | None = None, *, is_public: bool = False
) -> Result:
    """Open a ticket, with a first comment of the acting user; a public one counts as the first response.

    A value may be a ``linked.New``, which is created on the way.
    """

    def work(writer: Writer) -> None:
        ticket = writer.create("ticket", create_linked(writer, values))
        if comment is not None and is_public:
            comments.add_answer(writer, ticket.id, comment, ticket.record["opened_at"])
        elif comment is not None:
            comments.add_note(writer, ticket.id, comment)

    return write(context, work)


def reply(
    context: Context,
    ticket_id: int,
    body: str,
    *,
    by_contact: bool = False,
    automatic: bool = False,
    contact_id: int | None = None,
    at: str | None = None,
) -> Result:
    """Add a public comment, of the acting user or of the customer (the ticket's contact unless another is named).

    ``at`` is the stored instant when it was written. On a closed ticket the reply opens a follow-up ticket, unless it
    is automatic.
    """

    def work(writer: Writer) -> None:
        is_closed = writer.image("ticket", ticket_id)["status"] == "closed"
        target = comments.follow_up(writer, ticket_id) if is_closed and not automatic else ticket_id
        if by_contact:
            comments.add_customer_reply(writer, target, body, at, is_automatic=automatic, contact_id=contact_id)
        else:
            comments.add_answer(writer, target, body, at, is_automatic=automatic)

    return write(context, work)


def note(context: Context, ticket_id: int, body: str) -> Result:
    """Add an internal comment."""
    return write(context, lambda writer: comments.add_note(writer, ticket_id, body))


def assign(context: Context, ids: Sequence[int], user_id: int | None) -> Result:
    """Give tickets to a user, or to nobody."""
    return change_each(context, "ticket", ids, lambda *_: [{"assignee": user_id}])


def set_status(context: Context, ids: Sequence[int], status: str) -> Result:
    """Make tickets ``open``, ``waiting_customer`` or ``on_hold``; between others the way leads through ``open``."""

    return change_each(context, "ticket", ids, lambda _, ticket: status_changes(ticket, status, {}))


def resolve(
    context: Context,
    ids: Sequence[int],
    code: str,
    note: str | None = None,
    duplicate_of: int | None = None,
    at: str | None = None,
) -> Result:
    """Resolve tickets; ``note`` says how, ``at`` is the stored instant when. Those that are done stay as they are."""
    said = _resolution(code, note, duplicate_of) | given(resolved_at=at)
    return change_each(context, "ticket", ids, lambda _, ticket: status_changes(ticket, "resolved", said))


def close(
    context: Context,
    ids: Sequence[int],
    code: str | None = None,
    note: str | None = None,
    duplicate_of: int | None = None,
    at: str | None = None,
) -> Result:
    """Close tickets, resolving those that are not with ``code``; those closed stay as they are."""
    said = _resolution(code, note, duplicate_of)
    return change_each(context, "ticket", ids, lambda _, ticket: status_changes(ticket, "closed", said, at))


def reopen(context: Context, ticket_id: int, note: str | None = None) -> Result:
    """Take up a resolved ticket again, with a note why; an open one stays as it is, a closed one is refused."""

    def work(writer: Writer) -> None:
        old = writer.image("ticket", ticket_id)["status"]
        if old == "closed":
            problem = Problem("status", "it is closed, and a reply opens a follow-up ticket")
            raise RefusedError(f"K{ticket_id} cannot be reopened", [problem], hint=f"crm ticket reply K{ticket_id}")
        if not is_done(old):
            writer.warn(f"K{ticket_id} is {old} already")
        writer.update("ticket", ticket_id, {"status": "open"} if is_done(old) else {})
        if note is not None:
            comments.add_note(writer, ticket_id, note)

    return write(context, work)


def _resolution(code: str | None, note: str | None, duplicate_of: int | None) -> dict[str, Any]:
    return given(resolution_code=code, resolution=note, duplicate_of=duplicate_of)
