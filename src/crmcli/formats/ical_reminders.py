"""Writes reminders as a calendar (iCalendar, RFC 5545): appointments as events, all else as things to do.

Times stand in UTC, days as days. Whole tasks and events are written by ``ical_files``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

from crmcli.domain.zones import to_utc
from crmcli.formats.content_writing import component, content_line, escape

Row = Mapping[str, object]


def write_reminders(rows: Iterable[Row], zone: str, at: str, write: Callable[[str], object]) -> None:
    """Write presented reminders as one calendar; ``zone`` is that of their times, ``at`` a stored instant."""
    write("BEGIN:VCALENDAR\r\n" + content_line("VERSION", "2.0") + content_line("PRODID", "-//crmcli//crmcli//EN"))
    for row in rows:
        component("VEVENT" if row["kind"] == "event" else "VTODO", _lines(row, zone, at), write)
    write("END:VCALENDAR\r\n")


def _lines(row: Row, zone: str, at: str) -> Iterator[str]:
    day, time = str(row["day"]), row["time"]
    yield content_line("UID", f"remind-{row['uid']}-{day}{str(time or '').replace(':', '')}")
    yield content_line("DTSTAMP", _compact(at))
    yield content_line("SUMMARY", escape(f"{row['ref']} {row['title']}"))
    if told := [str(row[key]) for key in ("about", "detail", "last_contact") if row[key]]:
        yield content_line("DESCRIPTION", escape("\n".join(told)))
    begin, end = ("DTSTART", "DTEND") if row["kind"] == "event" else ("DUE", "")
    yield _time(begin, f"{day}T{time}" if time else day, zone)
    if end and time and (until := str(row["until"] or "")):
        yield _time(end, until.replace(" ", "T") if " " in until else f"{day}T{until}", zone)
    elif end:
        yield _time(end, (date.fromisoformat(day) + timedelta(1)).isoformat(), zone)


def _time(name: str, wall: str, zone: str) -> str:
    if "T" in wall:
        return content_line(name, _compact(to_utc(wall, zone)))
    return content_line(name, _compact(wall), {"VALUE": "DATE"})


def _compact(time: str) -> str:
    return time.replace("-", "").replace(":", "")
