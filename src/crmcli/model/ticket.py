"""Ticket: a problem or a request of a customer, with its clocks and comments."""

from typing import ClassVar

from sqlalchemy import CheckConstraint

from crmcli.model.columns import boolean, enum, instant, integer, ref, text
from crmcli.model.fragments import REFERENCES, TAGS, open_tasks
from crmcli.model.record import COUNTED, Derived, Described, Input, Owned, Stored, stored

_COMMENTS = "(SELECT COUNT(*) FROM ticket_comment c WHERE c.ticket_id = r.id AND c.deleted_at IS NULL)"


class TicketBase(Input):
    """What a ticket is made of. Consumed business seconds are the stored truth; dues derive."""

    about: ClassVar[Described] = Described(
        "ticket", "ticket", "K", "Ticket", "tickets", "r.subject",
        ("ref", "subject", "status", "priority", "contact", "organization", "assignee", "opened_at"),
        (
            Derived("is_open", "bool", "Open", "CASE WHEN r.status NOT IN ('resolved', 'closed') THEN 1 ELSE 0 END",
                    aliases=("open",)),
            Derived("comments_count", "int", "Comments", _COMMENTS),
            open_tasks("ticket"),
        ),
        (TAGS, REFERENCES),
    )  # fmt: skip

    number: str = text("Number", required=True, index=True, writable=False)
    subject: str = text("Subject", required=True)
    description: str | None = text("Description", long=True, option=True)
    status: str = enum("Status", "ticket_status", default="new", index=True, tracked=True)
    priority: str = enum("Priority", "priority", default="normal", option=True)
    severity: str | None = enum("Severity", "ticket_severity", option=True)
    type: str | None = enum("Type", "ticket_type", option=True)
    category: str | None = text("Category", option=True)
    channel: str = enum("Channel", "ticket_channel", default="manual", option=True)
    contact_id: int | None = ref("Contact", "contact", option=True)
    organization_id: int | None = ref("Organization", "organization", option=True)
    assignee_id: int | None = ref("Assignee", "user", "app_user", option=True)
    sla: str | None = text("Service level", writable=False)
    opened_at: str = instant("Opened", required=True, index=True, writable=False)
    resolved_at: str | None = instant("Resolved", writable=False)
    first_resolved_at: str | None = instant("First resolved", writable=False)
    closed_at: str | None = instant("Closed", index=True, writable=False)
    first_response_at: str | None = instant("First response", writable=False)
    first_response_due: str | None = instant("First response due", writable=False)
    resolution_due: str | None = instant("Resolution due", writable=False)
    next_response_due: str | None = instant("Next response due", writable=False)
    response_used_s: int = integer("Response time used, seconds", default=0, writable=False)
    resolution_used_s: int = integer("Resolution time used, seconds", default=0, writable=False)
    clock_at: str | None = instant("Clocks read", writable=False)
    paused_at: str | None = instant("Paused", writable=False)
    paused_business_s: int = integer("Paused, seconds", default=0, writable=False)
    reopened_count: int = integer("Times reopened", default=0, writable=False)
    last_reopened_at: str | None = instant("Last reopened", writable=False)
    resolution: str | None = text("Resolution", long=True)
    resolution_code: str | None = enum("Resolution code", "ticket_resolution_code")
    csat_score: int | None = integer("Satisfaction, 1 to 5", low=1)
    duplicate_of_id: int | None = ref("Duplicate of", "ticket")
    follow_up_of_id: int | None = ref("Follow-up of", "ticket", writable=False)


@stored
class Ticket(TicketBase, Owned, table=True):
    """The stored ticket."""

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("status <> 'closed' OR resolved_at IS NOT NULL", name="closing"),
        COUNTED,
    )


class TicketCommentBase(Input):
    """A reply or a note on a ticket; internal ones never reach a customer."""

    about: ClassVar[Described] = Described(
        "ticket_comment", "comment", "", "Comment", "comments", "substr(r.body, 1, 80)",
        ("occurred_at", "author", "contact", "visibility", "body"),
    )  # fmt: skip

    ticket_id: int = ref("Ticket", "ticket", required=True)
    author_id: int | None = ref("Author", "user", "app_user")
    contact_id: int | None = ref("Contact", "contact")
    body: str = text("Text", required=True, long=True)
    visibility: str = enum("Visibility", "comment_visibility", default="public")
    occurred_at: str = instant("When", required=True)
    is_automatic: int = boolean("Automatic")


@stored
class TicketComment(TicketCommentBase, Stored, table=True):
    """The stored comment."""

    __tablename__ = "ticket_comment"
    __table_args__ = COUNTED
