"""Series of events: the days they touch, across changes of the clock, at their ends and with instances left out."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.recurrence import MOST
from crmcli.domain.series import Times, instances, last_day
from crmcli.domain.zones import to_utc

ROME = "Europe/Rome"


def timed(start: str, end: str, zone: str = ROME) -> Times:
    return Times(start, end, to_utc(start, zone), to_utc(end, zone))


def starts(
    first: Times, rule: str, days: tuple[str, str], zone: str = ROME, left_out: tuple[str, ...] = ()
) -> list[str]:
    return [one.times.start_at for one in instances(first, zone, rule, days, left_out)]


def test_a_week_keeps_its_wall_time_over_a_change_of_the_clock() -> None:  # semantics 5.a
    first = timed("2026-03-23T10:00", "2026-03-23T11:00")
    assert starts(first, "FREQ=WEEKLY", ("2026-03-23", "2026-03-30")) == [
        "2026-03-23T09:00:00Z",
        "2026-03-30T08:00:00Z",
    ]
    first = timed("2026-10-19T10:00", "2026-10-19T11:00")
    assert starts(first, "FREQ=WEEKLY", ("2026-10-19", "2026-10-26")) == [
        "2026-10-19T08:00:00Z",
        "2026-10-26T09:00:00Z",
    ]


def test_an_hour_that_does_not_exist_moves_forward() -> None:  # semantics 5.b
    first = timed("2026-03-27T02:30", "2026-03-27T03:00")
    found = instances(first, ROME, "FREQ=DAILY", ("2026-03-29", "2026-03-30"))
    assert [(one.key, one.times.start_wall) for one in found] == [
        ("2026-03-29T02:30", "2026-03-29T03:30"),
        ("2026-03-30T02:30", "2026-03-30T02:30"),
    ]


def test_an_hour_that_exists_twice_happens_once() -> None:
    first = timed("2026-10-24T02:30", "2026-10-24T03:00")
    assert starts(first, "FREQ=DAILY", ("2026-10-25", "2026-10-25")) == ["2026-10-25T00:30:00Z"]


def test_days_that_a_month_lacks_are_skipped_and_the_last_day_is_not() -> None:  # semantics 5.c, 5.d
    first = Times("2026-01-31", "2026-01-31", to_utc("2026-01-31", ROME), to_utc("2026-01-31", ROME))
    window = ("2026-01-01", "2026-07-31")
    by_number = [one.key for one in instances(first, ROME, "FREQ=MONTHLY;BYMONTHDAY=31", window)]
    assert by_number == ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]
    last = [one.key for one in instances(first, ROME, "FREQ=MONTHLY;BYMONTHDAY=-1", ("2026-01-01", "2026-04-30"))]
    assert last == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_an_end_in_utc_is_compared_in_wall_time() -> None:
    first = timed("2026-03-23T10:00", "2026-03-23T11:00")
    rule = "FREQ=DAILY;UNTIL=20260331T080000Z"  # ten o'clock on the 31st, after the clock changed
    assert starts(first, rule, ("2026-03-30", "2026-04-30")) == ["2026-03-30T08:00:00Z", "2026-03-31T08:00:00Z"]


def test_what_is_left_out_is_left_out_and_still_counted() -> None:
    first = timed("2026-03-02T09:00", "2026-03-02T10:00")
    found = starts(first, "FREQ=WEEKLY;COUNT=3", ("2026-03-01", "2026-12-31"), left_out=("2026-03-09T09:00:00",))
    assert found == ["2026-03-02T08:00:00Z", "2026-03-16T08:00:00Z"]


def test_an_instance_that_began_the_day_before_is_seen_until_it_ends() -> None:
    night = timed("2026-03-02T22:00", "2026-03-03T06:00")
    assert starts(night, "FREQ=WEEKLY", ("2026-03-03", "2026-03-03")) == ["2026-03-02T21:00:00Z"]
    until_midnight = timed("2026-03-02T22:00", "2026-03-03T00:00")
    assert starts(until_midnight, "FREQ=WEEKLY", ("2026-03-03", "2026-03-03")) == []
    assert last_day(until_midnight) == "2026-03-02"


def test_an_endless_series_ends() -> None:
    first = timed("2020-01-01T00:00", "2020-01-01T00:30")
    assert len(instances(first, ROME, "FREQ=HOURLY", ("2020-01-01", "2030-01-01"))) == MOST


@given(
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY", "FREQ=DAILY;INTERVAL=3"]),
    st.integers(0, 200),
    st.integers(0, 60),
)
def test_windows_put_together_hold_what_the_whole_holds(rule: str, offset: int, length: int) -> None:
    first = timed("2026-03-02T09:00", "2026-03-02T10:00")
    begin = date(2026, 3, 1) + timedelta(offset)
    middle, end = begin + timedelta(length), begin + timedelta(2 * length + 1)
    whole = starts(first, rule, (begin.isoformat(), end.isoformat()))
    parts = starts(first, rule, (begin.isoformat(), middle.isoformat()))
    parts += starts(first, rule, ((middle + timedelta(1)).isoformat(), end.isoformat()))
    assert parts == whole
