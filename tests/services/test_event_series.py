"""Recurring events: one occurrence, it and the later ones, or all are moved, called off or deleted."""

from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.clock import now
from crmcli.domain.dates import Moment, parse_moment
from crmcli.errors import CrmError, NotFoundError, RefusedError, UsageError
from crmcli.queries.occurrences import Span, events_between
from crmcli.services import event_series, events, records
from crmcli.services.event_series import Scope
from crmcli.store.reader import open_reader
from tests.services.world import Store

ROME = "Europe/Rome"
TUESDAYS = ["2026-03-24T10:00", "2026-03-31T10:00", "2026-04-07T10:00", "2026-04-14T10:00", "2026-04-21T10:00"]


def moment(wall: str, zone: str = ROME) -> Moment:
    return parse_moment(wall, now(), zone)


def weekly(store: Store, start: str = "2026-03-24 10:00", rule: str = "FREQ=WEEKLY;COUNT=5", **more: Any) -> int:
    return store.add("event", {"title": "Stand-up", "start_at": moment(start), "rrule": rule, **more})


def starts(store: Store, first: str = "2026-03-01", last: str = "2026-12-31") -> list[str]:
    """Return when the events of the days that are not called off begin, in order."""
    with closing(open_reader(store.path, ROME)) as con:
        return sorted(times.start_wall for _, times in events_between(con, Span(first, last, ROME)))


def edit(store: Store, event: int, on: str | None, scope: Scope, **values: Any) -> int:
    """Change occurrences and return the number of the record that was made, or else changed, last."""
    result = event_series.edit(store.context(), event, moment(on) if on else None, scope, values)
    created = [saved.id for saved in result.saved if saved.action == "create"]
    return created[0] if created else result.saved[-1].id


def test_one_is_moved(store: Store) -> None:
    contact = store.add("contact", last_name="Rossi")
    guests = [{"entity": "contact", "record_id": contact}]
    event = weekly(store, tags=["team"], attendees=guests, links=guests, end_at=moment("2026-03-24 10:45"))
    other = edit(store, event, "2026-04-07", "this", start_at=moment("2026-04-08 15:00"))
    assert starts(store) == [*TUESDAYS[:2], "2026-04-08T15:00", *TUESDAYS[3:]]
    row, shown = store.row("event", other), store.shown("event", other)
    assert (row["recurrence_id"], row["rrule"], row["end_wall"]) == ("2026-04-07T10:00", None, "2026-04-08T15:45")
    assert row["ical_uid"] == store.row("event", event)["ical_uid"]
    assert (shown["title"], shown["tags"], len(shown["attendees"]), len(shown["links"])) == ("Stand-up", ["team"], 1, 1)


def test_one_that_was_moved_is_found_by_its_new_day_and_by_its_old(store: Store) -> None:
    event = weekly(store)
    other = edit(store, event, "2026-04-07", "this", start_at=moment("2026-04-08 15:00"))
    for on in ("2026-04-08", "2026-04-07", "2026-04-08 15:00"):
        assert edit(store, event, on, "this", location=on) == other
    assert edit(store, other, None, "this", location="Rome") == other
    assert store.count("event") == 2


def test_one_is_called_off_and_one_deleted(store: Store) -> None:
    event = weekly(store)
    event_series.cancel(store.context(), event, moment("2026-03-31"), "this")
    event_series.remove(store.context(), event, moment("2026-04-07"), "this")
    assert starts(store) == [TUESDAYS[0], *TUESDAYS[3:]]
    assert store.shown("event", event)["exdates"] == ["2026-04-07T10:00"]
    assert store.shown("event", event + 1)["status"] == "cancelled"


def test_what_was_moved_does_not_come_back_when_it_is_deleted(store: Store) -> None:
    event = weekly(store)
    other = edit(store, event, "2026-04-07", "this", start_at=moment("2026-04-08 15:00"))
    records.remove(store.context(), "event", [other])
    assert starts(store) == [*TUESDAYS[:2], *TUESDAYS[3:]]


def test_following_splits_the_series(store: Store) -> None:
    event = weekly(store)
    edit(store, event, "2026-04-14", "this", location="Rome")
    event_series.remove(store.context(), event, moment("2026-04-21"), "this")
    other = edit(store, event, "2026-04-07", "following", start_at=moment("2026-04-08 11:00"))
    assert starts(store) == [*TUESDAYS[:2], "2026-04-08T11:00", "2026-04-14T10:00"]
    first, second = store.row("event", event), store.row("event", other)
    assert first["rrule"] == "FREQ=WEEKLY;UNTIL=20260407T075959Z"
    assert second["rrule"] == "FREQ=WEEKLY;COUNT=3"
    assert second["ical_uid"] not in (None, first["ical_uid"])
    (changed,) = store.rows("SELECT * FROM event WHERE recurrence_id IS NOT NULL")
    assert (changed["ical_uid"], changed["recurrence_id"]) == (second["ical_uid"], "2026-04-15T11:00")
    assert (first["exdates"], store.shown("event", other)["exdates"]) == (None, ["2026-04-22T11:00"])


def test_golden_5_h(store: Store) -> None:
    event = weekly(store, rule="FREQ=WEEKLY")
    other = edit(store, event, "2026-04-07", "following", title="Later")
    records.remove(store.context(), "event", [other])
    assert starts(store) == TUESDAYS[:2]


def test_following_of_the_first_is_all(store: Store) -> None:
    event = weekly(store)
    assert edit(store, event, "2026-03-24", "following", title="All") == event
    event_series.remove(store.context(), event, moment("2026-03-24"), "following")
    assert store.count("event") == 0


def test_all_take_along_what_was_changed(store: Store) -> None:
    event = weekly(store, end_at=moment("2026-03-24 10:45"))
    edit(store, event, "2026-04-07", "this", start_at=moment("2026-04-08 15:00"))
    event_series.remove(store.context(), event, moment("2026-04-14"), "this")
    edit(store, event, "2026-03-31", "all", start_at=moment("2026-03-31 09:00"))
    assert starts(store) == ["2026-03-24T09:00", "2026-03-31T09:00", "2026-04-08T15:00", "2026-04-21T09:00"]
    assert store.row("event", event)["end_wall"] == "2026-03-24T09:45"
    store.edit("event", event, start_at=moment("2026-03-24"))
    assert starts(store) == ["2026-03-24", "2026-03-31", "2026-04-08T15:00", "2026-04-21"]


def test_the_weekdays_of_a_rule_move_along(store: Store) -> None:
    event = weekly(store, "2026-03-23 10:00", "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4")
    edit(store, event, "2026-03-26", "all", start_at=moment("2026-03-27 10:00"))
    assert starts(store) == ["2026-03-24T10:00", "2026-03-27T10:00", "2026-03-31T10:00", "2026-04-03T10:00"]
    assert store.row("event", event)["rrule"] == "FREQ=WEEKLY;BYDAY=TU,FR;COUNT=4"
    monthly = weekly(store, "2026-03-27 10:00", "FREQ=MONTHLY;BYDAY=-1FR")
    with pytest.raises(RefusedError, match="is not every month on the last Friday; --every says another"):
        edit(store, monthly, "2026-04-24", "following", start_at=moment("2026-04-23 10:00"))


def test_a_new_rule_from_one_on(store: Store) -> None:
    event = weekly(store, rule="FREQ=WEEKLY")
    edit(store, event, "2026-04-07", "following", rrule="FREQ=WEEKLY;BYDAY=FR;COUNT=2")
    assert starts(store) == [*TUESDAYS[:2], "2026-04-10T10:00", "2026-04-17T10:00"]


def test_a_series_keeps_its_zone(store: Store) -> None:
    event = store.add(
        "event", title="Call", start_at=moment("2026-03-20 10:00", "America/New_York"), rrule="FREQ=WEEKLY;COUNT=2"
    )
    other = edit(store, event, "2026-03-27", "this", start_at=moment("2026-03-27 16:00"))
    row = store.row("event", other)
    assert (row["start_wall"], row["zone"]) == ("2026-03-27T11:00", "America/New_York")
    store.edit("event", event, start_at=moment("2026-03-20 16:00"))
    row = store.row("event", event)
    assert (row["start_wall"], row["zone"]) == ("2026-03-20T11:00", "America/New_York")


def test_the_first_time_is_one_of_the_rule(store: Store) -> None:
    values = {"title": "Lunch", "start_at": moment("2026-04-01 12:00"), "rrule": "FREQ=MONTHLY;BYDAY=-1FR"}
    result = events.add(store.context(), values)
    told = "begins on 2026-04-24 12:00: 2026-04-01 12:00 is not every month on the last Friday"
    assert result.warnings == (told,)
    assert store.row("event", result.saved[0].id)["end_wall"] == "2026-04-24T13:00"
    with pytest.raises(RefusedError, match="ends before it begins"):
        weekly(store, rule="FREQ=WEEKLY;UNTIL=20260301")


def test_a_start_that_is_likely_a_slip_is_told(store: Store) -> None:
    assert events.add(store.context(), {"title": "A", "start_at": moment("2026-03-17 10:00")}).warnings == (
        "start 2026-03-17 10:00 is in the past",
    )
    assert events.add(store.context(), {"title": "A", "start_at": moment("2062-03-20")}).warnings == (
        "start 2062-03-20 is more than two years ahead",
    )
    held = {"title": "A", "start_at": moment("2026-03-17 10:00"), "status": "held"}
    assert events.add(store.context(), held).warnings == ()


def test_calling_off_a_series_calls_off_what_was_changed_in_it(store: Store) -> None:
    event = weekly(store)
    edit(store, event, "2026-04-07", "this", start_at=moment("2026-04-08 15:00"))
    events.cancel(store.context(), [event])
    assert starts(store) == []


@pytest.mark.parametrize(
    ("on", "error", "said"),
    [
        ("2026-04-08", NotFoundError, "no occurrence of E. '2026-04-08'"),
        ("2026-04-07 11:00", NotFoundError, "'2026-04-07 11:00'"),
        (None, UsageError, "which occurrence"),
    ],
)
def test_an_occurrence_that_is_none(store: Store, on: str | None, error: type[CrmError], said: str) -> None:
    event = weekly(store)
    with pytest.raises(error, match=said):
        edit(store, event, on, "this", title="X")
    with pytest.raises(UsageError, match="does not recur"):
        edit(store, store.add("event", title="Once", start_at=moment("2026-04-07")), "2026-04-07", "this", title="X")
    with pytest.raises(UsageError, match="no recurrence of its own"):
        edit(store, event, "2026-04-07", "this", rrule="FREQ=DAILY")


def test_an_occurrence_of_a_day_with_several_is_named_by_its_time(store: Store) -> None:
    event = weekly(store, "2026-03-24 10:00", "FREQ=HOURLY;INTERVAL=2;COUNT=3")
    with pytest.raises(UsageError, match="3 times on 2026-03-24"):
        edit(store, event, "2026-03-24", "this", title="X")
    event_series.remove(store.context(), event, moment("2026-03-24 12:00"), "this")
    assert starts(store) == ["2026-03-24T10:00", "2026-03-24T14:00"]


RULES = st.sampled_from([
    "FREQ=DAILY;COUNT=12", "FREQ=WEEKLY;COUNT=6", "FREQ=WEEKLY;BYDAY=TU,FR;UNTIL=20260430", "FREQ=MONTHLY;COUNT=4",
    "FREQ=DAILY;INTERVAL=2;UNTIL=20260415T090000Z",
])  # fmt: skip


@settings(max_examples=20)
@given(RULES, st.integers(0, 30), st.sampled_from(["edit", "cancel", "remove"]), st.booleans())
def test_this_following_and_all_part_the_series(store: Store, rule: str, place: int, deed: str, changed: bool) -> None:
    event = weekly(store, rule=rule)
    whole = starts(store)
    before = store.export()
    on = moment(whole[place % len(whole)])
    results = []
    if changed:
        results.append(event_series.edit(store.context(), event, moment(whole[-1]), "this", {"location": "Rome"}))
    state = store.export()
    expected = {
        "this": [start for start in whole if start != on.wall],
        "following": [start for start in whole if start < on.wall],
        "all": [],
    }
    for scope in ("this", "following", "all"):
        if deed == "edit":
            done = event_series.edit(store.context(), event, on, scope, {"title": "Another", "status": "planned"})
            assert starts(store) == whole
            assert starts_of(store, "Another") == [one for one in whole if one not in expected[scope]]
        else:
            take = event_series.cancel if deed == "cancel" else event_series.remove
            done = take(store.context(), event, on, scope)
            assert starts(store) == expected[scope]
        store.undo(done)
        assert store.export() == state
    for result in results:
        store.undo(result)
    assert store.export() == before
    records.remove(store.context(), "event", [event])


def starts_of(store: Store, title: str) -> list[str]:
    with closing(open_reader(store.path, ROME)) as con:
        found = events_between(con, Span("2026-03-01", "2026-12-31", ROME))
    return sorted(times.start_wall for row, times in found if row["title"] == title)


def test_a_series_of_a_file_whose_start_is_none_of_its_times_is_split_as_well(store: Store) -> None:
    values = {"title": "Lunch", "start_at": moment("2026-04-01 12:00"), "rrule": "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"}
    event = store.add("event", values, intent="import")
    edit(store, event, "2026-05-29", "following", title="Later")
    assert starts(store) == ["2026-04-24T12:00", "2026-05-29T12:00", "2026-06-26T12:00"]
    assert starts_of(store, "Later") == ["2026-05-29T12:00", "2026-06-26T12:00"]
