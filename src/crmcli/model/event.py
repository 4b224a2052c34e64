"""Event: an appointment at a local time, for any number of records and people."""

from typing import ClassVar

from crmcli.model.columns import boolean, enum, instant, integer, json, ref, text
from crmcli.model.fragments import LINKS, REFERENCES, TAGS, linked_records
from crmcli.model.record import COUNTED, Collection, Described, Input, Owned, stored


class EventBase(Input):
    """What an event is made of. Wall times with ``zone`` are what was meant."""

    about: ClassVar[Described] = Described(
        "event", "event", "E", "Event", "events", "r.title",
        ("ref", "title", "start_at", "end_at", "location", "status", "main"),
        linked_records("event"),
        (TAGS, LINKS, REFERENCES, Collection("attendees", "rows", "Attendees")),
    )  # fmt: skip

    title: str = text("Title", required=True)
    start_at: str = instant(
        "Start",
        required=True,
        index=True,
        option=True,
        shown="CASE r.all_day WHEN 1 THEN substr(r.start_wall, 1, 10) ELSE r.start_at END",
    )
    start_wall: str = text("Start, local", required=True, writable=False)
    end_at: str = instant(
        "End",
        required=True,
        option=True,
        shown="CASE r.all_day WHEN 1 THEN substr(r.end_wall, 1, 10) ELSE r.end_at END",
    )
    end_wall: str = text("End, local", required=True, writable=False)
    zone: str = text("Time zone", required=True, writable=False)
    all_day: int = boolean("All day", writable=False)
    location: str | None = text("Location", option=True)
    join_url: str | None = text("Join address")
    status: str = enum("Status", "event_status", default="planned", option=True)
    visibility: str = enum("Visibility", "event_visibility", default="public")
    organiser_id: int | None = ref("Organiser", "user", "app_user")
    ical_uid: str | None = text("iCalendar UID", index=True, writable=False)
    sequence_no: int = integer("iCalendar sequence", default=0, writable=False)
    rrule: str | None = text("Recurrence", option=True, aliases=("every",))
    exdates: str | None = json("Excepted dates")
    rdates: str | None = json("Further dates")
    recurrence_id: str | None = text("Recurrence id", writable=False)
    reminders: str | None = json("Reminders")
    description: str | None = text("Description", long=True, option=True)


@stored
class Event(EventBase, Owned, table=True):
    """The stored event."""

    __tablename__ = "event"
    __table_args__ = COUNTED
