"""The clocks of a ticket on a write: the service level at opening, the seconds consumed, the times due.

A ticket is measured when there are business hours as it is opened; without them nothing is stored and nothing computed.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crmcli.clock import stored
from crmcli.config.service_levels import choose
from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.enums import kind
from crmcli.domain.sla import Clock, used
from crmcli.domain.text import fold
from crmcli.queries.service_clocks import read_clocks, resolution_clock, response_clock
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_MOVING = ("status", "first_response_at", "priority", "sla")
_CUSTOMER = (
    "SELECT o.id, o.name, o.domain FROM organization o WHERE o.id = COALESCE(?, (SELECT c.organization_id"
    " FROM organization_contact c WHERE c.contact_id = ? AND c.is_primary = 1))"
)
_TAGS = (
    "SELECT t.name_key FROM tagging g JOIN tag t ON t.id = g.tag_id WHERE g.entity = 'organization' AND g.record_id = ?"
)


def settle_clocks(draft: Draft, writer: "Writer") -> None:
    """Bring the consumption up to date where the ticket moved, and derive when its budgets will be used up."""
    record, calendar = draft.record, writer.settings.calendar
    before = draft.before
    if before is None and calendar is not None:
        record["sla"] = record["sla"] or _level_of(record, writer)
        record["clock_at"] = record["opened_at"]
        before = record | {"status": "new", "first_response_at": None}
    if before is None or record["clock_at"] is None or not any(draft.changed(column) for column in _MOVING):
        return
    if calendar is None:
        record |= {"clock_at": None, "paused_at": None} | _dues(None, None)  # cannot be measured any more
        return
    at = record["resolved_at"] if draft.changed("resolved_at") and record["resolved_at"] else writer.now
    _consume(record, before, at, calendar)
    _pause(record, before, at, calendar)
    _derive_dues(record, at, writer)


def _level_of(record: dict[str, Any], writer: "Writer") -> str | None:
    levels = writer.settings.service_levels
    if not levels:
        return None
    customer = writer.one(_CUSTOMER, record["organization_id"], record["contact_id"])
    names, tags = [], []
    if customer:
        names = [fold(customer["name"]), customer["domain"] or "", f"o{customer['id']}"]
        tags = [row["name_key"] for row in writer.all(_TAGS, customer["id"])]
    return choose(levels, names, tags, fold(record["category"] or ""))


def _consume(record: dict[str, Any], before: dict[str, Any], at: str, calendar: BusinessCalendar) -> None:
    before = before | {"clock_at": record["clock_at"]}
    record["response_used_s"] = _used(response_clock(before), record["first_response_at"] or at, calendar)
    record["resolution_used_s"] = _used(resolution_clock(before), at, calendar)
    record["clock_at"] = at


def _used(clock: Clock, at: str, calendar: BusinessCalendar) -> int:
    """Return what a clock has consumed at an instant, which may have been told late and lie before its last reading."""
    moment = datetime.fromisoformat(at)
    told_late = calendar.seconds_between(moment, clock.since) if clock.since else 0
    return max(0, used(clock, moment, calendar) - told_late)


def _pause(record: dict[str, Any], before: dict[str, Any], at: str, calendar: BusinessCalendar) -> None:
    is_paused = kind("ticket_status", record["status"]) == "paused"
    if is_paused:
        record["paused_at"] = record["paused_at"] or at
    elif record["paused_at"]:
        since = datetime.fromisoformat(record["paused_at"])
        record["paused_business_s"] += calendar.seconds_between(since, datetime.fromisoformat(at))
        record["paused_at"] = None


def _derive_dues(record: dict[str, Any], at: str, writer: "Writer") -> None:
    settings = writer.settings
    clocks = read_clocks(record, datetime.fromisoformat(at), settings.calendar, settings.service_levels)
    record |= _dues(clocks.response.due, clocks.resolution.due) if clocks else _dues(None, None)


def _dues(response: datetime | None, resolution: datetime | None) -> dict[str, str | None]:
    return {
        "first_response_due": stored(response) if response else None,
        "resolution_due": stored(resolution) if resolution else None,
    }
