"""Cron expressions: which are understood, and when they last came, across changes of the clock too."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.clock import stored
from crmcli.domain.cron import last_time, parse_cron

ROME = "Europe/Rome"
LONG_AGO = "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "upto", "expected"),
    [
        ("0 8 * * *", "2026-03-18T11:00:00Z", "2026-03-18T07:00:00Z"),
        ("0 8 * * *", "2026-03-18T06:59:59Z", "2026-03-17T07:00:00Z"),
        ("*/15 * * * *", "2026-03-18T11:14:00Z", "2026-03-18T11:00:00Z"),
        ("0 9 * * mon-fri", "2026-03-22T11:00:00Z", "2026-03-20T08:00:00Z"),
        ("0 9 * * 0", "2026-03-18T11:00:00Z", "2026-03-15T08:00:00Z"),
        ("0 9 * * 7", "2026-03-18T11:00:00Z", "2026-03-15T08:00:00Z"),
        ("0 9 1 * *", "2026-03-18T11:00:00Z", "2026-03-01T08:00:00Z"),
        ("0 9 1 feb,jan *", "2026-03-18T11:00:00Z", "2026-02-01T08:00:00Z"),
        ("0 9 13 * fri", "2026-03-18T11:00:00Z", "2026-03-13T08:00:00Z"),  # either day is enough
        ("0 9 2 * fri", "2026-03-05T11:00:00Z", "2026-03-02T08:00:00Z"),
        ("5-10/5,50 9 * * *", "2026-03-18T11:00:00Z", "2026-03-18T08:50:00Z"),
        ("@monthly", "2026-03-18T11:00:00Z", "2026-02-28T23:00:00Z"),
        ("30 2 * * *", "2026-03-29T10:00:00Z", "2026-03-29T01:30:00Z"),  # the gap moves it on to half past three
        ("30 2 * * *", "2026-10-25T10:00:00Z", "2026-10-25T00:30:00Z"),  # of the two, the first
        ("0 0 29 2 *", "2026-03-18T11:00:00Z", None),
    ],
)
def test_the_last_time(text: str, upto: str, expected: str | None) -> None:
    assert last_time(parse_cron(text), LONG_AGO, upto, ROME) == expected


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *", "*/0 * * * *",
     "a * * * *", "* * * mon *", "0 0 30 2 *", "0 0 31 4,6 *", "1-2-3 * * * *", "-1 * * * *", "@never", "² * * * *"],
)  # fmt: skip
def test_what_is_no_cron(text: str) -> None:
    with pytest.raises(ValueError, match=r"five fields|is no|ends before|that no month has"):
        parse_cron(text)


def test_a_window_without_a_time() -> None:
    assert last_time(parse_cron("0 8 * * *"), "2026-03-18T07:00:00Z", "2026-03-19T06:59:59Z", ROME) is None


@given(
    st.sampled_from(["30 2 * * *", "*/7 * * * *", "0 0 1 * *", "15 2,3 * * 0", "0 12 13 * fri"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    st.lists(st.integers(1, 4000), min_size=1, max_size=6),
)
def test_ticks_however_frequent_see_the_same_times(text: str, start: datetime, minutes: list[int]) -> None:
    """What several windows in a row see is what one long window sees last."""
    cron, edges = parse_cron(text), [stored(start.replace(tzinfo=UTC, microsecond=0))]
    for step in minutes:
        edges.append(stored(datetime.fromisoformat(edges[-1]) + timedelta(minutes=step)))
    seen = [last_time(cron, *pair, ROME) for pair in pairwise(edges)]
    times = [one for one in seen if one]
    assert times == sorted(set(times))
    assert last_time(cron, edges[0], edges[-1], ROME) == (times[-1] if times else None)


@given(st.text("0123456789*/,-abcdefghijklmnoprstuvwy ", max_size=20))
def test_any_text_is_a_cron_or_an_error(text: str) -> None:
    try:
        cron = parse_cron(text)
    except ValueError:
        return
    assert cron.minutes and cron.hours
