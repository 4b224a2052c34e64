"""Tasks that recur: one occurrence is open at a time, and closing it opens the next one in the same step.

The rule stays with the open occurrence: it moves on to the next one, so that an earlier one that is opened again is a
plain task. Occurrences of a series share ``series_uid``; ``occurrence_key`` is the local time that the rule gives them.
"""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crmcli.domain.dates import Moment
from crmcli.domain.recurrence import first_time, walk, with_end
from crmcli.domain.series import key_at, key_of
from crmcli.domain.successors import Successor, successor
from crmcli.domain.zones import local_date, to_utc, to_wall
from crmcli.services.copies import likeness
from crmcli.services.drafts import Draft
from crmcli.services.images import Image
from crmcli.services.invariants.links import living
from crmcli.services.uids import Uids

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

OVER = ("done", "cancelled")
RECURS = "recur"  # intent: the next occurrence of a task, made by closing the one before
_DAY = len("2026-03-20")
_APART = frozenset({
    "status", "completed_at", "result", "spent_minutes", "start_on", "due_at", "due_is_date",
    "due_wall", "due_zone", "rrule", "occurrence_key", "missed_count",
})  # fmt: skip
_KEYS = "SELECT occurrence_key FROM task WHERE series_uid = ?"


def settle_series(draft: Draft, writer: "Writer") -> None:
    """Begin a series where a rule is new, and hand the rule of an occurrence that is closed to the next one."""
    if not draft.problems:
        _settle_rule(draft, writer)
    if draft.changed("series_uid") or draft.changed("occurrence_key"):
        _part_from_others(draft.record, writer)


def _settle_rule(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    if not record["rrule"]:
        return
    if _closes(draft):
        if next_of(record, writer):
            record["rrule"] = None
        else:
            writer.warn(f"the series ends with T{record['id']}")
    elif record["status"] not in OVER:
        _settle_due(draft, writer)
        _settle_key(draft, writer)


def open_next(draft: Draft, writer: "Writer") -> None:
    """Create the occurrence that follows the one that a stored draft has closed."""
    if draft.before and _closes(draft) and not draft.record["rrule"]:
        create_next(draft.record | {"rrule": draft.before["rrule"]}, writer)


def create_next(closed: Image, writer: "Writer") -> bool:
    """Create the occurrence that follows a closed one, given its image with the rule; False where the series ends."""
    found = next_of(closed, writer)
    if found is None:
        return False
    zone = closed["due_zone"] or writer.zone
    moment = _moment(found.key, zone)
    values: dict[str, Any] = {
        "rrule": found.rule, "due_at": moment, "occurrence_key": found.key, "missed_count": found.missed,
        "start_on": _start_before(closed, moment.wall),
    }  # fmt: skip
    like = likeness(closed, _APART)
    writer.create("task", values, intent=RECURS, like=like | {"links": living(closed["links"], writer)})
    return True


def next_of(closed: Image, writer: "Writer") -> Successor | None:
    """Return the occurrence that follows a closed one, given its image with the rule."""
    key = closed["occurrence_key"] or closed["due_wall"]
    if not key:
        return None
    zone = closed["due_zone"] or writer.zone
    taken = {row["occurrence_key"] for row in writer.all(_KEYS, closed["series_uid"])}
    at = to_wall(closed["completed_at"] or writer.now, zone)
    return successor(key_of(key), closed["rrule"], zone, closed["recur_mode"], at, taken)


def _closes(draft: Draft) -> bool:
    """Say whether a draft closes an open occurrence that has a rule, unless the rule is taken away with it."""
    before = draft.before
    return (
        before is not None
        and bool(before["rrule"])
        and before["status"] not in OVER
        and draft.record["status"] in OVER
        and "rrule" not in draft.given
        and draft.intent != "import"
    )


def _settle_due(draft: Draft, writer: "Writer") -> None:
    """Let what has no due time be due on the first day from today on that the rule names."""
    record, zone = draft.record, draft.record["due_zone"] or writer.zone
    if not record["due_wall"] and draft.intent != "import":
        if draft.was("due_wall"):
            draft.refuse("due_at", "what recurs is due at some time; --unset rrule ends the recurrence")
            return
        today = datetime.fromisoformat(local_date(writer.now, zone))
        if first := first_time(today, record["rrule"], zone):
            day = key_at(first, is_day=True)
            record |= {"due_at": to_utc(day, zone), "due_wall": day, "due_zone": zone, "due_is_date": 1}
    if draft.changed("rrule") and record["due_wall"] and draft.intent == "":
        record["rrule"] = with_end(record["rrule"], zone, bool(record["due_is_date"]))
        if next(walk(datetime.fromisoformat(record["due_wall"]), record["rrule"], zone), None) is None:
            draft.refuse("rrule", f"ends before the task is due, {record['due_wall'].replace('T', ' ')}")


def _settle_key(draft: Draft, writer: "Writer") -> None:
    """Name the series and the occurrence; a new rule counts from when the task is due."""
    record = draft.record
    if draft.intent != "import":
        record["recur_mode"] = record["recur_mode"] or "schedule"
    if not record["due_wall"] or ("occurrence_key" in draft.given and record["series_uid"]):
        return
    if draft.changed("rrule") or not record["occurrence_key"]:
        record["series_uid"] = record["series_uid"] or record["uid"]
        record["occurrence_key"] = key_of(record["due_wall"])


def _part_from_others(record: Image, writer: "Writer") -> None:
    """Let what claims the place of another occurrence be of a series of its own."""
    sql = "SELECT id FROM task WHERE series_uid = ? AND occurrence_key = ? AND id IS NOT ?"
    if writer.one(sql, record["series_uid"], record["occurrence_key"], record["id"]):
        (record["series_uid"],) = Uids().take(1)


def _moment(key: str, zone: str) -> Moment:
    """Return when an occurrence is due; an hour that does not exist is the one after."""
    at = to_utc(key, zone)
    is_day = len(key) == _DAY
    return Moment(key if is_day else to_wall(at, zone), is_day, at, zone)


def _start_before(closed: Image, due: str) -> str | None:
    """Return the day on which the next occurrence shows up: as long before it is due as the last one did."""
    if not closed["start_on"]:
        return None
    ahead = date.fromisoformat(closed["due_wall"][:_DAY]) - date.fromisoformat(closed["start_on"])
    return (date.fromisoformat(due[:_DAY]) - max(ahead, timedelta(0))).isoformat()
