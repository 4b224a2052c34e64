"""What a ticket must satisfy, and what follows from its fields."""

from typing import TYPE_CHECKING

from crmcli.domain.enums import kind, values
from crmcli.domain.zones import wall_shown
from crmcli.services.drafts import Draft
from crmcli.services.invariants.moments import check_past
from crmcli.services.invariants.shared import check_cycle
from crmcli.services.invariants.ticket_clocks import settle_clocks

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_MOVES = {
    "new": ("open", "resolved"),
    "open": ("waiting_customer", "on_hold", "resolved"),
    "waiting_customer": ("open", "resolved"),
    "on_hold": ("open", "resolved"),
    "resolved": ("open", "closed"),
    "closed": (),
}
_ORDER = (("opened_at", "first_response_at"), ("opened_at", "resolved_at"), ("resolved_at", "closed_at"))
_EMPLOYER = "SELECT organization_id FROM organization_contact WHERE contact_id = ? AND is_primary = 1"
_BEST_SCORE = 5


def settle(draft: Draft, writer: "Writer") -> None:
    """Number the ticket, keep status, times and resolution in step, and run its clocks."""
    record = draft.record
    if draft.intent == "delete":
        return
    record["opened_at"] = record["opened_at"] or record["created_at"]
    _settle_organization(draft, writer)
    _settle_number(draft, writer)
    if record["status"] not in values("ticket_status"):
        return  # validation tells which there are
    _settle_status(draft, writer)
    _check_resolution(draft, writer)
    _check_times(draft, writer)
    if (record["csat_score"] or 0) > _BEST_SCORE:
        draft.refuse("csat_score", f"goes from 1 to {_BEST_SCORE}")
    if not draft.problems:
        settle_clocks(draft, writer)


def is_done(status: str | None) -> bool:
    """Whether a ticket of this status is resolved or closed; None stands for a ticket that is not there yet."""
    return status is not None and kind("ticket_status", status) == "done"


def _settle_organization(draft: Draft, writer: "Writer") -> None:
    """Give the ticket of a person the organization they work for, unless it has one or was given none on purpose."""
    record = draft.record
    if record["organization_id"] is None and draft.changed("contact_id") and "organization_id" not in draft.given:
        employer = writer.one(_EMPLOYER, record["contact_id"])
        record["organization_id"] = employer["organization_id"] if employer else None


def _settle_status(draft: Draft, writer: "Writer") -> None:
    record, old = draft.record, draft.was("status")
    if record["closed_at"] and "closed_at" in draft.given and "status" not in draft.given:
        record["status"] = "closed"
    new = record["status"]
    if old and new != old and new not in _MOVES[old] and draft.intent != "import":
        ways = " or ".join(_MOVES[old])
        closed = "a closed ticket stays closed; a reply to it opens a follow-up ticket"
        draft.refuse("status", f"a ticket that is {old} becomes {ways}, not {new}" if ways else closed)
        return
    if is_done(new):
        record["resolved_at"] = record["resolved_at"] or record["closed_at"] or writer.now
        record["first_resolved_at"] = record["first_resolved_at"] or record["resolved_at"]
        if new == "closed":
            record["closed_at"] = record["closed_at"] or (writer.now if old else record["resolved_at"])
    elif is_done(old):
        _reopen(draft, writer)
    elif record["resolved_at"]:  # an import of a ticket that was resolved once and is open again
        record["first_resolved_at"], record["resolved_at"] = record["resolved_at"], None
    if new != "closed" and record["closed_at"]:
        draft.refuse("closed_at", "only a ticket that is closed has been closed")


def _reopen(draft: Draft, writer: "Writer") -> None:
    """Take back what the resolution said; when it was first resolved, and what was consumed, stays."""
    draft.record |= {
        "reopened_count": draft.record["reopened_count"] + 1,
        "last_reopened_at": writer.now,
        "resolved_at": None,
        "closed_at": None,
        "resolution": None,
        "resolution_code": None,
        "duplicate_of_id": None,
    }


def _check_resolution(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    is_new = is_done(record["status"]) and (not is_done(draft.was("status")) or "resolution_code" in draft.given)
    if is_new and draft.intent != "import" and not record["resolution_code"]:
        draft.refuse("resolution_code", f"is needed to resolve: {', '.join(values('ticket_resolution_code'))}")
    if is_new and record["resolution_code"] == "duplicate" and not record["duplicate_of_id"]:
        draft.refuse("duplicate_of", "say of which ticket it is a duplicate")
    check_cycle(draft, writer)


def _check_times(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    check_past(draft, writer, "opened_at", "first_response_at", "resolved_at", "closed_at")
    for earlier, later in _ORDER:
        if record[earlier] and record[later] and record[later] < record[earlier]:
            first, second = (wall_shown(record[column], writer.zone) for column in (earlier, later))
            draft.refuse(later, f"{second} is before {earlier}, {first}")


def _settle_number(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    if not record["number"]:
        record["number"] = writer.ticket_numbers.next()
    elif draft.changed("number"):
        twin = writer.one("SELECT id FROM ticket WHERE number = ? AND id IS NOT ?", record["number"], record["id"])
        if twin:
            draft.refuse("number", f"{draft.entity.ref(twin['id'])} has the number {record['number']} already")
