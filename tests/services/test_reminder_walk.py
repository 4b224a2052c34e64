"""The clock walks on minute by minute, over both changes of the clock, a month end and days of downtime.

Every reminder is told exactly once, whatever the clock on the wall does.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from crmcli import clock
from crmcli.clock import stored
from crmcli.domain.dates import Moment, parse_moment
from crmcli.domain.zones import to_utc, wall_shown
from crmcli.services import events
from tests.services.reminded import Reminded
from tests.services.world import Store

MINUTE = timedelta(minutes=1)


@dataclass
class Walk:
    """A store in a zone, whose clock goes on; ``told`` has a line for each occasion, with the local time."""

    reminded: Reminded
    zone: str

    def add(self, entity: str, **values: object) -> int:
        return self.reminded.store.add(entity, values)

    def moment(self, wall: str) -> Moment:
        return parse_moment(wall, clock.now(), self.zone)

    def event(self, wall: str, **values: object) -> None:
        events.add(self.reminded.store.context(), {"title": "Demo", "start_at": self.moment(wall), **values})

    def go(self, start: str, end: str) -> None:
        """Tell what is new at every minute from one wall time to another."""
        moment, last = (datetime.fromisoformat(to_utc(wall, self.zone)) for wall in (start, end))
        while moment <= last:
            clock.fix(stored(moment))
            self.reminded.tell()
            moment += MINUTE

    @property
    def told(self) -> list[str]:
        letters = {"task": "T", "event": "E", "contact": "C", "deal": "D"}
        return [
            f"{wall_shown(at, self.zone)[5:]} {letters[thing.entity]}{thing.id} {name[5:]}"
            for at, thing in self.reminded.told
            for name in sorted(thing.occasions)
        ]


@pytest.fixture
def walk(store: Store, request: pytest.FixtureRequest) -> Iterator[Walk]:
    zone = getattr(request, "param", "Europe/Rome")
    clock.fix("2026-03-01T00:00:00+00:00")
    made = Walk(Reminded(replace(store, settings=store.settings._replace(timezone=zone)), is_walking=True), zone)
    yield made
    made.reminded.close()
    clock.fix(None)


def check_once(walk: Walk, *expected: str) -> None:
    assert Counter(walk.told) == Counter(expected)
    before = len(walk.told)
    walk.reminded.tell()
    assert len(walk.told) == before


@pytest.mark.parametrize(
    ("walk", "day"),
    [
        ("Europe/Rome", "2026-03-29"),
        ("Europe/Rome", "2027-03-28"),
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2027-03-14"),
    ],
    indirect=["walk"],
)
def test_the_hour_that_does_not_exist_moves_forward(walk: Walk, day: str) -> None:
    before = (datetime.fromisoformat(day) - timedelta(1)).date().isoformat()
    after = (datetime.fromisoformat(day) + timedelta(1)).date().isoformat()
    walk.event(f"{before}T02:30", rrule="FREQ=DAILY;COUNT=3")
    walk.add("task", subject="In the gap", due_at=walk.moment(f"{day}T02:10"))
    walk.add("task", subject="A day", due_at=walk.moment(day))
    walk.add("contact", full_name="Luca", next_contact_on=day)
    walk.go(f"{before}T00:00", f"{after}T05:00")
    d, b, a = day[5:], before[5:], after[5:]
    check_once(
        walk,
        f"{b} 00:00 E1 {b}T02:30 day", f"{b} 02:15 E1 {b}T02:30 15min",
        f"{d} 00:00 E1 {d}T03:30 day", f"{d} 03:15 E1 {d}T03:30 15min",
        f"{a} 00:00 E1 {a}T02:30 day", f"{a} 02:15 E1 {a}T02:30 15min",
        f"{d} 00:00 T1 {d}T03:10 due", f"{d} 03:10 T1 {d}T03:10 late",
        f"{d} 00:00 T2 {d} due", f"{a} 00:00 T2 {d} late",
        f"{d} 00:00 C1 {d} follow_up",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("walk", "day"),
    [
        ("Europe/Rome", "2026-10-25"),
        ("Europe/Rome", "2027-10-31"),
        ("America/New_York", "2026-11-01"),
        ("America/New_York", "2027-11-07"),
    ],
    indirect=["walk"],
)
def test_the_hour_that_comes_twice_is_told_once(walk: Walk, day: str) -> None:
    hour = "02" if walk.zone == "Europe/Rome" else "01"
    before = (datetime.fromisoformat(day) - timedelta(1)).date().isoformat()
    after = (datetime.fromisoformat(day) + timedelta(1)).date().isoformat()
    walk.event(f"{before}T{hour}:30", rrule="FREQ=DAILY;COUNT=3")
    walk.event(f"{after}T{hour}:30", reminders=["-P1D"])
    walk.add("task", subject="Twice", due_at=walk.moment(f"{day}T{hour}:10"), reminders=["-PT30M"])
    walk.add("task", subject="A day", due_at=walk.moment(day))
    walk.go(f"{before}T00:00", f"{after}T05:00")
    d, b, a = day[5:], before[5:], after[5:]
    early = f"{int(hour) - 1:02}:40"
    check_once(
        walk,
        f"{b} 00:00 E1 {b}T{hour}:30 day", f"{b} {hour}:15 E1 {b}T{hour}:30 15min",
        f"{d} 00:00 E1 {d}T{hour}:30 day", f"{d} {hour}:15 E1 {d}T{hour}:30 15min",
        f"{a} 00:00 E1 {a}T{hour}:30 day", f"{a} {hour}:15 E1 {a}T{hour}:30 15min",
        f"{d} {hour}:30 E2 {a}T{hour}:30 -P1D", f"{a} 00:00 E2 {a}T{hour}:30 day",
        f"{d} 00:00 T1 {d}T{hour}:10 due", f"{d} {early} T1 {d}T{hour}:10 -PT30M",
        f"{d} {hour}:10 T1 {d}T{hour}:10 late",
        f"{d} 00:00 T2 {d} due", f"{a} 00:00 T2 {d} late",
    )  # fmt: skip


def test_a_month_end(walk: Walk) -> None:
    walk.event("2027-01-31T09:00", rrule="FREQ=MONTHLY;BYMONTHDAY=31", reminders=["PT0S"])
    walk.add("task", subject="Close the month", due_at=walk.moment("2027-01-31"))
    walk.add("task", subject="Bill", due_at=walk.moment("2027-02-28T23:59"))
    walk.go("2027-01-30T12:00", "2027-02-01T12:00")
    walk.go("2027-02-28T12:00", "2027-03-01T12:00")
    walk.go("2027-03-30T12:00", "2027-04-01T12:00")
    check_once(
        walk,
        "01-31 00:00 E1 01-31T09:00 day", "01-31 09:00 E1 01-31T09:00 PT0S",
        "01-31 00:00 T1 01-31 due", "02-01 00:00 T1 01-31 late",
        "02-28 12:00 T2 02-28T23:59 due", "02-28 23:59 T2 02-28T23:59 late",
        "03-31 00:00 E1 03-31T09:00 day", "03-31 09:00 E1 03-31T09:00 PT0S",
    )  # fmt: skip


def test_three_days_of_downtime(walk: Walk) -> None:
    walk.event("2026-11-10T10:00")
    walk.event("2026-11-11T10:00")  # nobody was there to tell of it
    walk.event("2026-11-13T15:00", reminders=["-P4D"])
    for number in range(5):
        walk.add("task", subject=f"Task {number}", due_at=walk.moment(f"2026-11-{9 + number:02}"))
    walk.add("task", subject="Timed", due_at=walk.moment("2026-11-12T12:00"))
    walk.go("2026-11-09T14:00", "2026-11-10T09:50")
    assert [line for line in walk.told if "E" in line] == [
        "11-09 15:00 E3 11-13T15:00 -P4D", "11-10 00:00 E1 11-10T10:00 day", "11-10 09:45 E1 11-10T10:00 15min"
    ]  # fmt: skip
    walk.reminded.told.clear()
    walk.go("2026-11-13T09:50", "2026-11-13T14:40")
    first = [line for line in walk.told if line.startswith("11-13 09:50")]
    assert first == walk.told  # all that was missed comes at once, and once
    walk.go("2026-11-13T14:41", "2026-11-14T12:00")
    check_once(
        walk,
        "11-13 09:50 E2 11-11T10:00 15min", "11-13 09:50 E2 11-11T10:00 day", "11-13 09:50 E3 11-13T15:00 day",
        "11-13 09:50 T2 11-10 late", "11-13 09:50 T3 11-11 due", "11-13 09:50 T3 11-11 late",
        "11-13 09:50 T4 11-12 due", "11-13 09:50 T4 11-12 late", "11-13 09:50 T5 11-13 due",
        "11-13 09:50 T6 11-12T12:00 due", "11-13 09:50 T6 11-12T12:00 late",
        "11-14 00:00 T5 11-13 late",
    )  # fmt: skip


def test_a_clock_that_is_set_back_repeats_nothing(walk: Walk) -> None:
    walk.add("task", subject="Call", due_at=walk.moment("2026-11-10T10:00"))
    walk.event("2026-11-10T11:00")
    walk.go("2026-11-10T09:00", "2026-11-10T12:00")
    before = len(walk.told)
    walk.go("2026-11-09T09:00", "2026-11-10T12:00")
    assert len(walk.told) == before
