"""The life of a ticket: opened, answered, put on hold, resolved, closed, reopened (semantics 4.1)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crmcli.domain.enums import kind
from crmcli.errors import Problem, RefusedError
from crmcli.services import comments
from crmcli.services.invariants.ticket import is_done
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


def open_ticket(
    context: Context, values: Mapping[str, Any], comment: str | None = None, *, is_public: bool = False
) -> Result:
    """Open a ticket, with a first comment of the acting user; a public one counts as the first response."""

    def work(writer: Writer) -> None:
        ticket = writer.create("ticket", dict(values))
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
    return write(context, lambda writer: _each(ids, lambda id_: writer.update("ticket", id_, {"assignee": user_id})))


def set_status(context: Context, ids: Sequence[int], status: str) -> Result:
    """Make tickets ``open``, ``waiting_customer`` or ``on_hold``; to and from a pause the way leads through ``open``."""

    def work(writer: Writer, ticket_id: int) -> None:
        old = writer.image("ticket", ticket_id)["status"]
        if old == status:
            writer.warn(f"K{ticket_id} is {status} already")
        elif old != "open" and not is_done(old) and kind("ticket_status", status) == "paused":
            writer.update("ticket", ticket_id, {"status": "open"})
        writer.update("ticket", ticket_id, {"status": status})

    return write(context, lambda writer: _each(ids, lambda ticket_id: work(writer, ticket_id)))


def resolve(
    context: Context,
    ids: Sequence[int],
    code: str,
    note: str | None = None,
    duplicate_of: int | None = None,
    at: str | None = None,
) -> Result:
    """Resolve tickets; ``note`` says how, ``at`` is the stored instant when. Those resolved or closed stay as they are."""

    def work(writer: Writer, ticket_id: int) -> None:
        old = writer.image("ticket", ticket_id)["status"]
        if is_done(old):
            writer.warn(f"K{ticket_id} is {old} already")
            writer.update("ticket", ticket_id, {})
        else:
            writer.update("ticket", ticket_id, _resolution(code, note, duplicate_of) | _given(resolved_at=at))

    return write(context, lambda writer: _each(ids, lambda ticket_id: work(writer, ticket_id)))


def close(
    context: Context,
    ids: Sequence[int],
    code: str | None = None,
    note: str | None = None,
    duplicate_of: int | None = None,
    at: str | None = None,
) -> Result:
    """Close tickets, resolving those that are not with ``code``; those closed stay as they are."""

    def work(writer: Writer, ticket_id: int) -> None:
        old = writer.image("ticket", ticket_id)["status"]
        if old == "closed":
            writer.warn(f"K{ticket_id} is closed already")
            writer.update("ticket", ticket_id, {})
            return
        if not is_done(old):
            writer.update("ticket", ticket_id, _resolution(code, note, duplicate_of) | _given(resolved_at=at))
        writer.update("ticket", ticket_id, _resolution(code, note, duplicate_of) | {"status": "closed"} | _given(closed_at=at))

    return write(context, lambda writer: _each(ids, lambda ticket_id: work(writer, ticket_id)))


def reopen(context: Context, ticket_id: int, note: str | None = None) -> Result:
    """Take up a resolved ticket again, with a note why; an open one stays as it is, a closed one is refused."""

    def work(writer: Writer) -> None:
        old = writer.image("ticket", ticket_id)["status"]
        if old == "closed":
            raise RefusedError(
                f"K{ticket_id} cannot be reopened", [Problem("status", "it is closed")], hint=f"crm ticket reply K{ticket_id}"
            )
        if not is_done(old):
            writer.warn(f"K{ticket_id} is {old} already")
        writer.update("ticket", ticket_id, {"status": "open"} if is_done(old) else {})
        if note is not None:
            comments.add_note(writer, ticket_id, note)

    return write(context, work)


def _each(ids: Sequence[int], work: Callable[[int], object]) -> None:
    for ticket_id in dict.fromkeys(ids):
        work(ticket_id)


def _resolution(code: str | None, note: str | None, duplicate_of: int | None) -> dict[str, Any]:
    return {"status": "resolved"} | _given(resolution_code=code, resolution=note, duplicate_of=duplicate_of)


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
