"""Events to be reminded of: on their day, and by their own reminders or those of the settings before they begin."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from json import dumps, loads
from typing import NamedTuple

from crmcli import clock
from crmcli.domain.series import Times
from crmcli.domain.triggers import reach_s
from crmcli.domain.zones import local_date, to_utc, to_wall
from crmcli.queries.occurrences import Row, Span, events_between, shifted
from crmcli.queries.watch import Thing, Watch, before, due

_DAY = len("2026-03-20")
_OWN = "SELECT id, reminders FROM event WHERE reminders IS NOT NULL AND deleted_at IS NULL"
_STATES = "SELECT id, status, created_at FROM event WHERE id IN (SELECT value FROM json_each(?))"


class _Event(NamedTuple):
    """An instance of an event. ``start`` and ``until`` are local, ``end`` is a stored instant."""

    id: int
    start: str
    until: str | None
    end: str
    occasions: dict[str, str]


def watched_events(con: sqlite3.Connection, watch: Watch) -> Iterator[Thing]:
    """Yield the instances of events with an occasion up to now; those that are over as the watch says."""
    own = {record_id: loads(text) for record_id, text in con.execute(_OWN)}
    found = events_between(con, _span(watch, own))
    ids = dumps(sorted({int(str(row["id"])) for row, _ in found}))
    states = {record_id: state for record_id, *state in con.execute(_STATES, (ids,))} if found else {}
    for row, times in found:
        event = _event(row, times, watch, own.get(int(str(row["id"])), watch.settings.before))
        is_over = event.end <= clock.now_text()
        occasions = _late(event, watch, *states[event.id]) if is_over else event.occasions
        urgency = "missed" if is_over else "today" if event.start[:_DAY] <= watch.today else "ahead"
        yield Thing("event", "event", event.id, event.start, urgency, due(occasions), event.until)


def _span(watch: Watch, own: Mapping[int, Sequence[object]]) -> Span:
    """Return the days on which an event can lie that one tells of now."""
    triggers = [*watch.settings.before, *(str(trigger) for each in own.values() for trigger in each)]
    ahead = clock.now() + timedelta(seconds=max(map(_reach_s, triggers), default=0))
    first = min(watch.today, local_date(watch.since, watch.zone)) if watch.since else watch.today
    return Span(first, local_date(clock.stored(ahead), watch.zone), watch.zone, watch.user)


def _reach_s(trigger: str) -> int:
    try:
        return reach_s(trigger)
    except ValueError:
        return 0


def _event(row: Row, times: Times, watch: Watch, triggers: Sequence[object]) -> _Event:
    record_id, zone = int(str(row["id"])), watch.zone
    if row["all_day"]:
        start, until = times.start_wall[:_DAY], None
        end = to_utc(shifted(times.end_wall[:_DAY], 1), zone)
        occasions = {f"{start} day": watch.begin_of(start)} | before(triggers, start, zone, start)
    else:
        start, until, end = to_wall(times.start_at, zone), to_wall(times.end_at, zone), times.end_at
        occasions = {f"{start} day": min(watch.begin_of(start[:_DAY]), times.start_at)}
        occasions |= before(triggers, times.start_wall, str(row["zone"]), start)
    return _Event(record_id, start, until, end, occasions)


def _late(event: _Event, watch: Watch, status: str, created_at: str) -> dict[str, str]:
    """Return the occasions of an event that is over: those nobody could tell of in time, if it is still planned."""
    if watch.since is None or status != "planned":
        return {}
    return {name: at for name, at in event.occasions.items() if at > watch.since and created_at <= event.end}
