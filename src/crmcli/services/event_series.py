"""Changes of one occurrence of a recurring event, of it and all later ones, or of the whole series.

One occurrence that is changed becomes a record of its own, known by the time the series gave it. A change from one
occurrence on ends the series before it and begins a new one, with a new iCalendar UID. Each call is one undoable step.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any, Literal, NamedTuple

from crmcli.domain.dates import Moment
from crmcli.domain.recurrence import ONCE, ended_before, turned, walk, without_first
from crmcli.domain.series import Times, instances, key_at, key_of, moved_to, rekeying
from crmcli.domain.zones import to_wall
from crmcli.errors import NotFoundError, UsageError
from crmcli.services.copies import likeness
from crmcli.services.images import Image
from crmcli.services.invariants.event_series import (
    NEW_RULE,
    OCCURRENCE,
    changed_ones,
    except_from,
    excepted,
    further,
    inherited,
    key_of_changed,
    recurrence_of,
    series_of,
    times_of,
)
from crmcli.services.invariants.links import living
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write

Scope = Literal["this", "following", "all"]
Values = Mapping[str, Any]

_DAY = len("2026-03-20")
_TIMES = frozenset({"start_at", "start_wall", "end_at", "end_wall", "all_day"})
_OF_SERIES = frozenset({"rrule", "exdates", "rdates", "recurrence_id", "sequence_no"})


class Place(NamedTuple):
    """An occurrence: its series, the key it has there, and the record it became if it was changed on its own."""

    series: Image
    key: str
    changed: Image | None

    @property
    def is_first(self) -> bool:
        """Whether the series begins with it."""
        return self.key <= next(_keys(self.series))


def edit(context: Context, event_id: int, on: Moment | None, scope: Scope, values: Values) -> Result:
    """Change an occurrence, it and the later ones, or the series; ``on`` is a day or time at which it takes place.

    A new start moves as many occurrences as are meant by as much; one changed on its own keeps what is its own.
    """
    return write(context, lambda writer: _edit(writer, _find(writer, event_id, on, scope), scope, values))


def cancel(context: Context, event_id: int, on: Moment | None, scope: Scope) -> Result:
    """Call occurrences off: they stay as records that say so."""

    return edit(context, event_id, on, scope, {"status": "cancelled"})


def remove(context: Context, event_id: int, on: Moment | None, scope: Scope) -> Result:
    """Delete occurrences: the series leaves out one, or ends before it, or goes with all that was changed in it."""

    def work(writer: Writer) -> None:
        place = _find(writer, event_id, on, scope)
        if scope == "all" or (scope == "following" and place.is_first):
            writer.delete("event", place.series["id"])
        elif scope == "following":
            _end_before(writer, place)
            for image in _changed_from(writer, place):
                writer.delete("event", image["id"])
        elif place.changed:
            writer.delete("event", place.changed["id"])
        else:
            except_from(place.series, [place.key], writer)

    return write(context, work)


def _find(writer: Writer, event_id: int, on: Moment | None, scope: Scope) -> Place:
    """Return the occurrence that is meant; UsageError when it is not said well, NotFoundError when there is none."""
    image = writer.image("event", event_id)
    series = series_of(image, writer) if image["recurrence_id"] else image
    if series is None or not series["rrule"]:
        raise UsageError(f"E{event_id} does not recur", hint=f"crm event edit E{event_id} --every week")
    if on is None and image["recurrence_id"]:
        return Place(series, key_of_changed(image, series), image)
    if on is None and scope == "all":
        return Place(series, next(_keys(series)), None)
    if on is None:
        raise UsageError(f"which occurrence of E{event_id}?", hint=f"crm event edit E{event_id} --on 2026-12-01")
    changed = {key_of_changed(one, series): one for one in changed_ones(series, writer)}
    keys = _keys_on(series, changed, on)
    if not keys:
        shown = on.wall.replace("T", " ")
        raise NotFoundError(f"occurrence of E{event_id}", shown, hint=f"crm agenda {on.wall[:_DAY]}")
    if len(keys) > 1:
        raise UsageError(f"E{event_id} takes place {len(keys)} times on {on.wall}", hint=f'--on "{keys[0]}"')
    return Place(series, keys[0], changed.get(keys[0]))


def _keys_on(series: Image, changed: Mapping[str, Image], on: Moment) -> list[str]:
    """Return the keys of the occurrences that the rule, or else a change, puts on a day or at a time."""
    zone, is_day = series["zone"], bool(series["all_day"])
    wall = on.wall if on.is_date or is_day else to_wall(on.utc, zone)
    days = (wall[:_DAY], wall[:_DAY])
    found = instances(times_of(series), zone, recurrence_of(series), days, excepted(series))
    keys = [one.key for one in found if _is_at(one.times.start_wall, wall) or one.key == key_of(wall)]
    return keys or [key for key, image in changed.items() if _is_at(image["start_wall"], wall)]


def _is_at(start: str, wall: str) -> bool:
    return key_of(start) == key_of(wall) if len(start) > _DAY < len(wall) else start[:_DAY] == wall[:_DAY]


def _edit(writer: Writer, place: Place, scope: Scope, values: Values) -> None:
    if scope == "this":
        _edit_this(writer, place, values)
    elif scope == "all" or place.is_first:
        writer.update("event", place.series["id"], _of_series(place, values))
    else:
        _edit_following(writer, place, values)


def _edit_this(writer: Writer, place: Place, values: Values) -> None:
    if "rrule" in values:
        raise UsageError("one occurrence has no recurrence of its own", hint="--following or --all changes the series")
    if place.changed:
        writer.update("event", place.changed["id"], dict(values))
        return
    like = likeness(place.series, _TIMES | _OF_SERIES) | _living(place.series, writer)
    complete = {**values, **_times(place.series, place.key, values), "recurrence_id": place.key}
    writer.create("event", complete, intent=OCCURRENCE, like=like)


def _edit_following(writer: Writer, place: Place, values: Values) -> None:
    """End the series before an occurrence and begin another one with it, which takes along what was changed later."""
    series, key = place.series, place.key
    times = _times(series, key, values)
    start = _wall(times["start_at"], series["zone"])
    rekey = rekeying(key, start)
    later = _changed_from(writer, place)
    like = likeness(series, _TIMES | _OF_SERIES | {"ical_uid"}) | _living(series, writer)
    left, more = _left(series, key), [rekey(one) for one in further(series) if one > key]
    rule = turned(left, key, start) if left else ONCE if more else None
    given = {"rrule": rule, **values, **times, "rdates": more}
    given["exdates"] = [rekey(one) for one in excepted(series) if one >= key]
    _end_before(writer, place)
    made = writer.create("event", given, intent=NEW_RULE if "rrule" in values else OCCURRENCE, like=like)
    for image in later:
        moved = {"ical_uid": made.record["ical_uid"], "recurrence_id": rekey(key_of_changed(image, series))}
        moved |= inherited(image, series, made.record, writer)
        writer.update("event", image["id"], moved, intent=OCCURRENCE)


def _keys(series: Image) -> Iterator[str]:
    """Yield the keys of all occurrences of a series, of those that do not take place as well."""
    yield from _keys_of(series, recurrence_of(series))


def _keys_of(series: Image, recurrence: str) -> Iterator[str]:
    for moment in walk(datetime.fromisoformat(series["start_wall"]), recurrence, series["zone"]):
        yield key_at(moment, is_day=bool(series["all_day"]))


def _left(series: Image, key: str) -> str:
    """Return what is left of the rule of a series from an occurrence on."""
    passed = sum(1 for _ in takewhile(lambda earlier: earlier < key, _keys_of(series, series["rrule"])))
    return without_first(series["rrule"], passed)


def _end_before(writer: Writer, place: Place) -> None:
    series = place.series
    rule = ended_before(series["rrule"], place.key, series["zone"]) if _left(series, place.key) else series["rrule"]
    kept, also = ([key for key in keys if key < place.key] for keys in (excepted(series), further(series)))
    ended = {"rrule": rule, "exdates": kept, "rdates": also}
    writer.update("event", series["id"], ended, intent=OCCURRENCE)


def _changed_from(writer: Writer, place: Place) -> list[Image]:
    """Return the occurrences changed on their own that the series has from one occurrence on."""
    found = changed_ones(place.series, writer)
    return [image for image in found if key_of_changed(image, place.series) >= place.key]


def _times(series: Image, key: str, values: Values) -> dict[str, Moment]:
    """Return when the occurrence with a key takes place: at its time or at a new one, and as long as the others."""
    start, zone = values.get("start_at"), series["zone"]
    if isinstance(start, Moment):
        if start.is_date != bool(series["all_day"]):
            return {"start_at": start}  # another kind: as long as such an event is by itself
        key = start.wall if start.is_date else to_wall(start.utc, zone)
    times = moved_to(times_of(series), zone, key)
    found = {"start_at": _moment(times.start_wall, times.start_at, zone)}
    end = values.get("end_at")
    found["end_at"] = end if isinstance(end, Moment) else _moment(times.end_wall, times.end_at, zone)
    return found


def _of_series(place: Place, values: Values) -> dict[str, Any]:
    """Return values for the whole series: a new time of one occurrence moves the first one by as much."""
    start, end, zone = values.get("start_at"), values.get("end_at"), place.series["zone"]
    if not isinstance(start, Moment) and not isinstance(end, Moment):
        return dict(values)
    times = _times(place.series, place.key, values)
    if "end_at" not in times:
        return dict(values)
    walls = [_wall(times[name], zone) for name in ("start_at", "end_at")]
    here = Times(walls[0], walls[1], times["start_at"].utc, times["end_at"].utc)
    first = moved_to(here, zone, rekeying(place.key, walls[0])(key_of(place.series["start_wall"])))
    moved = {"start_at": _moment(first.start_wall, first.start_at, zone)}
    return {**values, **moved, "end_at": _moment(first.end_wall, first.end_at, zone)}


def _wall(moment: Moment, zone: str) -> str:
    return moment.wall if moment.is_date else to_wall(moment.utc, zone)


def _moment(wall: str, at: str, zone: str) -> Moment:
    return Moment(wall, len(wall) == _DAY, at, zone)


def _living(series: Image, writer: Writer) -> dict[str, Any]:
    return {name: living(series[name], writer) for name in ("links", "attendees")}
