from typing import Any

import pytest

from crmcli.clock import now
from crmcli.domain.dates import Moment, parse_moment
from crmcli.errors import RefusedError
from crmcli.services import events
from tests.services.world import Store


def moment(wall: str, zone: str = "Europe/Rome") -> Moment:
    return parse_moment(wall, now(), zone)


def planned(store: Store, start: str = "2026-03-20T09:00", end: str | None = None, **values: Any) -> int:
    ends = {"end_at": moment(end)} if end else {}
    result = events.add(store.context(), {"title": "Demo", "start_at": moment(start), **ends, **values})
    return result.saved[0].id


def walls(store: Store, event: int) -> tuple[str, str]:
    row = store.row("event", event)
    return row["start_wall"], row["end_wall"]


def test_an_event_lasts_an_hour_or_its_day(store: Store) -> None:
    event = planned(store)
    assert walls(store, event) == ("2026-03-20T09:00", "2026-03-20T10:00")
    row = store.row("event", event)
    assert (row["start_at"], row["end_at"]) == ("2026-03-20T08:00:00Z", "2026-03-20T09:00:00Z")
    assert (row["zone"], row["organiser_id"], row["ical_uid"]) == ("Europe/Rome", store.user(), row["uid"])
    day = planned(store, "2026-03-20")
    assert walls(store, day) == ("2026-03-20", "2026-03-20")
    assert store.row("event", day)["all_day"] == 1


def test_a_start_is_required_and_the_end_comes_after_it(store: Store) -> None:
    with pytest.raises(RefusedError, match="start_at: is required"):
        events.add(store.context(), {"title": "Demo"})
    with pytest.raises(RefusedError, match="2026-03-20 08:00 is before the start 2026-03-20 09:00"):
        planned(store, end="2026-03-20T08:00")
    with pytest.raises(RefusedError, match="either both days or both have a time"):
        planned(store, end="2026-03-21")
    assert walls(store, planned(store, end="2026-03-20T09:00"))[1] == "2026-03-20T09:00"


@pytest.mark.parametrize(
    ("start", "end", "moved", "expected"),
    [
        ("2026-03-20T09:00", "2026-03-20T11:30", "2026-03-21T14:00", "2026-03-21T16:30"),
        ("2026-03-20", "2026-03-22", "2026-03-28", "2026-03-30"),
        ("2026-03-20T09:00", "2026-03-20T11:30", "2026-03-21", "2026-03-21"),
        ("2026-03-20", "2026-03-22", "2026-03-21T14:00", "2026-03-21T15:00"),
    ],
)
def test_an_event_that_is_moved_keeps_its_length(store: Store, start: str, end: str, moved: str, expected: str) -> None:
    event = planned(store, start, end)
    store.edit("event", event, start_at=moment(moved))
    assert walls(store, event) == (moved, expected)
    assert store.row("event", event)["end_at"] == moment(expected).utc
    assert store.row("event", event)["all_day"] == int(len(moved) == 10)


def test_start_and_end_show_one_zone(store: Store) -> None:
    event = planned(store)
    store.edit("event", event, end_at=moment("2026-03-20T06:00", "America/New_York"))
    row = store.row("event", event)
    assert (row["zone"], row["start_wall"], row["end_wall"]) == (
        "America/New_York",
        "2026-03-20T04:00",
        "2026-03-20T06:00",
    )
    store.edit("event", event, end_at=None)
    assert store.row("event", event)["zone"] == "America/New_York"


def test_who_comes(store: Store) -> None:
    contact = store.add("contact", last_name="Rossi")
    anna = store.user()
    values = {"title": "Demo", "start_at": moment("2026-03-20")}
    who = [("user", anna), ("contact", contact), ("user", anna)]
    event = events.add(store.context(), values, [("contact", contact)], who).saved[0].id
    rows = store.rows("SELECT entity, record_id, response FROM attendee WHERE event_id = ?", event)
    assert [tuple(row.values()) for row in rows] == [("user", anna, "none"), ("contact", contact, "none")]
    with pytest.raises(RefusedError, match="attendees: there is no lead L9"):
        events.add(store.context(), values, attendees=[("lead", 9)])
    with pytest.raises(RefusedError, match="'deal' is not one of user, contact, lead"):
        events.add(store.context(), values, attendees=[("deal", 1)])


def test_held_or_not(store: Store) -> None:
    event = planned(store)
    events.hold(store.context(), [event])
    assert store.row("event", event)["status"] == "held"
    events.hold(store.context(), [event], was_held=False)
    assert store.row("event", event)["status"] == "not_held"
    cancelled = events.cancel(store.context(), [event])
    assert events.cancel(store.context(), [event]).warnings == (f"E{event} is cancelled already",)
    store.undo(cancelled)
    assert store.row("event", event)["status"] == "not_held"


def test_undo_restores_everything(store: Store) -> None:
    event = planned(store)
    before = store.export()
    results = [
        store.edit(
            "event", event, {"start_at": moment("2026-04-01"), "attendees": [{"entity": "user", "record_id": 1}]}
        ),
        events.cancel(store.context(), [event]),
    ]
    for result in reversed(results):
        store.undo(result)
    assert store.export() == before
