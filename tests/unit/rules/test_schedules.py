"""When rules by time fall due, and which anchors can be meant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.clock import stored
from crmcli.config.service_levels import read_calendar
from crmcli.rules.schedules import Schedule, anchors_between, due_at
from tests.unit.rules.world import rule, understood

WEEK = {day: ["09:00-13:00", "14:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
CALENDAR = read_calendar({"zone": "Europe/Rome", **WEEK, "holidays": ["2026-04-06"]})


def schedule(anchor: str = "closed_at", offset: str = "+14d", **keys: str) -> Schedule:
    table = ", ".join(f'{key} = "{text}"' for key, text in {"anchor": anchor, "offset": offset, **keys}.items())
    ((ready,), mistakes) = understood(rule(on='["deal.time"]', time=f"{{ {table} }}"))
    assert mistakes == []
    assert ready.schedule is not None
    return ready.schedule


@pytest.mark.parametrize(
    ("found", "anchor", "due"),
    [
        (schedule(), "2026-03-18T11:00:00Z", "2026-04-01T10:00:00Z"),  # wall time is kept across the change of clock
        (schedule(offset="+20min"), "2026-03-29T00:50:00Z", "2026-03-29T01:10:00Z"),
        (schedule(offset="-2w"), "2026-03-18T11:00:00Z", "2026-03-04T11:00:00Z"),
        (schedule(offset="+1m"), "2026-01-31T11:00:00Z", "2026-02-28T11:00:00Z"),
        (schedule("expected_close", "+1d"), "2026-03-18", "2026-03-18T23:00:00Z"),
        (schedule("expected_close", "+1d", at="08:00"), "2026-03-18", "2026-03-19T07:00:00Z"),
        (schedule(offset="+1d", at="08:00"), "2026-03-18T11:00:00Z", "2026-03-20T07:00:00Z"),
        (schedule(offset="+1d", at="14:00"), "2026-03-18T11:00:00Z", "2026-03-19T13:00:00Z"),
        (schedule(offset="+1d", at="02:30"), "2026-03-27T11:00:00Z", "2026-03-29T01:30:00Z"),  # a gap
        (schedule(offset="+2d", calendar="business"), "2026-03-19T21:00:00Z", "2026-03-23T08:00:00Z"),
        (schedule(offset="+2d", calendar="business", at="08:00"), "2026-03-19T06:00:00Z", "2026-03-23T07:00:00Z"),
        (schedule("expected_close", "+1d", calendar="business", at="08:00"), "2026-04-05", "2026-04-07T06:00:00Z"),
        (schedule(offset="+2bd"), "2026-03-19T15:00:00Z", "2026-03-23T15:00:00Z"),
        (schedule(offset="+4h", zone="America/New_York", at="09:00"), "2026-03-18T11:00:00Z", "2026-03-19T13:00:00Z"),
        (schedule(offset="+9999y"), "2026-03-18T11:00:00Z", "9999"),
    ],
)
def test_due(found: Schedule, anchor: str, due: str) -> None:
    assert due_at(found, anchor, CALENDAR) == due


def test_without_business_hours_the_working_days_are_monday_to_friday() -> None:
    found = schedule(offset="+2d", calendar="business")
    assert due_at(found, "2026-03-19T21:00:00Z", None) == "2026-03-23T21:00:00Z"


SCHEDULES = [
    schedule(), schedule(offset="-60d"), schedule(offset="+1m", at="08:00"), schedule(offset="+2bd"),
    schedule(offset="+3h", calendar="business"), schedule(offset="+2d", calendar="business", at="07:30"),
]  # fmt: skip


@given(
    st.sampled_from(SCHEDULES),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.integers(1, 20_000),
    st.datetimes(datetime(2025, 6, 1), datetime(2027, 7, 1)),
)
def test_no_anchor_that_is_due_is_missed(found: Schedule, start: datetime, minutes: int, moment: datetime) -> None:
    after, upto, anchor = (
        stored(one.replace(tzinfo=UTC, microsecond=0)) for one in (start, start + timedelta(minutes=minutes), moment)
    )
    first, last = anchors_between(found, after, upto, CALENDAR)
    if after < due_at(found, anchor, CALENDAR) <= upto:
        assert first <= anchor <= last


@pytest.mark.parametrize(
    ("table", "key", "reason"),
    [
        ('{ anchor = "updated_at", offset = "+1d" }', "time.anchor", "updated_at moves with every write"),
        ('{ anchor = "next_step_due", offset = "+1d" }', "time.anchor", "the rule sets next_step_due itself"),
        ('{ anchor = "name", offset = "+1d" }', "time.anchor", "name is neither a date nor a time"),
        ('{ anchor = "closd_at", offset = "+1d" }', "time.anchor", "deal has no field 'closd_at'"),
        ('{ anchor = "closed_at" }', "time.offset", "is missing"),
        ('{ offset = "+1d" }', "time.anchor", "is missing"),
        ('{ anchor = "closed_at", offset = "soon" }', "time.offset", "'soon' is not an offset"),
        ('{ anchor = "closed_at", offset = "+4bh" }', "time.offset", "+4bh needs business hours"),
        ('{ anchor = "closed_at", offset = "+1d", at = "25:00" }', "time.at", "'25:00' is no time of day"),
        ('{ anchor = "closed_at", offset = "+1d", zone = "Rome" }', "time.zone", "no time zone 'Rome'"),
        ('{ anchor = "closed_at", offset = "+1d", calendar = "work" }', "time.calendar", "'work' is not one"),
        ('{ anchor = "closed_at", offset = "+1d", when = "x" }', "time.when", "there is no such key"),
        ('{ cron = "0 25 * * *" }', "time.cron", "'25' is no hour"),
        ('{ cron = "0 8 * * *", at = "08:00" }', "time.at", "does not go with cron"),
    ],
)
def test_4_mistakes_of_time(table: str, key: str, reason: str) -> None:
    """Complaint 4: an anchor that the rule's own write moves is refused."""
    do = '{ action = "set", values = { next_step_due = "+7d" } }'
    ready, mistakes = understood(rule(on='["deal.time"]', time=table, do=do))
    assert ready == []
    assert [(mistake.place.key, mistake.reason[: len(reason)]) for mistake in mistakes] == [(key, reason)]


def test_nobody_is_at_the_keyboard_when_a_rule_falls_due() -> None:
    time = '{ cron = "0 8 * * *" }'
    _, mistakes = understood(rule(on='["deal.time"]', time=time, when='"owner = me"'))
    assert "nobody is at the keyboard" in str(mistakes[0])
    assert understood(rule(on='["deal.time"]', time=time, when='"owner = me"', **{"as": '"anna"'}))[1] == []
