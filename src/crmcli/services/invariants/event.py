"""What an event must satisfy, and what follows from its fields.

The end of an event of whole days is its last day; only iCalendar writes the day after.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crmcli.domain.doubts import doubt_of
from crmcli.domain.zones import instant_text, to_utc, to_wall
from crmcli.services.drafts import Draft
from crmcli.services.invariants.event_series import NEW_RULE, OCCURRENCE, follow_series, keep_zone, settle_series
from crmcli.services.invariants.links import check_target, settle_links

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_HOUR = timedelta(hours=1)
_DAY = len("2026-03-20")
_INVITED = ("user", "contact", "lead")


def settle(draft: Draft, writer: "Writer") -> None:
    """Complete the times, refuse an end before the start, and mind who comes and what it is about."""
    record = draft.record
    if draft.intent == "delete":
        return
    if draft.before is None:
        record["ical_uid"] = record["ical_uid"] or record["uid"]
        if "organiser_id" not in draft.given and draft.intent not in (OCCURRENCE, NEW_RULE):
            record["organiser_id"] = writer.me
    settle_links(draft, writer)
    _settle_attendees(draft, writer)
    if record["start_at"]:
        keep_zone(draft)
        _settle_times(draft, writer)
        settle_series(draft, writer)
        _warn_of_start(draft, writer)
    else:
        draft.refuse("start_at", "is required")


def follow(drafts: Sequence[Draft], writer: "Writer") -> None:
    """Let what was changed in recurring events follow them."""
    for draft in drafts:
        follow_series(draft, writer)


def _warn_of_start(draft: Draft, writer: "Writer") -> None:
    """Tell a planned start as it was understood where it is likely a slip."""
    record = draft.record
    if record["status"] != "planned" or draft.intent or not draft.changed("start_at"):
        return
    if doubt := doubt_of(record["start_wall"], record["start_at"], writer.now, writer.zone):
        writer.warn(f"start {doubt}")


def _settle_times(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    record["zone"] = record["zone"] or draft.was("zone") or writer.zone  # an end that is taken away takes it along
    record["all_day"] = int(len(record["start_wall"]) == _DAY)
    is_moved = draft.changed("start_at") or draft.changed("all_day")
    if not record["end_at"] or (is_moved and "end_at" not in draft.given):
        record |= _end_of(draft)
    if (len(record["end_wall"]) == _DAY) != record["all_day"]:
        draft.refuse("end_at", "start and end are either both days or both have a time")
        return
    if not record["all_day"]:  # each may have been given in a zone of its own
        record["start_wall"] = to_wall(record["start_at"], record["zone"])
        record["end_wall"] = to_wall(record["end_at"], record["zone"])
    if record["end_at"] < record["start_at"]:
        end, start = (record[column].replace("T", " ") for column in ("end_wall", "start_wall"))
        draft.refuse("end_at", f"{end} is before the start {start}")


def _end_of(draft: Draft) -> dict[str, Any]:
    """Return the end that goes with the start: as long after it as before, else an hour later or the same day."""
    record, before = draft.record, draft.before
    same_kind = before is not None and before["all_day"] == record["all_day"]
    if record["all_day"]:
        days = _days(before) if before and same_kind else 0
        wall = (date.fromisoformat(record["start_wall"]) + timedelta(days)).isoformat()
        return {"end_wall": wall, "end_at": to_utc(wall, record["zone"])}
    length = _length(before) if before and same_kind else _HOUR
    end_at = instant_text(datetime.fromisoformat(record["start_at"]) + length)
    return {"end_wall": to_wall(end_at, record["zone"]), "end_at": end_at}


def _days(image: dict[str, Any]) -> int:
    return (date.fromisoformat(image["end_wall"]) - date.fromisoformat(image["start_wall"])).days


def _length(image: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(image["end_at"]) - datetime.fromisoformat(image["start_at"])


def _settle_attendees(draft: Draft, writer: "Writer") -> None:
    if not draft.changed("attendees"):
        return
    rows = {(row["entity"], row["record_id"]): {"response": "none"} | row for row in draft.record["attendees"]}
    draft.record["attendees"] = list(rows.values())
    before = {(row["entity"], row["record_id"]) for row in draft.was("attendees") or ()}
    for key in rows.keys() - before:
        check_target(draft, writer, "attendees", key, _INVITED)
