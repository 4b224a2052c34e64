"""Reads calendars (iCalendar, RFC 5545): every event and every to-do is a row of the columns in ``HEADER``.

Each component stands for itself: one that cannot be read becomes a row with its error. The lines are taken apart as
those of vCards are; the iCalendar library, which reads whole calendars and keeps their zones for the next one, is asked
only what zone a file defines. Recurrence rules are told, not expanded.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from io import TextIOWrapper
from typing import BinaryIO, Self

from crmcli.domain.lists import join
from crmcli.domain.recurrence import MOST, ONCE, normalise, occurrences
from crmcli.formats.content_lines import MAX_VALUE, Line, Record, Splitter, parse_line, parts, told, unescaped
from crmcli.formats.encodings import decide
from crmcli.formats.ical_files import (
    OWN_CLOSE,
    OWN_KIND,
    OWN_LINK,
    OWN_MAIN,
    OWN_ROLE,
    OWN_UID,
    OWN_USER,
    OWN_WORD,
    OWN_ZONE,
)
from crmcli.formats.ical_ranges import LATER, has_ranges, split_ranges
from crmcli.formats.ical_times import Time, Zones, parse_duration
from crmcli.formats.tabular import Row

HEADER = (
    "Type", "Id", "UID", "Recurrence-ID", "Sequence", "Summary", "Start", "End", "Due", "Completed", "Status",
    "Priority", "Class", "Location", "Conference", "Description", "Categories", "Organizer", "People", "Rule",
    "Excepted dates", "Further dates", "Reminders", "Created", "Web", "Attachments", "User", "Zone", "Attendees",
    "Links", "Other properties",
)  # fmt: skip
_PLACES = {name: place for place, name in enumerate(HEADER)}

_TYPES = {"VEVENT": "Event", "VTODO": "To-do"}
_ZONE = "VTIMEZONE"
_RECORDS = frozenset({*_TYPES, _ZONE, "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"})
_BOOKKEEPING = frozenset({"DTSTAMP", "LAST-MODIFIED", "DURATION"})
_TIMES = frozenset({"DTSTART", "DTEND", "DUE", "COMPLETED", "CREATED", "RECURRENCE-ID"})
_MOMENTS = {"Completed": "COMPLETED", "Created": "CREATED"}
_FIRST = frozenset({"PRIORITY", "ORGANIZER", "RRULE", OWN_UID})  # of these one counts
_EACH = frozenset({"DESCRIPTION", "CATEGORIES", "ATTENDEE", "EXDATE", "EXRULE", "RDATE", OWN_LINK})
_ALARM = "VALARM"
_MOST_ZONES = 500
_TEXTS = {
    "UID": "UID", "SEQUENCE": "Sequence", "SUMMARY": "Summary", "STATUS": "Status", "CLASS": "Class",
    "LOCATION": "Location", "URL": "Web", "CONFERENCE": "Conference", "X-GOOGLE-CONFERENCE": "Conference",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL": "Conference", OWN_USER: "User", OWN_ZONE: "Zone",
}  # fmt: skip
_LISTS = {"ATTACH": "Attachments"}
_TITLE = 80  # characters of a title taken from elsewhere
_ONE_DAY = timedelta(days=1)


class Calendar:
    """An open calendar, to be used as a context manager; see ``tabular.Table``."""

    delimiter = ""
    header_line = 0

    def __init__(self, stream: BinaryIO, label: str, *, encoding: str | None) -> None:
        codec, notice, errors = decide(stream, label, encoding, is_table=False)
        self.label = label
        self.encoding = codec.removesuffix("-sig")
        self.notices = [notice] if notice else []
        self.header = list(HEADER)
        self._text = TextIOWrapper(stream, encoding=codec, errors=errors)
        self.rows = split_ranges(self._rows(), HEADER) if has_ranges(self._text) else self._rows()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def _rows(self) -> Iterator[Row]:
        zones = Zones(self._definitions())
        splitter = Splitter(self._text, _RECORDS)
        left: Counter[str] = Counter()
        dated = 0
        for record in splitter.records():
            if _is_close(record):
                left["expected close of a deal"] += 1
            elif record.name in _TYPES or not record.name:
                row = _read(record, zones)
                dated += any(text[:5].upper() == "RDATE" and "/" in text.partition(":")[2] for _, text in record.lines)
                yield row
            elif record.name != _ZONE:
                left[record.name] += 1
        left += splitter.others
        del left["VCALENDAR"]
        if left:
            told = ", ".join(f"{name} ({count})" for name, count in sorted(left.items()))
            self.notices.append(f"{self.label}: neither events nor to-dos, and left out: {told}")
        if dated:
            told = f"further dates (RDATE) that are periods are as long as the event itself ({dated})"
            self.notices.append(f"{self.label}: {told}")
        for name in zones.unknown:
            self.notices.append(f"{self.label}: there is no time zone {name!r}: its times are read as local ones")

    def _definitions(self) -> dict[str, list[str]]:
        """Return the lines of the zones that the file defines, which may stand below the events that need them."""
        found: dict[str, list[str]] = {}
        for record in Splitter(self._text, frozenset({_ZONE})).records():
            lines = [text for _, text in record.lines]
            named = next((text[5:].strip() for text in lines if text[:5].upper() == "TZID:"), "")
            if named and len(found) < _MOST_ZONES and not record.problem:
                found.setdefault(named, [f"BEGIN:{_ZONE}", *lines, f"END:{_ZONE}"])
        self._text.seek(0)
        return found


def _is_close(record: Record) -> bool:
    """Say whether a component stands for a deal here, so that it is no event to be taken in."""
    return any(text.startswith(OWN_CLOSE) for _, text in record.lines)


def _read(record: Record, zones: Zones) -> Row:
    """Return the row of an event or a to-do; what is wrong with a property makes it one with an error."""
    item = _Item(record.name, zones)
    problems = [record.problem] if record.problem else []
    for line in _lines(record, problems, item):
        item.lines[line.name].append(line)
    for step in (item.take_times, item.take_texts, item.take_people, item.take_recurrence, item.take_rest):
        try:
            step()
        except (ValueError, OverflowError) as problem:
            problems.append(str(problem))
    cells = item.cells()
    if long := next((HEADER[place] for place, cell in enumerate(cells) if len(cell) > MAX_VALUE), ""):
        problems.append(f"{long}: more than {MAX_VALUE} characters")
    return Row(record.line, cells, told(problems))


def _lines(record: Record, problems: list[str], item: "_Item") -> Iterator[Line]:
    """Yield the properties of a component itself; of those inside it the alarms are heard and the others kept."""
    inside: list[str] = []
    for number, text in record.lines:
        if "\0" in text:
            problems.append(f"line {number}: a NUL character")
            continue
        edge, _, named = text.strip().upper().partition(":")
        if edge == "BEGIN":
            inside.append(named.strip())
            item.begin(inside, text)
        elif edge == "END":
            item.keep(inside, text)
            inside = inside[: -1 if inside else None]
        elif inside:
            item.keep(inside, text)
        elif text.strip():
            try:
                yield parse_line(text)
            except ValueError as problem:
                problems.append(f"line {number}: {problem}")
                item.others.append(text)


class _Item:
    """The columns of one event or to-do."""

    def __init__(self, name: str, zones: Zones) -> None:
        self.lines: defaultdict[str, list[Line]] = defaultdict(list)
        self.others: list[str] = []
        self._zones = zones
        self._reminders: list[str] = []
        self._start: Time | None = None
        self._columns: dict[str, str] = {"Type": _TYPES.get(name, "")}

    def begin(self, inside: Sequence[str], text: str) -> None:
        """Hear that a component begins."""
        if inside == [_ALARM]:
            self._reminders.append("")
        self.keep(inside, text)

    def keep(self, inside: Sequence[str], text: str) -> None:
        """Take a line of a component inside this one: when an alarm rings, and anything of another."""
        if inside[:1] != [_ALARM]:
            self.others.append(text)
        elif text[:7].upper() == "TRIGGER" and inside == [_ALARM]:
            self._reminders[-1] = self._reminders[-1] or text.rpartition(":")[2].strip()

    def take_times(self) -> None:
        """Take start, end and due; a time zone of the start is that of the whole."""
        self._start = start = self._time("DTSTART")
        self._columns["Start"] = start.text() if start else ""
        is_event = self._columns["Type"] == _TYPES["VEVENT"]
        end = self._time("DTEND" if is_event else "DUE") or self._end_by_duration(start, is_event)
        if start and end:
            end = end.within(start.zone)
        if is_event and start and end and start.is_day and end.is_day:  # exclusive there, the last day here
            end = end._replace(wall=max(start.wall, end.wall - _ONE_DAY))
        if is_event and start and end is None and not start.is_day:
            end = start  # RFC 5545, 3.6.1
        self._columns["End" if is_event else "Due"] = end.text() if end else ""
        self._columns |= {column: time.text() for column, name in _MOMENTS.items() if (time := self._time(name))}
        if original := self._time("RECURRENCE-ID"):
            self._columns["Recurrence-ID"] = original.within(start.zone if start else "").wall_text()

    def _time(self, name: str) -> Time | None:
        lines = self.lines.get(name)
        if not lines or not lines[0].value.strip():
            return None
        try:
            return self._zones.read(lines[0], lines[0].value)
        except ValueError as problem:
            raise ValueError(f"{name}: {problem}") from None

    def _end_by_duration(self, start: Time | None, is_event: bool) -> Time | None:
        lines = self.lines.get("DURATION")
        if not lines or start is None:
            return None
        try:
            days, clock = parse_duration(lines[0].value)
            return start.after(max(days, 1) if start.is_day and is_event else days, clock)
        except (ValueError, OverflowError) as problem:
            raise ValueError(f"DURATION: {problem}") from None

    def take_texts(self) -> None:
        """Take what is plain text, and give what has no title one."""
        columns = self._columns
        for name, column in _TEXTS.items():
            for line in self.lines.get(name, ())[:1]:
                columns[column] = columns.get(column) or line.parameter(OWN_WORD) or unescaped(line.value).strip()
        columns["Description"] = "\n\n".join(unescaped(line.value).strip() for line in self.lines["DESCRIPTION"])
        words = (unescaped(word).strip() for line in self.lines["CATEGORIES"] for word in parts(line.value, ","))
        columns["Categories"] = join([word for word in words if word], "\n")
        priority = "".join(line.value.strip() for line in self.lines["PRIORITY"][:1])
        columns["Priority"] = "" if priority == "0" else priority  # 0 is undefined
        if not columns.get("Summary"):
            first = (columns["Description"] or columns.get("Location", "")).strip().partition("\n")[0]
            columns["Summary"] = first[:_TITLE].strip() or (
                f"Untitled {columns['Type'].lower()}" if columns["Type"] else ""
            )
        original = "".join(line.value.strip() for line in self.lines["RECURRENCE-ID"][:1])
        uid = columns.get("UID", "")
        own = "".join(line.value.strip() for line in self.lines[OWN_UID][:1])
        columns["Id"] = own or (f"{uid}/{original}" if uid and original else uid)

    def take_people(self) -> None:
        """Take the organizer and the attendees: name, address, what they answered; attendees and links as rows too."""
        organizers = [_person(line) for line in self.lines["ORGANIZER"][:1] if not line.parameter(OWN_KIND)]
        attendees = [f"Attendee: {_person(line)}" for line in self.lines["ATTENDEE"] if not line.parameter(OWN_KIND)]
        invited = [_attendee(line) for line in self.lines["ATTENDEE"]]
        for column, rows in (("Attendees", invited), ("Links", [_link(line) for line in self.lines[OWN_LINK]])):
            self._columns[column] = json.dumps(rows, ensure_ascii=False) if rows else ""
        self._columns["Organizer"] = "".join(organizers)
        self._columns["People"] = "\n".join([*(f"Organizer: {one}" for one in organizers), *attendees])

    def take_recurrence(self) -> None:
        """Take the rule, and the dates it leaves out as wall times in the zone of the series."""
        ranges = [line.parameter("RANGE").upper() for line in self.lines["RECURRENCE-ID"][:1]]
        if ranges == [LATER]:
            self._columns["Recurrence-ID"] += f";{LATER}"  # ``ical_ranges`` makes it a series of its own
        elif any(ranges):
            raise ValueError(f"RECURRENCE-ID: a range {ranges[0]} is not read, only {LATER} or a single date")
        zone = self._start.zone if self._start else ""
        excepted = [
            self._zones.read(line, value).within(zone).wall_text()
            for line in self.lines["EXDATE"]
            for value in line.value.split(",")
            if value.strip()
        ]
        self._columns["Excepted dates"] = "\n".join(dict.fromkeys([*excepted, *self._excepted_by_rule()]))
        further = [*dict.fromkeys(self._further(zone))]
        if len(further) > MOST:
            raise ValueError(f"RDATE: more than {MOST:,} further dates; a rule says them")
        self._columns["Further dates"] = "\n".join(further)
        rules = self.lines["RRULE"]
        if rules or (further and self._columns["Type"] == _TYPES["VEVENT"]):
            self._columns["Rule"] = rules[0].value.strip() if rules else ONCE
            self._columns["Rule"] = normalise(self._columns["Rule"])
            if self._start and zone == "UTC":  # the series keeps the hour of that zone, wherever it is looked at
                for column in ("Start", "End", "Due"):
                    self._columns[column] = self._columns.get(column, "").replace("Z", "[UTC]")

    def _further(self, zone: str) -> Iterator[str]:
        """Yield the dates beside the rule: of an event as wall times of its kind, of a to-do as they stand."""
        start = self._start
        for line in self.lines["RDATE"]:
            if start is None or self._columns["Type"] != _TYPES["VEVENT"]:
                yield from [line.text] if line.value else []
                continue
            for value in filter(str.strip, line.value.split(",")):
                time = self._zones.read(line, value.partition("/")[0]).within(zone)
                if time.is_day and not start.is_day:
                    time = Time(datetime.combine(time.wall, start.wall.time()), zone)
                yield time._replace(is_day=start.is_day).wall_text()[: len("2026-03-20T09:00")]

    def _excepted_by_rule(self) -> Iterator[str]:
        """Yield the dates that a rule of exceptions (EXRULE, RFC 2445) gives; ValueError for one that does not end."""
        start, room = self._start, MOST
        for line in self.lines["EXRULE"]:
            rule = normalise(line.value)
            found = occurrences(start.wall, rule, room + 1) if start else []
            room -= len(found)
            if room < 0:
                raise ValueError(f"EXRULE: more than {MOST:,} excepted dates; a rule with an end, or EXDATE, says them")
            yield from (start._replace(wall=wall).wall_text() for wall in found if start)

    def take_rest(self) -> None:
        """Keep the properties that have no column, and further ones of those that have one value."""
        for name, column in _LISTS.items():
            lines = self.lines[name]
            self._columns[column] = "\n".join(line.value for line in lines if line.value)
        self._columns["Reminders"] = "\n".join(trigger or "PT0S" for trigger in self._reminders)
        for name, lines in self.lines.items():
            if name in _BOOKKEEPING or name in _LISTS or name in _EACH:
                continue
            known = name in _TIMES or name in _TEXTS or name in _FIRST
            self.others += [line.text for line in lines[1 if known else 0 :]]

    def cells(self) -> list[str]:
        """Return the cells in the order of ``HEADER``."""
        self._columns["Other properties"] = "\n".join(self.others)
        cells = [""] * len(HEADER)
        for name, value in self._columns.items():
            cells[_PLACES[name]] = value
        return cells


def _attendee(line: Line) -> dict[str, str]:
    """Return who is invited, as far as it is said: one of ours by handle or uid, anybody else by address."""
    kind, known = line.parameter(OWN_KIND), line.parameter(OWN_UID)
    who = {"ref" if kind == "user" else "uid": known, "entity": kind} if kind else {"email": _mail(line)}
    answer = line.parameter("PARTSTAT").lower()
    return {key: of for key, of in {**who, "name": line.parameter("CN"), "response": answer}.items() if of}


def _link(line: Line) -> dict[str, str]:
    """Return a record that an item of ours is about."""
    said = {"name": "CN", "entity": OWN_KIND, "is_main": OWN_MAIN, "role": OWN_ROLE}
    return {"uid": line.value.strip(), **{key: of for key, name in said.items() if (of := line.parameter(name))}}


def _mail(line: Line) -> str:
    """Return the address of an attendee or organizer, which need not be one of mail."""
    value = line.value.strip()
    return line.parameter("EMAIL") or (value[7:] if value[:7].lower() == "mailto:" else value)


def _person(line: Line) -> str:
    """Return ``Anna Rossi <anna@example.com> (accepted)`` of an attendee or organizer."""
    address, answer = _mail(line), line.parameter("PARTSTAT").lower()
    named = " ".join(line.parameter("CN").split())
    shown = f"{named} <{address}>" if named and named != address else address
    return f"{shown} ({answer})" if answer and answer != "needs-action" else shown
