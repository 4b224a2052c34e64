"""Writes events, tasks and expected closes of deals as a calendar (iCalendar, RFC 5545); ``ical`` reads it.

Times stand in the zone they were meant in, each zone being defined at the head of the file; whole days have none. What
iCalendar has no word for is a parameter or property of ours, which other programs pass over.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from crmcli.domain.zones import to_utc
from crmcli.formats.content_writing import component, content_line, escape

SHARED = ("uid", "status", "rrule", "reminders", "description", "tags", "links", "created_at", "updated_at")
COLUMNS = {
    "event": (
        "title", "start_at", "start_wall", "end_at", "end_wall", "zone", "all_day", "location", "join_url",
        "visibility", "organiser", "ical_uid", "sequence_no", "exdates", "rdates", "recurrence_id", "attendees",
        *SHARED,
    ),
    "task": (
        "subject", "start_on", "due_at", "due_is_date", "due_wall", "due_zone", "completed_at", "priority", "assignee",
        *SHARED,
    ),
    "deal": ("name", "expected_close", "stage", "probability", "amount", "organization", "created_at", "updated_at"),
}  # fmt: skip
OWN_CLOSE = "X-CRMCLI-CLOSE"  # property: that it stands for the day when a deal is expected to close, and is no event
OWN_WORD = "X-CRMCLI-VALUE"  # parameter: the value in our words
OWN_UID = "X-CRMCLI-UID"  # parameter: the identity of a person; property: ours of an event that came with another UID
OWN_KIND = "X-CRMCLI-KIND"  # parameter: what the person or record is
OWN_ROLE = "X-CRMCLI-ROLE"  # parameter: of a link
OWN_MAIN = "X-CRMCLI-MAIN"  # parameter: of the main link
OWN_USER = "X-CRMCLI-USER"  # property: the handle of who organizes or does it
OWN_ZONE = "X-CRMCLI-ZONE"  # property: the zone of days and of times in UTC
OWN_LINK = "X-CRMCLI-LINK"  # property: a record it is about
NOBODY = "invalid:nomail"  # address of somebody who has none

PRODUCT = "-//crmcli//crmcli//EN"
_FIRST, _LAST, _AHEAD = 1970, 2100, 20  # years
_UTC = "UTC"
_STATUSES = {
    "planned": "CONFIRMED", "held": "CONFIRMED", "not_held": "CANCELLED", "cancelled": "CANCELLED",
    "todo": "NEEDS-ACTION", "doing": "IN-PROCESS", "waiting": "IN-PROCESS", "done": "COMPLETED",
}  # fmt: skip
_UNSAID = frozenset({"held", "not_held", "waiting", "team"})  # what a reader would take for another word of ours
_CLASSES = {"public": "PUBLIC", "team": "PRIVATE", "private": "PRIVATE"}
_PRIORITIES = {"urgent": "1", "high": "2", "normal": "5", "low": "6"}
_ANSWERS = {"none": "NEEDS-ACTION", "accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED"}
_WALL = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?", re.ASCII)
_RULE = re.compile(r"[A-Z0-9=;,:+-]+", re.ASCII)
_TRIGGER = re.compile(r"[+-]?P[0-9DHMSTW]+|\d{8}T\d{6}Z", re.ASCII)
_ONE_DAY = timedelta(days=1)

Row = Mapping[str, Any]
Write = Callable[[str], object]
MailOf = Callable[[str, str], str]


class Years(NamedTuple):
    """The days between which times lie, for the definitions of their zones."""

    first: date
    last: date


def years_of(first: int, last: int) -> Years:
    """Return from when to when zones are defined for times between two years: the future of recurrences included."""
    begin = min(max(first, _FIRST), _LAST - 1)
    return Years(date(begin, 1, 1), date(min(max(last, _FIRST) + _AHEAD, _LAST), 1, 1))


def write_calendar(components: Iterable[str], zones: Iterable[str], years: Years, write: Write) -> int:
    """Write components (see ``component_of``) as one calendar; return how many there were.

    ``zones`` are all the zones that occur in them.
    """
    write(f"BEGIN:VCALENDAR\r\n{content_line('VERSION', '2.0')}{content_line('PRODID', PRODUCT)}")
    for zone in zones:
        write(zone_of_calendar(zone, years))
    count = 0
    for count, text in enumerate(components, start=1):  # noqa: B007 - counted
        write(text)
    write("END:VCALENDAR\r\n")
    return count


def component_of(entity: str, row: Row, mail_of: MailOf) -> str:
    """Return a presented event, task or deal (with ``COLUMNS``, portable) as a component: VEVENT or VTODO.

    ``mail_of`` gives the e-mail of a person by kind and ref, empty for none.
    """
    name, lines = _COMPONENTS[entity]
    written: list[str] = []
    component(name, lines(row, mail_of), written.append)
    return "".join(written)


@lru_cache(maxsize=256)
def zone_of_calendar(name: str, years: Years) -> str:
    """Return the definition of a zone, which a calendar must have for each that it names (3.6.5)."""
    from icalendar import Timezone

    found: str = Timezone.from_tzid(name, first_date=years.first, last_date=years.last).to_ical().decode()
    return found


def _event(row: Row, mail_of: MailOf) -> Iterator[str]:
    yield content_line("UID", escape(row["ical_uid"] or row["uid"]))
    if row["ical_uid"] != row["uid"] or row["recurrence_id"]:
        yield content_line(OWN_UID, row["uid"])
    yield from _stamps(row)
    if row["sequence_no"]:
        yield content_line("SEQUENCE", str(row["sequence_no"]))
    zone = row["zone"]
    if _is(_WALL, row["recurrence_id"]):
        yield _time("RECURRENCE-ID", row["recurrence_id"], zone)
    if row["all_day"]:
        last = date.fromisoformat(row["end_wall"]) + _ONE_DAY
        yield _time("DTSTART", row["start_wall"], zone)
        yield _time("DTEND", last.isoformat(), zone)
    else:
        yield _time("DTSTART", row["start_wall"], zone, row["start_at"])
        yield _time("DTEND", row["end_wall"], zone, row["end_at"])
    if row["all_day"] or zone == _UTC:
        yield content_line(OWN_ZONE, zone)
    yield content_line("SUMMARY", escape(row["title"]))
    yield from _texts(row, {"LOCATION": "location"})
    if address := row["join_url"]:
        is_plain = not re.search(r"[\\\r\n]", address)
        yield content_line("CONFERENCE", address if is_plain else escape(address), {"VALUE": "URI"})
    yield _word("CLASS", row["visibility"], _CLASSES)
    yield from _common(row)
    yield from (_time("EXDATE", wall, zone) for wall in _each(_WALL, row["exdates"]))
    yield from (_time("RDATE", wall, zone) for wall in _each(_WALL, row["rdates"]))
    if row["organiser"]:
        yield content_line(OWN_USER, escape(row["organiser"]))
        address = _address(mail_of("user", row["organiser"]))
        yield content_line("ORGANIZER", address, {"CN": row["organiser"], OWN_KIND: "user"})
    for person in row["attendees"]:
        said = {"CN": person["name"], "PARTSTAT": _ANSWERS.get(person["response"]), OWN_KIND: person["entity"]}
        known = person["ref"] if person["entity"] == "user" else person["uid"]
        yield content_line("ATTENDEE", _address(mail_of(person["entity"], person["ref"])), said | {OWN_UID: known})
    yield from _alarms(row, row["title"])


def _task(row: Row, _: MailOf) -> Iterator[str]:
    yield content_line("UID", row["uid"])
    yield from _stamps(row)
    due, zone, is_day = row["due_wall"], row["due_zone"], row["due_is_date"]
    if row["start_on"]:  # of the same type as DUE (3.8.2.3)
        yield _time("DTSTART", row["start_on"] if is_day or not due else f"{row['start_on']}T00:00", zone)
    if due:
        yield _time("DUE", due, zone, None if is_day else row["due_at"])
        if is_day or zone == _UTC:
            yield content_line(OWN_ZONE, zone)
    if row["completed_at"]:
        yield content_line("COMPLETED", _compact(row["completed_at"]))
    yield content_line("SUMMARY", escape(row["subject"]))
    yield content_line("PRIORITY", _PRIORITIES[row["priority"]])
    if row["assignee"]:
        yield content_line(OWN_USER, escape(row["assignee"]))
    yield from _common(row)
    yield from _alarms(row, row["subject"])


def _close(row: Row, _: MailOf) -> Iterator[str]:
    """Yield the day on which an open deal is expected to close, which takes nobody's time."""
    day = row["expected_close"]
    yield content_line("UID", f"{row['uid']}-close")
    yield content_line(OWN_CLOSE, row["ref"])
    yield from _stamps(row)
    yield _time("DTSTART", day, _UTC)
    yield _time("DTEND", (date.fromisoformat(day) + _ONE_DAY).isoformat(), _UTC)
    yield content_line("SUMMARY", escape(f"Expected to close: {row['name']}"))
    yield content_line("TRANSP", "TRANSPARENT")
    amount = f"{row['amount']} {row['currency']}" if row["amount"] is not None else None
    odds = f"{row['probability']} %" if row["probability"] is not None else None
    said = [text for text in (row["organization"], row["stage"], amount, odds) if text]
    if said:
        yield content_line("DESCRIPTION", escape(" · ".join(map(str, said))))


_COMPONENTS: Mapping[str, tuple[str, Callable[[Row, MailOf], Iterator[str]]]] = {
    "event": ("VEVENT", _event),
    "task": ("VTODO", _task),
    "deal": ("VEVENT", _close),
}


def _stamps(row: Row) -> Iterator[str]:
    yield content_line("DTSTAMP", _compact(row["updated_at"]))
    yield content_line("CREATED", _compact(row["created_at"]))
    yield content_line("LAST-MODIFIED", _compact(row["updated_at"]))


def _common(row: Row) -> Iterator[str]:
    yield _word("STATUS", row["status"], _STATUSES)
    yield from _texts(row, {"DESCRIPTION": "description"})
    if row["tags"]:
        yield content_line("CATEGORIES", ",".join(map(escape, row["tags"])))
    if _is(_RULE, row["rrule"]):
        yield content_line("RRULE", row["rrule"])
    for link in row["links"]:
        main = "TRUE" if link["is_main"] else None
        said = {"CN": link["name"], OWN_KIND: link["entity"], OWN_MAIN: main, OWN_ROLE: link["role"]}
        yield content_line(OWN_LINK, link["uid"], said)


def _alarms(row: Row, title: str) -> Iterator[str]:
    for trigger in _each(_TRIGGER, row["reminders"]):
        kind = {"VALUE": "DATE-TIME"} if trigger.endswith("Z") else {}
        yield "BEGIN:VALARM\r\nACTION:DISPLAY\r\n" + content_line("TRIGGER", trigger, kind)
        yield content_line("DESCRIPTION", escape(title)) + "END:VALARM\r\n"


def _is(form: re.Pattern[str], value: object) -> bool:
    """Say whether a value is text of a form that needs no escape; any other would not stay inside of its property."""
    return isinstance(value, str) and form.fullmatch(value) is not None


def _each(form: re.Pattern[str], values: object) -> list[str]:
    return [value for value in values if _is(form, value)] if isinstance(values, list) else []


def _texts(row: Row, properties: Mapping[str, str]) -> Iterator[str]:
    return (content_line(name, escape(row[key])) for name, key in properties.items() if row[key])


def _word(name: str, value: str, words: Mapping[str, str]) -> str:
    """Return a property in the words of iCalendar; where those say less, ours stand beside them."""
    return content_line(name, words[value], {OWN_WORD: value if value in _UNSAID else None})


def _time(name: str, wall: str, zone: str, instant: str | None = None) -> str:
    """Return a property of a day, or of a wall time in a zone; in UTC where the wall time means another instant."""
    if "T" not in wall:
        return content_line(name, wall.replace("-", ""), {"VALUE": "DATE"})
    if instant and to_utc(wall, zone) != instant:
        return content_line(name, _compact(instant))
    clock = _compact(wall)
    return content_line(name, clock if len(clock) > len("20260320T0900") else f"{clock}00", {"TZID": zone})


def _compact(time: str) -> str:
    return time.replace("-", "").replace(":", "")


def _address(mail: str) -> str:
    return f"mailto:{mail}" if mail and not re.search(r"\s", mail) else NOBODY
