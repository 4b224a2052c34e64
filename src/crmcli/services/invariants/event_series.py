"""Events that recur: the series keeps its zone, begins with a time of its rule, and takes along what was changed in it.

Occurrences changed on their own are records with ``recurrence_id``, the wall time (in their zone) that the series gives
them, and the series' ``ical_uid``. Splitting a series belongs to ``services.event_series``.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crmcli.domain.every_told import told
from crmcli.domain.recurrence import MOST, ONCE, first_time, is_key, turned, with_dates, with_end
from crmcli.domain.series import Times, key_at, key_in, key_of, moved_to, rekeying
from crmcli.services.drafts import Draft, canonical
from crmcli.services.images import Image
from crmcli.services.tags import names_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

OCCURRENCE = "occurrence"  # intent: one of a series, or the rest of it, becomes a record of its own
NEW_RULE = "new_rule"  # intent: the rest of a series, with another rule
_DAY = len("2026-03-20")
_CHANGED = "SELECT id FROM event WHERE ical_uid = ? AND recurrence_id IS NOT NULL AND deleted_at IS NULL ORDER BY id"
_SERIES = (
    "SELECT id FROM event WHERE ical_uid = ? AND rrule IS NOT NULL AND recurrence_id IS NULL AND deleted_at IS NULL"
)
_INHERITED = {  # field by column, of what a changed occurrence has from its series
    **{key: key for key in ("title", "location", "join_url", "status", "visibility", "reminders", "description", "tags",
                            "links", "attendees")},
    "organiser_id": "organiser", "owner_id": "owner",
}  # fmt: skip


def times_of(image: Image) -> Times:
    """Return the times of the image of an event."""
    return Times(image["start_wall"], image["end_wall"], image["start_at"], image["end_at"])


def keep_zone(draft: Draft) -> None:
    """Let a series, and an occurrence of one, stay in its zone whatever zone its new time was said in."""
    before, record = draft.before, draft.record
    if draft.intent == "import" or before is None or not (before["rrule"] or before["recurrence_id"]):
        return
    if record["start_wall"] and len(record["start_wall"]) > _DAY:
        record["zone"] = before["zone"]


def settle_series(draft: Draft, writer: "Writer") -> None:
    """Bring rule, start and exceptions of a series in step; its times are settled already."""
    record = draft.record
    _settle_further(draft, writer)
    if draft.intent == "import" or not record["rrule"] or record["recurrence_id"] or draft.problems:
        return
    if not (draft.changed("start_wall") or draft.changed("rrule")):
        return
    if draft.before and draft.before["rrule"] and "rrule" not in draft.given:
        record["rrule"] = turned(record["rrule"], draft.before["start_wall"], record["start_wall"])
    record["rrule"] = with_end(record["rrule"], record["zone"], bool(record["all_day"]))
    _fit_start(draft, writer)
    for column in ("exdates", "rdates"):
        if draft.before and column not in draft.given and record[column]:
            rekey = rekeying(draft.before["start_wall"], record["start_wall"])
            record[column] = canonical([rekey(key) for key in _keys(record, column)])


def follow_series(draft: Draft, writer: "Writer") -> None:
    """Take along the occurrences that were changed on their own; one that is deleted does not come back by the rule."""
    record, before = draft.record, draft.before
    if before is None or draft.intent == "import":
        return
    if draft.intent == "delete":
        _follow_deleted(record, writer)
    elif before["rrule"] and not record["recurrence_id"]:
        rekey = rekeying(before["start_wall"], record["start_wall"])
        if draft.changed("start_wall") or any(draft.changed(column) for column in _INHERITED):
            for image in changed_ones(record, writer):
                values = {"recurrence_id": rekey(image["recurrence_id"])} | inherited(image, before, record, writer)
                writer.update("event", image["id"], values, intent=OCCURRENCE)


def inherited(image: Image, before: Image, after: Image, writer: "Writer") -> dict[str, Any]:
    """Return what a changed occurrence takes over of a change of its series: all in which it was like it."""
    found = {}
    for column, key in _INHERITED.items():
        if image[column] == before[column] != after[column]:
            found[key] = json.loads(after[column] or "[]") if column == "reminders" else after[column]
    return found | ({"tags": names_of(writer, found["tags"])} if "tags" in found else {})


def changed_ones(series: Image, writer: "Writer") -> list[Image]:
    """Return the images of the occurrences of a series that were changed on their own."""
    return [writer.image("event", row["id"]) for row in writer.all(_CHANGED, series["ical_uid"])]


def series_of(occurrence: Image, writer: "Writer") -> Image | None:
    """Return the image of the series to which a changed occurrence belongs; None when it is not there."""
    row = writer.one(_SERIES, occurrence["ical_uid"])
    return writer.image("event", row["id"]) if row else None


def excepted(image: Image) -> list[str]:
    """Return the keys of the occurrences of a series that do not take place."""
    return _keys(image, "exdates")


def further(image: Image) -> list[str]:
    """Return the keys of the occurrences that a series has beside those of its rule."""
    return _keys(image, "rdates")


def recurrence_of(image: Image) -> str:
    """Return the rule of a series with its further dates."""
    return with_dates(image["rrule"], further(image))


def _keys(image: Image, column: str) -> list[str]:
    return [key_of(text) for text in _texts(image, column)]


def _texts(image: Image, column: str) -> list[str]:
    found = json.loads(image[column] or "[]")
    return [*map(str, found)] if isinstance(found, list) else []


def _settle_further(draft: Draft, writer: "Writer") -> None:
    """Let what has further dates recur, and refuse dates that are none, or not of the kind of the event."""
    record = draft.record
    if not record["rdates"] or not record["start_wall"]:
        return
    if record["recurrence_id"]:  # an occurrence has none of its own
        record["rdates"] = None
        return
    keys = [re.sub(r"(:\d\d):\d\d$", r"\1", text) for text in _texts(record, "rdates")]  # to the minute
    length = len(key_of(record["start_wall"]))
    if bad := next((key for key in keys if not is_key(key) or len(key) != length), None):
        kind = "day" if record["all_day"] else "local time such as 2026-04-01T10:00"
        draft.refuse("rdates", f"{bad!r} is no {kind}")
    if len(keys) > MOST:
        draft.refuse("rdates", f"are more than {MOST:,}; --every says a rule")
    record["rdates"] = canonical(sorted(set(keys))) if keys else None
    if keys and not record["rrule"]:
        record["rrule"] = ONCE
        if draft.before and draft.before["rrule"]:
            writer.warn("it still takes place on its further dates; --unset rdates leaves them out")


def _fit_start(draft: Draft, writer: "Writer") -> None:
    """Let a series begin with the first time that its rule gives; refuse a rule that gives none from its start on."""
    record = draft.record
    start, zone, is_day = record["start_wall"], record["zone"], bool(record["all_day"])
    first = first_time(datetime.fromisoformat(start), record["rrule"], zone)
    if first is None:
        draft.refuse("rrule", f"ends before it begins, {start.replace('T', ' ')}")
        return
    key, shown = key_at(first, is_day=is_day), start.replace("T", " ")
    if key == key_of(start) or (draft.before and draft.intent == OCCURRENCE):  # what came so from a file stays so
        return
    words = told(record["rrule"], key, zone)
    if draft.intent == OCCURRENCE or (draft.before and "rrule" not in draft.given):
        draft.refuse("start_at", f"{shown} is not {words}; --every says another recurrence")
        return
    times = moved_to(times_of(record), zone, key)
    record |= {"start_wall": times.start_wall, "end_wall": times.end_wall}
    record |= {"start_at": times.start_at, "end_at": times.end_at}
    writer.warn(f"begins on {times.start_wall.replace('T', ' ')}: {shown} is not {words}")


def _follow_deleted(record: dict[str, Any], writer: "Writer") -> None:
    if record["rrule"] and not record["recurrence_id"]:
        for image in changed_ones(record, writer):
            writer.delete("event", image["id"])
    elif record["recurrence_id"] and (series := series_of(record, writer)):
        except_from(series, [key_of_changed(record, series)], writer)


def key_of_changed(occurrence: Image, series: Image) -> str:
    """Return the key that a changed occurrence has in its series."""
    return key_in(occurrence["recurrence_id"], occurrence["zone"], series["zone"])


def except_from(series: Image, keys: Sequence[str], writer: "Writer") -> None:
    """Let occurrences of a series not take place."""
    known = excepted(series)
    writer.update("event", series["id"], {"exdates": sorted({*known, *keys})})
